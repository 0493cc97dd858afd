import { afterAll, beforeAll, expect, it } from 'vitest';
import { EYE_COLOURS } from '../../../src/dashboard/colours.ts';
import { browserSuite, PATIENT, type Picture, pictureOf, pixelAt, placesOf, textOf } from '../../support/browser.ts';
import { EyePage } from '../../support/eye-page.ts';
import { CLOSED, fixation, gazeEvent, type Look } from '../../support/fake-eyes.ts';
import { SCREEN } from '../../support/gaze.ts';

const TRAIL = '.plane canvas:not(.heat)';

/** The place of a gaze direction on the screen, as shares of width and height. */
function onScreen(xDeg: number, yDeg: number): [x: number, y: number] {
  const share = (deg: number, axis: 0 | 1): number =>
    0.5 + (Math.tan((deg * Math.PI) / 180) * SCREEN.distanceMm) / SCREEN.screenMm[axis];
  return [share(xDeg, 0), share(yDeg, 1)];
}

browserSuite('gaze panel of an eye tracker', () => {
  const eyes = new EyePage();
  beforeAll(() => eyes.start());
  afterAll(() => eyes.stop());

  /** A gaze that moves from left to right in 0.2 s once a second at this height of the screen, and then rests. */
  const across =
    (height: number) =>
    (s: number): Look => ({
      px: [480 + 960 * Math.min(1, (s % 1) / 0.2), height * 1080],
      mm: [3, 3],
    });
  /** Brightness of the trail halfway, beside the lines of the grid. */
  const halfway = (picture: Picture, height: number): number =>
    Math.max(...[-2, -1, 0, 1, 2].map((row) => pixelAt(picture, 0.52, height + row / picture.height)[0]));

  it('draws longer fixations hotter on the heat map, and lets them fade', async () => {
    await eyes.open();
    eyes.service.publish(...eyes.tracker.play(1, () => CLOSED));
    eyes.service.publish(
      gazeEvent(eyes.tracker.nowUs, 0, fixation(-8, 5, 900)),
      gazeEvent(eyes.tracker.nowUs, 0, fixation(10, -6, 250)),
    );
    const at = (heat: Picture, xDeg: number, yDeg: number) => pixelAt(heat, ...onScreen(xDeg, yDeg));
    let heat!: Picture;
    await expect
      .poll(async () => {
        heat = await pictureOf(eyes.page, '.heat');
        return at(heat, 10, -6)[3];
      }, PATIENT)
      .toBeGreaterThan(100);
    const [long, short] = [at(heat, -8, 5), at(heat, 10, -6)];
    expect(long[0]).toBeGreaterThan(220);
    expect(long[1]).toBeGreaterThan(100); // orange to yellow
    expect(short[0]).toBeLessThan(140); // violet
    expect(short[2]).toBeGreaterThan(80);
    for (const cold of [at(heat, 0, 0), at(heat, 8, 5), at(heat, -8, -5), at(heat, -10, -6)]) expect(cold[3]).toBe(0);

    // Three half-lives later.
    eyes.service.publish(...eyes.tracker.play(60, () => CLOSED));
    await expect.poll(async () => at(await pictureOf(eyes.page, '.heat'), -8, 5)[0], PATIENT).toBeLessThan(100);
    await expect.poll(() => textOf(eyes.page, '.gaze .note'), PATIENT).toContain('no eyes seen yet');
  });

  it('shows the present gaze and its trail', async () => {
    await eyes.open();
    let picture!: Picture;
    // Both eyes look at the same place, so the right eye's dot covers the left one's.
    await eyes.playUntil(across(0.25), async () => {
      picture = await pictureOf(eyes.page, TRAIL);
      const [r, g, b] = pixelAt(picture, 1440 / 1920, 0.25);
      const dot = `#${[r, g, b].map((value) => value.toString(16).padStart(2, '0')).join('')}`;
      return dot === EYE_COLOURS[1] && halfway(picture, 0.25) > 150;
    });
    expect(halfway(picture, 0.75)).toBeLessThan(100);
    const words = /now 11\.1° right, 6\.3° up/;
    await eyes.playUntil(
      () => across(0.25)(0.9),
      async () => words.test(await textOf(eyes.page, '.gaze .note')),
    );
  });

  it('has no trail without gaze, and says so', async () => {
    await eyes.open();
    const brightness = async (): Promise<number> => halfway(await pictureOf(eyes.page, TRAIL), 0.77);
    await eyes.playUntil(across(0.77), async () => (await brightness()) > 150);
    await eyes.playUntil(
      () => CLOSED,
      async () => (await textOf(eyes.page, '.gaze .note')).includes('not seen for 2 s'),
    );
    await expect.poll(brightness, PATIENT).toBeLessThan(100);
    const picture = await pictureOf(eyes.page, TRAIL);
    for (const colour of EYE_COLOURS) expect(placesOf(picture, colour)).toEqual([]);
  });
});

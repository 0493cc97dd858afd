import { afterAll, beforeAll, expect, it } from 'vitest';
import { EVENT_COLOURS } from '../../../src/dashboard/colours.ts';
import { browserSuite, PATIENT, type Picture, pictureOf, placesOf, textOf } from '../../support/browser.ts';
import { EyePage } from '../../support/eye-page.ts';
import { CLOSED, fixation, gazeEvent } from '../../support/fake-eyes.ts';

browserSuite('movements panel of an eye tracker', () => {
  const eyes = new EyePage();
  beforeAll(() => eyes.start());
  afterAll(() => eyes.stop());

  it('counts the movements of the last 30 s, and describes the latest of each kind', async () => {
    await eyes.open();
    eyes.service.publish(...eyes.tracker.play(40, () => CLOSED));
    const { nowUs } = eyes.tracker;
    const saccade = { type: 'saccade', duration_ms: 31, amplitude_deg: 5.24, peak_deg_s: 287.6 } as const;
    eyes.service.publish(
      ...[36, 9, 8, 7, 6, 5].map((agoS) => gazeEvent(nowUs, agoS, fixation(1, 1, 240 + agoS))),
      ...[33, 9, 8, 7].map((agoS) => gazeEvent(nowUs, agoS, saccade)),
      ...[8, 3].map((agoS) => gazeEvent(nowUs, agoS, { type: 'blink', duration_ms: 140 })),
      gazeEvent(nowUs, 4, { type: 'track_loss', duration_ms: 2300 }),
    );
    const rowOf = (kind: string) => eyes.page.locator(`tr[data-kind="${kind}"] td`).allInnerTexts();
    await expect.poll(() => rowOf('track_loss'), PATIENT).toEqual(['1', '2.0 / min', '2.3 s']);
    expect(await rowOf('fixation')).toEqual(['5', '0.2 / s', '245 ms']);
    expect(await rowOf('saccade')).toEqual(['3', '0.1 / s', '31 ms, 5.2°, 288 °/s']);
    expect(await rowOf('blink')).toEqual(['2', '4.0 / min', '140 ms']);
  });

  it('draws the movements of the last 10 s in rows, the newest at the right', async () => {
    await eyes.open();
    eyes.service.publish(...eyes.tracker.play(20, () => CLOSED));
    eyes.service.publish(
      gazeEvent(eyes.tracker.nowUs, 6, fixation(1, 1, 2000)),
      gazeEvent(eyes.tracker.nowUs, 2, { type: 'blink', duration_ms: 400 }),
      gazeEvent(eyes.tracker.nowUs, 12, { type: 'saccade', duration_ms: 400, amplitude_deg: 20, peak_deg_s: 400 }),
    );
    let strip!: Picture;
    await expect
      .poll(async () => {
        strip = await pictureOf(eyes.page, '.eye-events canvas');
        return placesOf(strip, EVENT_COLOURS.blink).length;
      }, PATIENT)
      .toBeGreaterThan(0);
    const spanOf = (values: number[]): [number, number] => [Math.min(...values), Math.max(...values)];
    const [fixations, blinks] = [placesOf(strip, EVENT_COLOURS.fixation), placesOf(strip, EVENT_COLOURS.blink)];
    const [fixationX, blinkX] = [spanOf(fixations.map(([x]) => x)), spanOf(blinks.map(([x]) => x))];
    // A fifth of the strip, without the labels and what has scrolled out meanwhile.
    expect((fixationX[1] - fixationX[0]) / strip.width).toBeCloseTo(0.2 * (1 - 64 / strip.width), 1);
    expect(blinkX[0]).toBeGreaterThan(fixationX[1]);
    expect(Math.max(...fixations.map(([, y]) => y))).toBeLessThan(strip.height / 3);
    expect(Math.min(...blinks.map(([, y]) => y))).toBeGreaterThan((2 * strip.height) / 3);
    expect(placesOf(strip, EVENT_COLOURS.saccade)).toEqual([]);
  });

  it('says which time each panel covers', async () => {
    await eyes.open();
    expect(await textOf(eyes.page, '.eye-events .note')).toBe('counted over the last 30 s, drawn over the last 10 s');
    expect(await textOf(eyes.page, '.pupils .note')).toBe('last 20 s');
  });
});

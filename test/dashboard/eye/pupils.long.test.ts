import { afterAll, beforeAll, expect, it } from 'vitest';
import { EYE_COLOURS } from '../../../src/dashboard/colours.ts';
import { browserSuite, type Picture, pictureOf, placesOf, textOf } from '../../support/browser.ts';
import { EyePage } from '../../support/eye-page.ts';
import { CLOSED, type Look } from '../../support/fake-eyes.ts';

browserSuite('pupils panel of an eye tracker', () => {
  const eyes = new EyePage();
  beforeAll(() => eyes.start());
  afterAll(() => eyes.stop());

  it('draws the pupil diameters with a gap where the eyes were closed, and shows their values', async () => {
    await eyes.open();
    const open2s = (): Look => ({ px: [960, 540], mm: [3.4, 3.6] });
    eyes.service.publish(
      ...eyes.tracker.play(4, open2s),
      ...eyes.tracker.play(2, () => CLOSED),
      ...eyes.tracker.play(4, open2s),
    );
    await eyes.playUntil(open2s, async () => (await textOf(eyes.page, '.legend')).includes('3.40 mm'));
    expect(await textOf(eyes.page, '.legend')).toMatch(/left 3\.40 mm\s*right 3\.60 mm/);
    const picture = await pictureOf(eyes.page, '.pupils canvas');
    const near = (colour: string): [number, number][] => placesOf(picture, colour);
    for (const colour of EYE_COLOURS) {
      const columns = [...new Set(near(colour).map(([x]) => x))].sort((a, b) => a - b);
      const gaps = columns.slice(1).map((x, i) => x - columns[i]! - 1);
      // 2 of 20 s.
      expect(Math.max(...gaps) / (picture.width - 36)).toBeCloseTo(0.1, 1);
      expect(gaps.filter((gap) => gap > 2)).toHaveLength(1);
    }
    const rowOf = (colour: string): number => near(colour)[0]![1];
    expect(rowOf(EYE_COLOURS[1])).toBeLessThan(rowOf(EYE_COLOURS[0])); // the larger pupil is drawn above
  });

  it('keeps the scale of the open eye, and does not draw the edges of blinks', async () => {
    await eyes.open();
    // A blink of 0.2 s every 2 s: the lid closes and opens in 0.05 s. The pupil varies slowly between 3.2 and 3.6 mm.
    const blinking = (s: number): Look => {
      const sinceS = s % 2;
      if (sinceS >= 0.05 && sinceS < 0.15) return CLOSED;
      const mm = (3.4 + 0.2 * Math.sin(s)) * (sinceS < 0.2 ? 0.6 : 1);
      return { px: [960, 540], mm: [mm, null] };
    };
    eyes.service.publish(...eyes.tracker.play(18, blinking));
    /** The highest and the lowest pixel of the trace in each column, as shares of the height. */
    const columns = ({ width, height, data }: Picture): [top: number, bottom: number][] =>
      Array.from({ length: width - 40 }, (_, x): [number, number] => {
        // Bluer than the lines of the scale, and at least as opaque as the pixels of a sloping line.
        const rows = Array.from({ length: height }, (_, y) => y).filter((y) => {
          const [red, , blue, alpha] = data.subarray(4 * (y * width + x + 40));
          return blue! - red! > 80 && alpha! > 80;
        });
        return [Math.min(...rows) / height, Math.max(...rows) / height];
      }).filter(([top]) => Number.isFinite(top));
    let crossed: [top: number, bottom: number][] = [];
    await eyes.playUntil(
      (s) => blinking(18 + s),
      async () => {
        crossed = columns(await pictureOf(eyes.page, '.pupils canvas'));
        return crossed.length > 300;
      },
    );
    for (const [top, bottom] of crossed) expect(bottom - top).toBeLessThan(0.2);
    // The variation fills the scale, which half-closed lids did not extend.
    const tops = crossed.map(([top]) => top);
    expect(Math.max(...tops) - Math.min(...tops)).toBeGreaterThan(0.6);
  });

  it('says which pupil is not seen', async () => {
    await eyes.open();
    await eyes.playUntil(
      () => ({ px: [960, 540], mm: [3.4, null] }),
      async () => (await textOf(eyes.page, '.legend')).includes('3.40'),
    );
    expect(await textOf(eyes.page, '.legend')).toMatch(/left 3\.40 mm\s*right not seen/);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openEyeRecording } from '../../../src/formats/open-recording.ts';
import { GAZE_ALGORITHMS } from '../../../src/gaze/config.ts';
import { type EyePreprocessConfig, eyePreprocessConfigSchema } from '../../../src/preprocess/eye/config.ts';
import { EYE_FEATURES } from '../../../src/preprocess/eye/features.ts';
import { createEyePreprocessor } from '../../../src/preprocess/eye/preprocessor.ts';
import type { FeatureWindow } from '../../../src/preprocess/feature-window.ts';
import { type Preprocessor, windowsOf } from '../../../src/preprocess/preprocessor.ts';
import type { Block } from '../../../src/samples.ts';
import { describeWithData, testData } from '../../support/data.ts';
import { eventsOf, eyeInfo, ofType, type Scene, sceneBlock, TWO_EYES } from '../../support/gaze.ts';
import { allWindows, eyesOf } from '../../support/preprocessing.ts';
import { cutBlock, cutEvenly, loseSamples } from '../../support/signals.ts';

const ONE_EYE_TWO_PUPILS = ['x_deg', 'y_deg', 'pupil_left_mm', 'pupil_right_mm'];
const at = (name: string) => EYE_FEATURES.findIndex((feature) => feature.name === name);
const configOf = (config: Partial<EyePreprocessConfig> = {}) => eyePreprocessConfigSchema.parse(config);

function preprocessorOf(blocks: readonly Block[], config: Partial<EyePreprocessConfig> = {}): Preprocessor {
  return createEyePreprocessor(configOf(config), blocks[0]!.info);
}

function run(preprocessor: Preprocessor, blocks: readonly Block[]): FeatureWindow[] {
  return allWindows(preprocessor, blocks);
}

const rowsOf = (blocks: readonly Block[], config: Partial<EyePreprocessConfig> = {}) =>
  run(preprocessorOf(blocks, config), blocks);

/** Saccades of 4 and 5 degrees with pupils that change. */
function movingEyes(scene: Partial<Scene> = {}): Block {
  const saccades = Array.from({ length: 30 }, (_, i) => [0.3 + 0.37 * i, i % 2 ? -5 : 4] as const);
  const block = sceneBlock({ rateHz: 250, seconds: 12, labels: ONE_EYE_TWO_PUPILS, saccades, ...scene });
  return withPupils(block, (eye, n) => 3.5 - 0.2 * eye + 0.2 * Math.sin(n / 60 + eye) + 0.1 * Math.sin(n / 170));
}

/** Replaces the diameters that are not missing. */
function withPupils(block: Block, diameter: (eye: number, n: number) => number): Block {
  const data = block.data.slice();
  let eye = 0;
  for (const [c, { label }] of block.info.channels.entries()) {
    if (!label.startsWith('pupil')) continue;
    for (let n = 0; n < block.length; n++) {
      if (!Number.isNaN(data[c * block.length + n])) data[c * block.length + n] = diameter(eye, n);
    }
    eye++;
  }
  return { ...block, data };
}

/** Uniform, unlike `fc.double`, whose numbers are mostly near 0. */
const second = fc.integer({ min: 0, max: 9000 }).map((ms) => ms / 1000);

/** Short and long losses of eyes and samples at random places, and random cuts. */
const troubled = fc
  .record({
    rateHz: fc.constantFrom(30, 60, 250, 299.7),
    labels: fc.constantFrom(ONE_EYE_TWO_PUPILS, TWO_EYES),
    firstSample: fc.constantFrom(0, 0, 1017),
    missing: fc.array(
      fc
        .tuple(second, fc.constantFrom(0.02, 0.06, 0.15, 0.4, 2.5), fc.constantFrom(0, 1, 2, 3))
        .map(([fromS, lasts, which]) => ({
          fromS,
          toS: fromS + lasts,
          gazeOnly: which === 3,
          ...(which < 2 ? { eye: which as 0 | 1 } : {}),
        })),
      { maxLength: 5 },
    ),
    lost: fc.array(fc.tuple(second, fc.constantFrom(0.02, 0.3, 1.5, 2.2, 5)), {
      maxLength: 2,
    }),
    cuts: fc.array(second, { maxLength: 30 }),
  })
  .map(({ rateHz, labels, firstSample, missing, lost, cuts }) => {
    const whole = movingEyes({ rateHz, labels, missing, seconds: 9, disparityDeg: 0.4 });
    const sample = (s: number) => Math.min(whole.length, Math.round(s * rateHz));
    const left = loseSamples(
      whole,
      lost.map(([fromS, lasts]) => [sample(fromS), sample(fromS + lasts)] as const),
    );
    const blocks = left.map((block, i) => ({
      ...block,
      firstSample: block.firstSample + firstSample,
      lostBefore: block.lostBefore + (i === 0 ? firstSample : 0),
    }));
    const cut = blocks.flatMap((block) =>
      cutBlock(
        block,
        cuts.map((s) => sample(s) + firstSample - block.firstSample),
      ),
    );
    return { blocks, cut, lost: whole.length - left.reduce((sum, { length }) => sum + length, 0) + firstSample };
  })
  .filter(({ blocks }) => blocks.length > 0);

const settings = fc.record({
  algorithm: fc.constantFrom(...GAZE_ALGORITHMS),
  window_s: fc.constantFrom(1, 1.3),
  hop_s: fc.constantFrom(0.25, 0.4, 1.7),
  features: fc.constantFrom(33 as const, 31 as const),
  pupil_baseline_s: fc.constantFrom(undefined, 2),
});

describe('eye preprocessing laws', () => {
  it('chunk law: windows, events and their order are bit-identical for every cut', () => {
    fc.assert(
      fc.property(settings, troubled, (config, { blocks, cut }) => {
        const outputsOf = (pieces: readonly Block[]) => {
          const preprocessor = preprocessorOf(pieces, config);
          return [...pieces.flatMap((block) => preprocessor.push(block)), ...preprocessor.flush()];
        };
        expect(outputsOf(cut)).toStrictEqual(outputsOf(blocks));
      }),
      { numRuns: 60 },
    );
  });

  it('chunk law: computes the same windows from single samples', () => {
    fc.assert(
      fc.property(settings, troubled, (config, { blocks }) => {
        const single = blocks.flatMap((block) => cutEvenly(block, 1));
        expect(rowsOf(single, config)).toStrictEqual(rowsOf(blocks, config));
      }),
      { numRuns: 25 },
    );
  });

  it('outputs finite windows on the hop grid, with the sample that they need, within the stated delay', () => {
    fc.assert(
      fc.property(settings, troubled, (config, { blocks, cut }) => {
        const preprocessor = preprocessorOf(blocks, config);
        const rateHz = blocks[0]!.info.sampleRateHz;
        const received = (n: number) => blocks.some((b) => n >= b.firstSample && n < b.firstSample + b.length);
        let previous = -1;
        for (const block of cut) {
          for (const window of windowsOf(preprocessor.push(block))) {
            const { index, startSample, endSample, neededSample, values, coverage, lost } = window;
            expect(index).toBeGreaterThan(previous);
            previous = index;
            expect(startSample).toBeCloseTo(index * config.hop_s * rateHz, 6);
            expect(endSample - startSample).toBeCloseTo(config.window_s * rateHz, 6);
            expect(values.length).toBe(config.features);
            expect(values.every(Number.isFinite)).toBe(true);
            const samples = Array.from(
              { length: Math.ceil(endSample - 1e-6) - Math.ceil(startSample - 1e-6) },
              (_, i) => Math.ceil(startSample - 1e-6) + i,
            );
            expect(lost).toBe(samples.filter((n) => !received(n)).length);
            expect(lost).toBeLessThan(samples.length);
            expect(coverage * samples.length).toBeLessThanOrEqual(samples.length - lost + 1e-9);
            expect(neededSample).toBeGreaterThanOrEqual(block.firstSample);
            expect(neededSample).toBeLessThan(block.firstSample + block.length);
            const due = Math.ceil(endSample - 1e-6) + preprocessor.delaySamples - 1;
            // A window that is due in a gap needs the first sample after it.
            expect(neededSample).toBe(received(due) ? due : blocks.find((b) => b.firstSample > due)!.firstSample);
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  it('accounting law: counts each sample once, and as lost only samples that did not arrive', () => {
    fc.assert(
      fc.property(troubled, ({ blocks, cut, lost }) => {
        const preprocessor = preprocessorOf(blocks);
        for (const block of cut) preprocessor.push(block);
        const { total, ...account } = preprocessor.account;
        const end = blocks.at(-1)!.firstSample + blocks.at(-1)!.length;
        expect(total).toBe(end);
        expect(account.received + account.lost + account.interpolated + account.pending).toBe(total);
        expect(account.received).toBe(blocks.reduce((sum, { length }) => sum + length, 0));
        expect(account.lost).toBeLessThanOrEqual(lost);
      }),
      { numRuns: 40 },
    );
  });

  it('behaves as a new preprocessor after reset() and after flush()', () => {
    const blocks = cutEvenly(movingEyes({ missing: [{ fromS: 2, toS: 2.2 }] }), 100);
    const used = preprocessorOf(blocks);
    for (const block of blocks.slice(0, 21)) used.push(block);
    used.reset();
    const expected = rowsOf(blocks);
    expect(run(used, blocks)).toStrictEqual(expected);
    expect(run(used, blocks)).toStrictEqual(expected);
  });

  it('clock law: does not depend on device and host times', () => {
    const block = movingEyes();
    expect(rowsOf([{ ...block, deviceTimeUs: 9e14, hostTimeUs: -7 }])).toStrictEqual(rowsOf([block]));
  });
});

describe('eye features of a stream', () => {
  const last = (block: Block, config: Partial<EyePreprocessConfig> = {}) => rowsOf([block], config).at(-1)!.values;
  const map = (block: Block, of: (value: number, label: string) => number): Block => {
    const data = block.data.map((value, i) => of(value, block.info.channels[Math.floor(i / block.length)]!.label));
    return { ...block, data };
  };

  it('summarise the events that end in the window', () => {
    const block = movingEyes({ missing: [{ fromS: 5, toS: 5.15 }] });
    const events = eventsOf([block]);
    const windows = rowsOf([block], { hop_s: 4 });
    for (const { startSample, endSample, values } of windows) {
      const ended = events.filter((event) => event.endSample > startSample && event.endSample <= endSample);
      const [saccades, fixations] = [ofType(ended, 'saccade'), ofType(ended, 'fixation')];
      const mean = (list: readonly number[]) => list.reduce((sum, value) => sum + value, 0) / list.length;
      expect(saccades.length).toBeGreaterThan(5);
      expect(values[at('saccade_amplitude_mean')]).toBeCloseTo(mean(saccades.map((s) => s.amplitudeDeg)), 5);
      expect(values[at('fixation_duration_mean')]).toBeCloseTo(mean(fixations.map((f) => f.durationMs)), 3);
      const blinks = ofType(ended, 'blink').map((b) => b.durationMs);
      expect(values[at('blink_duration_mean')]).toBe(blinks[0] ?? 0);
    }
    expect(windows.map(({ values }) => values[at('blink_duration_mean')]! > 0)).toEqual([false, true, false]);
  });

  it('do not depend on the gaze position on the screen', () => {
    // Multiples of 1/1024 degree, so that adding 0.5 is exact in float32.
    const block = map(movingEyes(), (value, label) =>
      label.endsWith('deg') ? Math.round(value * 1024) / 1024 : value,
    );
    const moved = last(map(block, (value, label) => (label === 'x_deg' ? value + 0.5 : value)));
    for (const [i, value] of last(block).entries()) {
      // The angle between two directions depends slightly on their position.
      const tolerance = EYE_FEATURES[i]!.name.includes('amplitude') ? 0.01 * Math.abs(value) : 1e-4;
      expect(Math.abs(moved[i]! - value), EYE_FEATURES[i]!.name).toBeLessThanOrEqual(tolerance);
    }
  });

  it('scale with the pupil: mean and deviation by the factor, entropies by its logarithm, the rest not at all', () => {
    const block = movingEyes();
    const [before, after] = [
      last(block),
      last(map(block, (value, label) => (label.startsWith('p') ? 2 * value : value))),
    ];
    for (const [i, value] of before.entries()) {
      const expected = i < 4 ? 2 * value : i < 12 ? value + Math.LN2 : value;
      expect(after[i], EYE_FEATURES[i]!.name).toBeCloseTo(expected, 5);
    }
  });

  it('take X from the left eye and Y from the right one', () => {
    const block = movingEyes({ labels: TWO_EYES });
    const crossed = TWO_EYES.map((label) => label.replace(/left|right/, (eye) => (eye === 'left' ? 'right' : 'left')));
    const [values, other] = [last(block), last({ ...block, info: eyeInfo(crossed, 250) })];
    for (const [x, y] of [
      [0, 1],
      [2, 3],
      [4, 8],
      [5, 9],
      [6, 10],
      [7, 11],
    ] as const) {
      expect([other[x], other[y]]).toEqual([values[y], values[x]]);
      expect(values[x]).not.toBe(values[y]);
    }
    expect(other.subarray(12)).toEqual(values.subarray(12));
  });

  it('fill X and Y with the pupil of a one-eyed tracker, or with its two diameters', () => {
    const one = movingEyes({ labels: ['x_deg', 'y_deg', 'pupil_mm'] });
    const values = last(one);
    expect([values[0], values[2], ...values.subarray(4, 8)]).toEqual([values[1], values[3], ...values.subarray(8, 12)]);
    const labels = ['x_deg', 'y_deg', 'pupil_h_px', 'pupil_v_px'];
    const both = last(movingEyes({ labels }), { pupil_unit: 'px' });
    expect(both[0]! - both[1]!).toBeCloseTo(0.2, 1);
  });

  it('distinguish a blink, a track loss and a tracker that is not worn', () => {
    const withoutEyes = (lasts: number) =>
      rowsOf([movingEyes({ missing: [{ fromS: 5, toS: 5 + lasts }] })]).find(
        ({ startSample }) => startSample === 1000,
      )!;
    const [blink, loss, notWorn] = [withoutEyes(0.16), withoutEyes(1), withoutEyes(2.5)];
    expect(blink.values[at('blink_duration_mean')]).toBe(160);
    expect(loss.values[at('blink_duration_mean')]).toBe(0);
    expect([blink, loss, notWorn].map((window) => eyesOf(window).worn)).toEqual([true, true, false]);
    expect(blink.coverage).toBe(1 - 0.16 / 4);
    expect(loss.coverage).toBe(0.75);
    expect(notWorn.coverage).toBe(1.5 / 4);
  });

  it('interpolate a blink in the pupil’s spectrum, with the samples beside it that the lid covers', () => {
    const steady = withPupils(movingEyes(), (eye, n) => 3 + eye + 0.3 * Math.sin((2 * Math.PI * 0.3 * n) / 250));
    const blinking = movingEyes({
      missing: [
        { fromS: 6, toS: 6.2 },
        { fromS: 9, toS: 9.2 },
      ],
    });
    const covered = withPupils(blinking, (eye, n) => {
      const beside = [6, 9].some((s) => Math.abs(n / 250 - s - 0.1) < 0.14);
      return beside ? 1 : 3 + eye + 0.3 * Math.sin((2 * Math.PI * 0.3 * n) / 250);
    });
    const [a, b] = [last(steady), last(covered)];
    expect(Math.abs(a[at('pupil_x_de_0.2-0.4hz')]! - b[at('pupil_x_de_0.2-0.4hz')]!)).toBeLessThan(0.02);
  });
});

describe('createEyePreprocessor', () => {
  const create = (labels: readonly string[], config: Partial<EyePreprocessConfig> = {}, rateHz = 60) =>
    createEyePreprocessor(configOf(config), { ...eyeInfo(labels, rateHz), geometry: {} });

  it('names its features, of which 31 leave out the blink duration', () => {
    expect(create(ONE_EYE_TWO_PUPILS).labels).toEqual(EYE_FEATURES.map(({ name }) => name));
    const fewer = create(ONE_EYE_TWO_PUPILS, { features: 31 }).labels;
    expect(fewer).toEqual(EYE_FEATURES.map(({ name }) => name).filter((name) => !name.startsWith('blink_duration')));
  });

  it('names the channels, rate or geometry that it needs', () => {
    expect(() => create(['x_px', 'y_px', 'pupil_mm'])).toThrow('give the screen and the viewing distance');
    expect(() => create(['x_deg', 'y_deg'])).toThrow('test gives no pupil diameter, and the eye features need one');
    expect(() => create(['x_deg', 'y_deg', 'pupil_px'])).toThrow(
      'test gives the pupil in px, and the features are made of mm',
    );
    expect(() => create(['x_deg', 'y_deg', 'pupil_mm'], {}, 20)).toThrow('events need 25 to 10000 Hz');
    expect(() => create(['x_deg', 'y_deg', 'pupil_mm'], { method: 'seed-trial' })).toThrow(
      'eye features of the method "seed-trial" know the whole trial',
    );
  });

  it('refuses a block that does not continue the stream', () => {
    const [first, , third] = cutEvenly(movingEyes(), 100) as [Block, Block, Block];
    const preprocessor = preprocessorOf([first]);
    preprocessor.push(first);
    expect(() => preprocessor.push(third)).toThrow(
      'starts at sample 200 with 0 lost before it, but sample 100 was next',
    );
    expect(() => preprocessor.push(first)).toThrow('the driver must declare its losses');
    expect(() => preprocessor.push({ ...first, firstSample: 100, length: 99 })).toThrow(
      'block of 99 samples (400 values',
    );
  });

  it('has a delay of 326 ms at 1000 Hz by velocity and 302 ms by dispersion', () => {
    expect(create(ONE_EYE_TWO_PUPILS, {}, 1000).delaySamples).toBe(326);
    expect(create(ONE_EYE_TWO_PUPILS, { algorithm: 'idt' }, 1000).delaySamples).toBe(302);
  });
});

describe('eyePreprocessConfigSchema', () => {
  it('has defaults', () => {
    expect(configOf()).toEqual({
      method: 'causal-30s',
      algorithm: 'ivt',
      window_s: 4,
      hop_s: 1,
      features: 33,
      pupil_unit: 'mm',
    });
  });

  it.each([
    { features: 32 },
    { pupil_unit: 'cm' },
    { window_s: 40 },
    { hop_s: 0.1 },
    { pupil_baseline_s: 0 },
    { hop: 1 },
  ])('refuses %j', (bad) => {
    expect(eyePreprocessConfigSchema.safeParse(bad).success).toBe(false);
  });
});

describeWithData('eye-tobii-tx300', 'eye features of a recording', () => {
  it('are the same in small blocks, with the mean of the recorded pupil diameters', async () => {
    const recording = await openEyeRecording(testData('eye-tobii-tx300', 'participant1_2.tsv'), {
      screenPx: [1920, 1080],
      screenMm: [509, 287],
      distanceMm: 650,
    });
    const { info } = recording;
    const rows = (blockSamples: number) =>
      run(createEyePreprocessor(configOf(), info), [...recording.blocks(blockSamples)]);
    const windows = rows(300);
    expect(windows.length).toBeGreaterThan(0);
    expect(rows(7)).toStrictEqual(windows);

    const left = info.channels.findIndex(({ label }) => label === 'pupil_left_mm');
    const samples = [...recording.blocks(1)].map((block) => [block.firstSample, block.data[left]!] as const);
    for (const { startSample, endSample, values } of windows) {
      const seen = samples.filter(([n, mm]) => n >= startSample && n < endSample && mm > 0).map(([, mm]) => mm);
      const mean = seen.reduce((sum, mm) => sum + mm, 0) / seen.length;
      expect(values[0]).toBeCloseTo(mean, 6);
    }
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PupilSpectrum } from '../../../src/dsp/pupil-spectrum.ts';
import { GazeEventStage } from '../../../src/gaze/event-stage.ts';
import { gazeLayout, toDegrees } from '../../../src/gaze/geometry.ts';
import { PUPIL_BANDS_HZ } from '../../../src/preprocess/eye/features.ts';
import { parseStateMarker } from '../../../src/simulation/emotion.ts';
import {
  createGazeGenerator,
  type GazeGeneratorOptions,
  SIMULATED_SCREEN,
} from '../../../src/simulation/gaze/generator.ts';
import { GazePath } from '../../../src/simulation/gaze/path.ts';
import { Pupils } from '../../../src/simulation/gaze/pupil.ts';
import type { GazeEvent } from '../../../src/simulation/gaze/scanpath.ts';
import { GazeState } from '../../../src/simulation/gaze/state.ts';
import { PUPIL_BANDS } from '../../../src/simulation/gaze/statistics.ts';
import { SIMULATION_VERSION } from '../../../src/simulation/presets.ts';
import { collect } from '../../support/collect.ts';
import { ofType } from '../../support/gaze.ts';
import { blockOf } from '../../support/signals.ts';
import { mean } from '../../support/spectrum.ts';

const SCHEDULE = { kind: 'random', minS: 20, maxS: 40 } as const;
const BASE: GazeGeneratorOptions = { seed: 1, preset: 'demo', sampleRateHz: 250, schedule: SCHEDULE };
const RATES_HZ = [60, 250, 1250];

/** The channels of the first seconds. */
function record(options: Partial<GazeGeneratorOptions>, seconds: number) {
  const generator = createGazeGenerator({ ...BASE, ...options });
  const length = seconds * generator.sampleRateHz;
  const { data, markers } = generator.next(length);
  const channels = generator.labels.map((_, c) => data.subarray(c * length, (c + 1) * length));
  return { info: generator.info, data, markers, channels, length };
}

/** The true movements of the person of BASE. */
function truth(seed: number, seconds: number) {
  const path = new GazePath({ seed, subject: seed, preset: BASE.preset, schedule: SCHEDULE });
  const events = new Set<GazeEvent>();
  for (let i = 0; i < seconds * 100; i++) {
    path.moveTo(i / 100);
    events.add(path.event);
  }
  const kind = <Kind extends GazeEvent['kind']>(kind: Kind) =>
    [...events].filter((event): event is Extract<GazeEvent, { kind: Kind }> => event.kind === kind);
  return { fixations: kind('fixation'), saccades: kind('saccade'), blinks: kind('blink') };
}

const durationMs = ({ startS, endS }: { startS: number; endS: number }) => (endS - startS) * 1000;

describe('a simulated eye tracker', () => {
  it('describes its channels and its screen, and that it is simulated', () => {
    const generator = createGazeGenerator(BASE);
    expect(gazeLayout(generator.info)).toMatchObject({ unit: 'px', pupilUnit: 'mm', pupilPerEye: true });
    expect(gazeLayout(generator.info).eyes).toHaveLength(2);
    expect(generator.info).toMatchObject({ modality: 'eye', simulated: true, geometry: SIMULATED_SCREEN });
    expect(generator.simulationVersion).toBe(SIMULATION_VERSION);
  });

  it('gives the same signal for the same seed, and a different one for another seed or person', () => {
    expect(record({}, 10).data).toEqual(record({}, 10).data);
    expect(record({ subject: 1 }, 10).data).toEqual(record({}, 10).data);
    expect(record({ seed: 2 }, 10).data).not.toEqual(record({}, 10).data);
    expect(record({ subject: 2 }, 10).data).not.toEqual(record({}, 10).data);
  });

  it('gives bit-identical samples and the same markers for any cut into chunks', () => {
    const schedule = { kind: 'random', minS: 1, maxS: 2 } as const;
    fc.assert(
      fc.property(
        fc.constantFrom(30, 60, 120, 250, 1250),
        fc.array(fc.integer({ min: 0, max: 700 }), { minLength: 1, maxLength: 12 }),
        (sampleRateHz, lengths) => {
          const options = { ...BASE, sampleRateHz, schedule };
          const whole = collect(createGazeGenerator(options), [lengths.reduce((a, b) => a + b, 0)]);
          expect(collect(createGazeGenerator(options), lengths)).toEqual(whole);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('marks each state at its first sample', () => {
    const schedule = { kind: 'trials', trialS: 3, emotions: ['neutral', 'positive'] } as const;
    for (const sampleRateHz of [30, 1250]) {
      const { markers } = record({ sampleRateHz, schedule }, 10);
      expect(markers.map(({ label, offset }) => [parseStateMarker(label), offset / sampleRateHz])).toEqual([
        ['neutral', 0],
        ['positive', 3],
      ]);
    }
  });

  it.each([29, 1251, 60.5, Number.NaN])('refuses %s Hz', (sampleRateHz) => {
    expect(() => createGazeGenerator({ ...BASE, sampleRateHz })).toThrow(/30 to 1250/);
  });

  it('uses the given screen, and refuses an invalid one', () => {
    const far = { ...SIMULATED_SCREEN, distanceMm: 1300 };
    // At twice the distance the same angles need twice the pixels, except for the noise.
    const [near, wide] = [record({}, 5), record({ geometry: far }, 5)].map(({ channels }) =>
      mean(channels[0]!.slice(0, 20)),
    );
    expect((wide! - 960) / (near! - 960)).toBeCloseTo(2, 3);
    expect(() => createGazeGenerator({ ...BASE, geometry: { ...far, distanceMm: 0 } })).toThrow(/viewing distance/);
  });
});

describe('the sampling rate', () => {
  it("only sets the times of the samples: samples at common times are equal except for the tracker's noise", () => {
    const slow = record({ sampleRateHz: 50 }, 120);
    const fast = record({ sampleRateHz: 1000 }, 120);
    // Six standard deviations of the difference of two draws.
    const most = slow.channels.map((_, c) => (c < 4 ? 6 * Math.SQRT2 * pxPerDeg() * 0.06 : 6 * Math.SQRT2 * 0.01));
    for (const [c, channel] of slow.channels.entries()) {
      for (let i = 0; i < channel.length; i++) {
        const other = fast.channels[c]![i * 20]!;
        if (Number.isNaN(channel[i]!)) expect(other).toBeNaN();
        else expect(Math.abs(other - channel[i]!)).toBeLessThan(most[c]!);
      }
    }
  });
});

/** At 14 degrees, where a pixel is the smallest angle. */
function pxPerDeg(): number {
  const { screenPx, screenMm, distanceMm } = SIMULATED_SCREEN;
  return ((Math.PI / 180) * distanceMm * (screenPx[0] / screenMm[0])) / Math.cos((14.5 * Math.PI) / 180) ** 2;
}

describe('the gaze of both eyes', () => {
  it('is that of the path, with a small disparity and the noise of a good tracker', () => {
    const { channels, info, length } = record({ sampleRateHz: 100 }, 120);
    const path = new GazePath({ seed: 1, subject: 1, preset: 'demo', schedule: SCHEDULE });
    const [toX, toY] = toDegrees('px', info.geometry);
    const errors: number[][] = [[], [], [], []];
    for (let i = 0; i < length; i++) {
      path.moveTo(i / 100);
      if (path.lid > 0) continue;
      for (const eye of [0, 2]) {
        errors[eye]!.push(toX(channels[eye]![i]!) - path.xDeg);
        errors[eye + 1]!.push(toY(channels[eye + 1]![i]!) + path.yDeg);
      }
    }
    const centres = errors.map(mean);
    for (const [e, all] of errors.entries()) {
      const rms = Math.sqrt(mean(all.map((error) => (error - centres[e]!) ** 2)));
      expect(rms).toBeGreaterThan(0.05);
      expect(rms).toBeLessThan(0.1);
      expect(Math.abs(centres[e]!)).toBeLessThan(0.8);
    }
    // The mean of both eyes is on the path; each eye is on one side of it.
    expect(Math.abs(centres[0]! + centres[2]!)).toBeLessThan(0.01);
    expect(Math.abs(centres[1]! + centres[3]!)).toBeLessThan(0.01);
    expect(Math.abs(centres[0]! - centres[2]!)).toBeGreaterThan(0.01);
  });

  it.each(RATES_HZ)('gives the true events at %i Hz', (sampleRateHz) => {
    const seconds = 240;
    for (const seed of [1, 2, 3]) {
      const { info, data, length } = record({ seed, sampleRateHz }, seconds);
      const stage = new GazeEventStage(info);
      const events = [...stage.push(blockOf(info, length, (c, n) => data[c * length + n]!)), ...stage.flush()];
      const { fixations, saccades, blinks } = truth(seed, seconds);
      const found = {
        fixations: ofType(events, 'fixation'),
        saccades: ofType(events, 'saccade'),
        blinks: ofType(events, 'blink'),
      };
      const near = (value: number, expected: number, share: number) => {
        expect(value / expected).toBeGreaterThan(1 - share);
        expect(value / expected).toBeLessThan(1 + share);
      };
      // At 60 Hz the smallest saccades are lost, because they are shorter than two samples.
      const rough = sampleRateHz < 100;
      near(found.saccades.length, saccades.length, rough ? 0.12 : 0.03);
      near(found.fixations.length, fixations.length, rough ? 0.12 : 0.03);
      near(mean(found.saccades.map((s) => s.amplitudeDeg)), mean(saccades.map((s) => s.amplitudeDeg)), 0.08);
      near(mean(found.fixations.map(durationMs)), mean(fixations.map(durationMs)), rough ? 0.08 : 0.03);
      if (!rough) near(mean(found.saccades.map(durationMs)), mean(saccades.map(durationMs)), 0.12);
      // The tracker's noise widens a fixation, more so with more samples.
      const noiseDeg = { 60: 0.02, 250: 0.08, 1250: 0.14 }[sampleRateHz]!;
      const [widths, heights] = [0, 1].map((axis) => mean(fixations.map((f) => f.dispersionDeg[axis]!)));
      near(mean(found.fixations.map((f) => f.dispersionXDeg)) - noiseDeg, widths!, 0.15);
      near(mean(found.fixations.map((f) => f.dispersionYDeg)) - noiseDeg, heights!, 0.15);
      // Every blink is found at its time.
      const seen = blinks.filter(({ startS, endS }) =>
        found.blinks.some(
          (blink) =>
            Math.abs(blink.startS - startS) < 2 / sampleRateHz && Math.abs(blink.endS - endS) < 2 / sampleRateHz,
        ),
      );
      expect(seen.length).toBeGreaterThanOrEqual(blinks.length - 1);
      expect(found.blinks.length).toBeLessThanOrEqual(blinks.length);
      expect(blinks.length).toBeGreaterThan(20);
    }
  });
});

describe('the lids', () => {
  it('make gaze and pupils of both eyes missing, after a downward shift and a smaller pupil', () => {
    const { channels, length } = record({ sampleRateHz: 1000 }, 120);
    const { blinks } = truth(1, 120);
    for (let i = 0; i < length; i++) {
      const missing = channels.map((channel) => Number.isNaN(channel[i]!));
      const isClosed = blinks.some(({ startS, endS }) => i / 1000 >= startS && i / 1000 < endS);
      expect(missing).toEqual(channels.map(() => isClosed));
    }
    const inside = blinks.filter(({ startS, endS }) => startS > 1 && endS < 119);
    /** Mean over the blinks of a channel at a time in ms from an edge of the blink. */
    const around = (channel: number, edge: 'startS' | 'endS', ms: number) =>
      mean(inside.map((blink) => channels[channel]![Math.round(blink[edge] * 1000) + ms]!));
    for (const channel of [4, 5]) {
      expect(around(channel, 'startS', -2) / around(channel, 'startS', -60)).toBeLessThan(0.9);
      expect(around(channel, 'endS', 2) / around(channel, 'endS', 80)).toBeLessThan(0.9);
    }
    for (const channel of [1, 3]) {
      expect(around(channel, 'startS', -2) - around(channel, 'startS', -60)).toBeGreaterThan(15);
      expect(around(channel, 'endS', 2) - around(channel, 'endS', 80)).toBeGreaterThan(15);
    }
  });
});

describe('the pupils', () => {
  const STEADY = { kind: 'trials', trialS: 10, emotions: ['neutral'] } as const;
  const [seconds, partS] = [600, 100];
  const spectrum = new PupilSpectrum({ length: partS * 10, rateHz: 10, bands: PUPIL_BANDS_HZ });
  /** Power in mm^2 in each band of a trace at 10 Hz, averaged over parts of 100 s. */
  const powers = (trace: Float64Array) => {
    const parts = Array.from({ length: seconds / partS }, (_, part) =>
      spectrum.compute(trace.slice(part * partS * 10, (part + 1) * partS * 10), partS * 10),
    );
    return PUPIL_BANDS_HZ.map((_, b) => mean(parts.map((de) => Math.exp(2 * de[b]!) / (2 * Math.PI * Math.E))));
  };

  /** Power in each band relative to the specified power, averaged over people and over both eyes of `tracesOf`. */
  const powerRatios = (tracesOf: (seed: number) => readonly Float64Array[]) => {
    const ratios = PUPIL_BANDS.map((): number[] => []);
    for (const seed of [1, 2, 3, 4]) {
      const state = new GazeState({ seed, subject: seed, preset: 'demo', schedule: STEADY });
      const [diameter, stated] = [new Float64Array(seconds * 10), PUPIL_BANDS.map((): number[] => [])];
      for (let tick = 0; tick < diameter.length; tick++) {
        diameter[tick] = state.values.pupilMm;
        for (const [b, { part, share }] of PUPIL_BANDS.entries()) stated[b]!.push(state.values[part] ** 2 * share);
        state.advance();
      }
      // The wandering of the diameter adds to it; both are independent.
      const wandering = powers(diameter);
      const eyes = tracesOf(seed).map(powers);
      for (const b of PUPIL_BANDS.keys()) {
        // One pupil is larger by as much as the other is smaller.
        ratios[b]!.push(mean(eyes.map((eye) => eye[b]!)) / (mean(stated[b]!) + wandering[b]!));
      }
    }
    return ratios.map(mean);
  };

  it('have the specified power in each band', () => {
    const ratios = powerRatios((seed) => {
      const pupils = new Pupils({ seed, subject: seed, preset: 'demo', schedule: STEADY });
      const traces = [new Float64Array(seconds * 10), new Float64Array(seconds * 10)];
      for (let tick = 0; tick < seconds * 10; tick++) {
        pupils.moveTo(tick / 10);
        for (const [eye, trace] of traces.entries()) trace[tick] = pupils.diametersMm[eye]!;
      }
      return traces;
    });
    for (const ratio of ratios) expect(Math.abs(ratio - 1)).toBeLessThan(0.1);
  });

  it.each(RATES_HZ)('have it at %i Hz, except for the blinks', (sampleRateHz) => {
    const ratios = powerRatios((seed) => {
      const { channels } = record({ seed, sampleRateHz, schedule: STEADY }, seconds);
      return [4, 5].map((channel) => trace(channels[channel]!, sampleRateHz));
    });
    for (const ratio of ratios) expect(Math.abs(ratio - 1)).toBeLessThan(0.2);
  });

  it('are correlated, but not fully', () => {
    const { channels } = record({ schedule: STEADY }, seconds);
    const [left, right] = [4, 5].map((channel) => trace(channels[channel]!, 250)) as [Float64Array, Float64Array];
    const centred = (x: Float64Array) => x.map((value) => value - mean(x));
    const product = (x: Float64Array, y: Float64Array) => mean(x.map((value, i) => value * y[i]!));
    const [l, r] = [centred(left), centred(right)];
    const correlation = product(l, r) / Math.sqrt(product(l, l) * product(r, r));
    expect(correlation).toBeGreaterThan(0.8);
    expect(correlation).toBeLessThan(0.99);
  });

  /** Means over 0.1 s; interpolated linearly where the eyes were closed. */
  function trace(channel: Float32Array, rateHz: number): Float64Array {
    const out = new Float64Array(seconds * 10);
    const perValue = rateHz / 10;
    for (let j = 0; j < out.length; j++) {
      const around = channel.slice(Math.max(0, (j - 0.5) * perValue), (j + 1.5) * perValue);
      const isWhole = around.every((value) => !Number.isNaN(value));
      out[j] = isWhole ? mean(channel.slice(j * perValue, (j + 1) * perValue)) : Number.NaN;
    }
    for (let j = 0; j < out.length; j++) {
      if (!Number.isNaN(out[j]!)) continue;
      const to = out.findIndex((value, i) => i > j && !Number.isNaN(value));
      const [before, after] = [out[j - 1] ?? out[to]!, to === -1 ? out[j - 1]! : out[to]!];
      out[j] = before + (after - before) / (to === -1 ? 1 : to - j + 1);
    }
    return out;
  }
});

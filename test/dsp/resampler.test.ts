import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PolyphaseResampler } from '../../src/dsp/resampler.ts';
import golden from '../golden/dsp-resampler.json' with { type: 'json' };
import { cuts } from '../support/cut.ts';

const RATES_HZ = [2048, 1000, 512, 500, 256, 250, 200, 160, 128, 125];

const to200Hz = (inputRateHz: number, channels = 1) =>
  new PolyphaseResampler({ inputRateHz, outputRateHz: 200, channels });

/** Resamples the whole stream in blocks of the sizes `cut`: one array per channel. */
function resample(
  resampler: PolyphaseResampler,
  input: readonly Float32Array[],
  { cut = [input[0]!.length], firstSample = 0 }: { cut?: readonly number[]; firstSample?: number } = {},
): number[][] {
  const outputs: number[][] = input.map(() => []);
  const take = (count: number) => {
    outputs.forEach((output, c) => {
      const from = c * resampler.outStride;
      output.push(...resampler.out.subarray(from, from + count));
    });
  };
  resampler.start(
    firstSample,
    input.map((x) => x[0]!),
  );
  let at = 0;
  for (const size of cut) {
    const block = new Float32Array(input.length * size);
    input.forEach((x, c) => {
      block.set(x.subarray(at, at + size), c * size);
    });
    take(resampler.push(block, size));
    at += size;
  }
  take(resampler.flush());
  return outputs;
}

function wave(length: number, at: (i: number) => number): Float32Array {
  return Float32Array.from({ length }, (_, i) => at(i));
}

/** Largest |output|, without the ends. */
function peak(output: readonly number[]): number {
  return Math.max(...output.slice(60, -60).map(Math.abs));
}

describe('PolyphaseResampler', () => {
  it.each(golden.map((g) => [g.rate_hz, g] as const))(
    'equals a dense product by NumPy from %d Hz',
    (inputRateHz, { x, y }) => {
      const [output] = resample(to200Hz(inputRateHz), [Float32Array.from(x)]);
      expect(output).toHaveLength(y.length);
      y.forEach((value, i) => {
        expect(Math.abs(output![i]! - value)).toBeLessThan(1e-9);
      });
    },
  );

  it.each(RATES_HZ)('gives ceil(N L / M) outputs, bit-identical for every cut, from %d Hz', (inputRateHz) => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 700 }).chain((length) => fc.tuple(fc.constant(length), cuts(length))),
        fc.integer({ min: 0, max: 100_000 }),
        ([length, cut], firstSample) => {
          const input = [0, 1, 2, 3, 4].map((c) => wave(length, (i) => 1000 * c + Math.sin(i * (c + 1)) * 50));
          const whole = resample(to200Hz(inputRateHz, input.length), input, { firstSample });
          const pieces = resample(to200Hz(inputRateHz, input.length), input, { firstSample, cut });
          expect(pieces).toEqual(whole);
          const first = Math.ceil((firstSample * 200) / inputRateHz);
          expect(whole[0]).toHaveLength(Math.ceil(((firstSample + length) * 200) / inputRateHz) - first);
        },
      ),
      { numRuns: 25 },
    );
  });

  it.each(RATES_HZ)('does not change or delay the pass band, from %d Hz', (inputRateHz) => {
    const passHz = inputRateHz > 200 ? 75 : 0.4 * inputRateHz;
    for (const [freqHz, firstSample] of [1, passHz / 2, passHz].flatMap((f) => [0, 1003].map((n) => [f, n] as const))) {
      const at = (seconds: number) => 100 * Math.cos(2 * Math.PI * freqHz * seconds + 0.3);
      const input = wave(2 * inputRateHz, (i) => at((firstSample + i) / inputRateHz));
      const [output] = resample(to200Hz(inputRateHz), [input], { firstSample });
      const first = Math.ceil((firstSample * 200) / inputRateHz);
      for (let i = 60; i < output!.length - 60; i++) {
        expect(Math.abs(output![i]! - at((first + i) / 200))).toBeLessThan(0.05);
      }
    }
  });

  it.each([2048, 1000, 512, 500])('attenuates 125 Hz and above by 80 dB, from %d Hz', (inputRateHz) => {
    for (const freqHz of [125, 126, 140, 199, 200, 201, inputRateHz / 2 - 1]) {
      const [output] = resample(to200Hz(inputRateHz), [
        wave(2 * inputRateHz, (i) => 1e4 * Math.cos((2 * Math.PI * freqHz * i) / inputRateHz)),
      ]);
      expect(peak(output!), `${freqHz} Hz`).toBeLessThan(1);
    }
  });

  it.each([160, 128, 125])('attenuates images by 80 dB from %d Hz', (inputRateHz) => {
    const at = (seconds: number) => 1e4 * Math.cos(2 * Math.PI * 0.3 * inputRateHz * seconds);
    const [output] = resample(to200Hz(inputRateHz), [wave(2 * inputRateHz, (i) => at(i / inputRateHz))]);
    // Fitting the tone removes the pass band's ripple, 1e-4 of the tone. The rest are images.
    const wanted = output!.map((_, g) => at(g / 200));
    const inside = wanted.slice(60, -60);
    const gain =
      inside.reduce((sum, w, i) => sum + w * output![i + 60]!, 0) / inside.reduce((sum, w) => sum + w * w, 0);
    expect(gain).toBeCloseTo(1, 3);
    expect(peak(output!.map((y, g) => y - gain * wanted[g]!))).toBeLessThan(2);
  });

  it('leaves no image of an electrode’s offset', () => {
    for (const inputRateHz of RATES_HZ) {
      const [output] = resample(to200Hz(inputRateHz), [wave(600, () => 187_500)]);
      for (const y of output!) expect(Math.abs(y - 187_500)).toBeLessThan(1e-8);
    }
  });

  it('returns a 200 Hz input unchanged and without delay', () => {
    const input = [wave(50, Math.sin), wave(50, Math.cos)];
    const resampler = to200Hz(200, 2);
    expect(resampler.lookAhead).toBe(0);
    expect(resample(resampler, input)).toEqual(input.map((x) => [...x]));
  });

  it('returns an output as soon as its look-ahead has arrived, with its index on the output grid', () => {
    const resampler = to200Hz(1000);
    resampler.start(1003, [0]);
    // The first grid point at or after sample 1003 is 201 (sample 1005).
    expect(resampler.push(new Float32Array(2 + resampler.lookAhead), 2 + resampler.lookAhead)).toBe(0);
    expect(resampler.push(new Float32Array(1), 1)).toBe(1);
    expect(resampler.firstOutput).toBe(201);
    expect(resampler.push(new Float32Array(4), 4)).toBe(0);
    expect(resampler.push(new Float32Array(1), 1)).toBe(1);
    expect(resampler.firstOutput).toBe(202);
  });

  it('starts again after flush', () => {
    const input = [wave(300, (i) => Math.sin(i / 7))];
    const resampler = to200Hz(250);
    const once = resample(resampler, input);
    expect(resample(resampler, input)).toEqual(once);
  });

  it('accepts other output rates and fractional input rates', () => {
    const pupil = new PolyphaseResampler({ inputRateHz: 1000 / 3, outputRateHz: 10, channels: 1 });
    const [output] = resample(pupil, [wave(2000, () => 3.5)]);
    expect(output).toHaveLength(60);
    for (const y of output!) expect(y).toBeCloseTo(3.5, 9);
  });

  it.each([600.6150297905054, 250.0027, 256.0163850486431, Math.PI * 100])(
    'resamples a tone at %s Hz by the nearest ratio',
    (inputRateHz) => {
      const seconds = 10;
      const tone = (timeS: number) => 20 * Math.sin(2 * Math.PI * 10 * timeS);
      const [output] = resample(to200Hz(inputRateHz), [
        wave(Math.floor(seconds * inputRateHz), (n) => tone(n / inputRateHz)),
      ]);
      // The ratio to 250.0027 Hz is off by 1.1e-5, which is 0.14 uV after 10 s.
      for (let g = 100; g < output!.length - 100; g++) expect(Math.abs(output![g]! - tone(g / 200))).toBeLessThan(0.15);
    },
  );

  it('refuses a rate that is no rate', () => {
    for (const inputRateHz of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 1e-9]) {
      expect(() => to200Hz(inputRateHz)).toThrow(/cannot be resampled/);
    }
  });
});

import { describe, expect, it } from 'vitest';
import { BadChannelDetector } from '../../../src/preprocess/signal/bad-channels.ts';
import { SampleLedger } from '../../../src/preprocess/signal/sample-ledger.ts';
import type { Window } from '../../../src/preprocess/signal/windows.ts';
import { randomOf } from '../../support/signals.ts';

const SIZE = 800;
/** Device samples that a window of the samples [1000, 2000) at 250 Hz depends on. */
const REACH = { from: 400, end: 2000, needed: 2020 };

function detect(
  signals: readonly ((i: number) => number)[],
  { passHz = 75, notchHz = null as number | null, ledger = new SampleLedger(signals.length) } = {},
) {
  const channels = signals.length;
  const data = Float64Array.from({ length: channels * SIZE }, (_, at) => signals[Math.floor(at / SIZE)]!(at % SIZE));
  const window: Window = {
    index: 0,
    first: 0,
    layers: [data],
    offset: 0,
    stride: SIZE,
    coverage: 1,
    warmup: false,
    completedBy: SIZE - 1,
    closedBy: Number.POSITIVE_INFINITY,
    segment: 0,
  };
  return new BadChannelDetector({ channels, size: SIZE, gridHz: 200, passHz, notchHz }).detect(window, ledger, REACH);
}

/** 10 uV of noise with an offset and a drift that depend on the seed. */
function brain(seed: number, gain = 1) {
  const random = randomOf(seed);
  const noise = Float64Array.from({ length: SIZE }, () => 24 * (random() + random() - 1));
  return (i: number) => gain * noise[i]! + 50000 * (seed % 3) + seed * 0.002 * i;
}

const montage = (count = 8) => Array.from({ length: count }, (_, c) => brain(c + 1));
const mains = (hz: number, uv: number) => (i: number) => uv * Math.SQRT2 * Math.sin((2 * Math.PI * hz * i) / 200 + 0.3);

function withChannel(c: number, signal: (i: number) => number, count = 8) {
  const signals = montage(count);
  const own = signals[c]!;
  signals[c] = (i) => own(i) + signal(i);
  return signals;
}

const only = (reason: string, c: number, count = 8) =>
  Array.from({ length: count }, (_, i) => (i === c ? reason : null));

describe('BadChannelDetector', () => {
  it('finds no bad channel in EEG with any offset and drift', () => {
    expect(detect(montage())).toEqual(Array(8).fill(null));
  });

  it('reports flat for a constant and for a drift without a signal', () => {
    const signals = montage();
    signals[2] = () => 1234.5;
    signals[3] = (i) => 50000 + i * 1e-3;
    expect(detect(signals)).toEqual([null, null, 'flat', 'flat', null, null, null, null]);
  });

  it.each([50, 60])('reports line_noise for %i Hz on one channel, unless the notch removes it', (hz) => {
    const signals = withChannel(4, mains(hz, 60));
    expect(detect(signals)).toEqual(only('line_noise', 4));
    expect(detect(signals, { notchHz: hz })).toEqual(Array(8).fill(null));
  });

  it('does not look for mains above the pass band of the device', () => {
    expect(detect(withChannel(4, mains(60, 60)), { passHz: 51 })).toEqual(Array(8).fill(null));
  });

  it('reports mains on all channels only above the amplitude of any EEG', () => {
    const room = montage().map((own) => (i: number) => own(i) + mains(60, 200)(i));
    expect(detect(room)).toEqual(Array(8).fill(null));
    const open = montage(3).map((own) => (i: number) => own(i) + mains(60, 2000)(i));
    expect(detect(open)).toEqual(Array(3).fill('line_noise'));
  });

  it('reports outlier for 12 times or 1/12 of the other amplitudes, but not for a blink or a tense jaw', () => {
    for (const gain of [12, 1 / 12]) {
      const signals = montage();
      signals[5] = brain(6, gain);
      expect(detect(signals)).toEqual(only('outlier', 5));
    }
    const blink = (i: number) => 150 * Math.exp(-(((i - 400) / 20) ** 2));
    const signals = montage();
    signals[0] = (i) => brain(1)(i) + blink(i);
    signals[1] = brain(2, 5);
    expect(detect(signals)).toEqual(Array(8).fill(null));
  });

  it('compares amplitudes from five channels on, and reports amplitudes above any EEG with fewer', () => {
    const signals = montage(4);
    signals[0] = brain(1, 12);
    expect(detect(signals)).toEqual(Array(4).fill(null));
    signals[0] = brain(1, 200);
    expect(detect(signals)).toEqual(only('outlier', 0, 4));
  });

  it('reports missing before railed and railed before flat', () => {
    const ledger = new SampleLedger(8);
    ledger.missing[0]!.add(1999, 2000);
    ledger.railed[0]!.add(1000, 2000);
    ledger.railed[1]!.add(1000, 1001);
    const signals = montage();
    signals[1] = () => 187500;
    expect(detect(signals, { ledger })).toEqual(['missing', 'railed', null, null, null, null, null, null]);
  });

  it('counts disturbances before the window that still ring in it and rails in the resampler’s look-ahead', () => {
    const ledger = new SampleLedger(8);
    ledger.missing[0]!.add(300, 401);
    ledger.railed[1]!.add(2019, 2020);
    ledger.beyond[2]!.add(400, 401.25);
    ledger.beyond[3]!.add(1998.75, 2000);
    ledger.missing[4]!.add(300, 400);
    ledger.missing[4]!.add(2000, 2001);
    ledger.railed[5]!.add(2020, 2021);
    ledger.beyond[6]!.add(398.75, 400);
    ledger.beyond[7]!.add(2000, 2001.25);
    const reasons = ['missing', 'railed', 'outlier', 'outlier', null, null, null, null];
    expect(detect(montage(), { ledger })).toEqual(reasons);
  });
});

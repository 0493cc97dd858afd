import { describe, expect, it } from 'vitest';
import { BadChannelDetector } from '../../../src/preprocess/signal/bad-channels.ts';
import { SampleLedger } from '../../../src/preprocess/signal/sample-ledger.ts';
import type { Window } from '../../../src/preprocess/signal/windows.ts';
import { randomOf } from '../../support/signals.ts';

const SIZE = 800;
/** Of a window on the samples [1000, 2000) at 250 Hz. */
const REACH = { from: 400, end: 2000, needed: 2020 };

function judge(
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

/** 10 uV of noise on an offset and a drift of its own. */
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
  it('finds nothing in brain signals, whatever their offset and drift', () => {
    expect(judge(montage())).toEqual(Array(8).fill(null));
  });

  it('flat: a constant, and a drift without a signal', () => {
    const signals = montage();
    signals[2] = () => 1234.5;
    signals[3] = (i) => 50000 + i * 1e-3;
    expect(judge(signals)).toEqual([null, null, 'flat', 'flat', null, null, null, null]);
  });

  it.each([50, 60])('line noise of %i Hz on one channel, unless the notch takes it', (hz) => {
    const signals = withChannel(4, mains(hz, 60));
    expect(judge(signals)).toEqual(only('line_noise', 4));
    expect(judge(signals, { notchHz: hz })).toEqual(Array(8).fill(null));
  });

  it('mains that the device cannot deliver are not looked for', () => {
    expect(judge(withChannel(4, mains(60, 60)), { passHz: 51 })).toEqual(Array(8).fill(null));
  });

  it("mains on all channels are the room's, up to a loudness that no EEG has", () => {
    const room = montage().map((own) => (i: number) => own(i) + mains(60, 200)(i));
    expect(judge(room)).toEqual(Array(8).fill(null));
    const open = montage(3).map((own) => (i: number) => own(i) + mains(60, 2000)(i));
    expect(judge(open)).toEqual(Array(3).fill('line_noise'));
  });

  it('outlier: twelve times the others, or a twelfth, but not a blink or a tense jaw', () => {
    for (const gain of [12, 1 / 12]) {
      const signals = montage();
      signals[5] = brain(6, gain);
      expect(judge(signals)).toEqual(only('outlier', 5));
    }
    const blink = (i: number) => 150 * Math.exp(-(((i - 400) / 20) ** 2));
    const signals = montage();
    signals[0] = (i) => brain(1)(i) + blink(i);
    signals[1] = brain(2, 5);
    expect(judge(signals)).toEqual(Array(8).fill(null));
  });

  it('needs five channels to call one an outlier, but none for what is no EEG at all', () => {
    const signals = montage(4);
    signals[0] = brain(1, 12);
    expect(judge(signals)).toEqual(Array(4).fill(null));
    signals[0] = brain(1, 200);
    expect(judge(signals)).toEqual(only('outlier', 0, 4));
  });

  it('missing comes before railed, railed before flat', () => {
    const ledger = new SampleLedger(8);
    ledger.missing[0]!.add(1999, 2000);
    ledger.railed[0]!.add(1000, 2000);
    ledger.railed[1]!.add(1000, 1001);
    const signals = montage();
    signals[1] = () => 187500;
    expect(judge(signals, { ledger })).toEqual(['missing', 'railed', null, null, null, null, null, null]);
  });

  it('what rings on into the window counts, and a rail that the resampler looked ahead to', () => {
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
    expect(judge(montage(), { ledger })).toEqual(reasons);
  });
});

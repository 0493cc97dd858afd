import { describe, expect, it } from 'vitest';
import { FrameDecoder } from '../../../devices/biosignal/decoder.ts';
import { encodeRequest } from '../../../devices/biosignal/encode.ts';
import { FRAME } from '../../../devices/biosignal/frame.ts';
import { biosignal } from '../../../devices/biosignal/index.ts';
import type { ProtocolDriver } from '../../../devices/link/driver.ts';
import { cytonProtocol } from '../../../devices/openbci-cyton/index.ts';
import { createAmplifier } from '../../../devices/simulator/amplifier.ts';
import { type Faults, parseFaults } from '../../../devices/simulator/faults.ts';
import { isAffectEdgeError } from '../../../src/errors.ts';
import {
  countingSource,
  MONTAGE_8,
  MONTAGE_16,
  misplaced,
  personSource,
  play,
  rowsOf,
  sourceSample,
} from '../../support/simulator.ts';

const biosignalDriver = (): ProtocolDriver => biosignal.createDriver({ baud: 3_000_000 });
const cytonDriver = (): ProtocolDriver => cytonProtocol().createDriver({ baud: 115_200 });

describe('an amplifier with the biosignal protocol', () => {
  it('sends every sample of the generator, with the true state as markers', () => {
    const driver = biosignalDriver();
    const amplifier = createAmplifier({ protocol: 'biosignal', source: personSource(['C3', 'T8', 'O1'], 500) });
    const { events, blocks } = play(driver, amplifier, 50);

    const rows = rowsOf(blocks);
    const truth = personSource(['C3', 'T8', 'O1'], 500).next(rows.length)!;
    expect(rows.length).toBeGreaterThan(24_900);
    let worst = 0;
    rows.forEach(({ values }, i) => {
      values.forEach((value, c) => {
        worst = Math.max(worst, Math.abs(value - truth.data[c * rows.length + i]!));
      });
    });
    expect(worst).toBeLessThan(0.5 * 0.0223517 * 1.3); // half a count, plus float32 rounding at offsets of tens of millivolts

    const markers = events.flatMap((event) => (event.type === 'marker' ? [event.marker] : []));
    expect(markers).toEqual(truth.markers.map(({ label, offset }) => ({ label, sample: offset })));
    const info = blocks[0]!.info;
    expect(info).toMatchObject({ simulated: true, sampleRateHz: 500, modality: 'eeg' });
    expect(info.channels.map(({ label }) => label)).toEqual(['C3', 'T8', 'O1']);
    expect(driver.counts).toMatchObject({ samplesReceived: amplifier.counts.made, samplesLost: 0, bytesDiscarded: 0 });
  });

  it('describes itself every second from power-on, asked or not', () => {
    const source = personSource(['C3'], 250);
    const amplifier = createAmplifier({ protocol: 'biosignal', source, faults: parseFaults('unplug=9.5') });
    const heard: number[] = [];
    let dataFrames = 0;
    const decoder = new FrameDecoder();
    for (let nowUs = 0; nowUs <= 12e6; nowUs += 2000) {
      if (nowUs === 3.3e6) amplifier.receive(encodeRequest('start'));
      if (nowUs === 6.6e6) amplifier.receive(encodeRequest('stop'));
      decoder.push(amplifier.advance(nowUs), {
        frame: (type) => {
          if (type === FRAME.descriptor) heard.push(nowUs);
          else if (type === FRAME.data) dataFrames++;
        },
        discarded: () => undefined,
      });
    }
    expect(dataFrames).toBeGreaterThan(800);
    // At power-on and then every second; again from the reconnection.
    expect(heard.map((us) => Math.round(us / 1e5) / 10)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10.5, 11.5]);
  });

  it('sends the same bytes however often it is advanced', () => {
    const bytesOf = (stepUs: number): Uint8Array => {
      const amplifier = createAmplifier({
        protocol: 'biosignal',
        source: personSource(['C3'], 250),
        faults: parseFaults('loss=0.05/3,reorder=0.02,corrupt=0.05,stall=2/0.5,drift=300'),
        seed: 9,
      });
      amplifier.advance(0);
      for (const bytes of biosignalDriver().opened(0)) amplifier.receive(bytes);
      const parts: Uint8Array[] = [];
      for (let nowUs = stepUs; nowUs <= 6e6; nowUs += stepUs) parts.push(amplifier.advance(nowUs));
      return Buffer.concat(parts);
    };
    const bytes = bytesOf(20_000);
    expect(bytes.length).toBeGreaterThan(20_000);
    expect(bytesOf(6e6)).toEqual(bytes);
    expect(bytesOf(2000)).toEqual(bytes);
  });

  const faulty: Record<string, Faults> = {
    loss: { loss: { share: 0.05, burst: 1 } },
    'bursts of loss': { loss: { share: 0.05, burst: 30 } },
    reordering: { reorder: 0.05 },
    corruption: { corrupt: 0.05 },
    'stalls that catch up': { stall: { everyS: 5, forS: 2, lost: false } },
    'stalls that lose': { stall: { everyS: 5, forS: 2, lost: true } },
    drift: { driftPpm: 100 },
    all: parseFaults('loss=0.02/5,reorder=0.02,corrupt=0.02,stall=7/1/lost,drift=-80'),
  };
  it.each(Object.entries(faulty))('counts the outcome of every sample with %s', (_, faults) => {
    const driver = biosignalDriver();
    const source = countingSource(['C3', 'C4'], 1000);
    const amplifier = createAmplifier({ protocol: 'biosignal', source, faults, seed: 3 });
    const { blocks } = play(driver, amplifier, 30);
    const rows = rowsOf(blocks);
    const { made, delivered, dropped, damaged, late } = amplifier.counts;
    const { samplesReceived, samplesLost } = driver.counts;

    expect(made).toBe(delivered + dropped + damaged + late);
    expect(samplesReceived).toBe(delivered);
    expect(rows.length).toBe(samplesReceived);
    // Every sample arrived once, at its index, and exactly the declared samples are missing.
    expect(misplaced(rows, sourceSample(rows[0]!) - rows[0]!.index)).toEqual([]);
    expect(samplesReceived + samplesLost).toBe(rows.at(-1)!.index + 1);
    for (let b = 1; b < blocks.length; b++) {
      const before = blocks[b - 1]!;
      expect(blocks[b]!.firstSample).toBe(before.firstSample + before.length + blocks[b]!.lostBefore);
    }
  });

  it('gives clipped samples where an electrode is off', () => {
    const amplifier = createAmplifier({
      protocol: 'biosignal',
      source: personSource(['C3', 'C4'], 250),
      faults: parseFaults('electrode-off=c4'),
    });
    const { blocks } = play(biosignalDriver(), amplifier, 1);
    for (const { values } of rowsOf(blocks)) {
      expect(values[1]).toBeGreaterThanOrEqual(blocks[0]!.info.railUv!);
      expect(Math.abs(values[0]!)).toBeLessThan(blocks[0]!.info.railUv!);
    }
  });

  it('loses its power while unplugged, and repeats the state after the reconnection', () => {
    const amplifier = createAmplifier({
      protocol: 'biosignal',
      source: personSource(['C3'], 250),
      faults: parseFaults('unplug=3'),
    });
    const before = play(biosignalDriver(), amplifier, 2.9);
    amplifier.advance(3.5e6);
    expect(amplifier.plugged).toBe(false);
    amplifier.advance(4.2e6);
    expect(amplifier.plugged).toBe(true);
    const after = play(biosignalDriver(), amplifier, 1, { fromUs: 4.5e6 });
    const markersOf = ({ events }: typeof after) => events.filter((event) => event.type === 'marker');
    expect(markersOf(after)).toEqual(markersOf(before));
    expect(after.blocks[0]!.firstSample).toBe(0);
  });

  it('plays a finite source to its end, and reports the end', () => {
    const driver = biosignalDriver();
    const source = countingSource(['C3'], 1000, 1234);
    const amplifier = createAmplifier({ protocol: 'biosignal', source, faults: { reorder: 0.5 } });
    play(driver, amplifier, 2);
    expect(amplifier.ended).toBe(true);
    expect(amplifier.counts.made).toBe(1234);
    expect(driver.counts.samplesReceived).toBe(amplifier.counts.delivered);
  });

  it.each([
    [1000, true],
    [996, false],
  ])('has ended when it is stopped after %i of 1000 samples: %s', (heard, ended) => {
    const amplifier = createAmplifier({ protocol: 'biosignal', source: countingSource(['C3'], 1000, 1000) });
    amplifier.advance(0);
    amplifier.receive(encodeRequest('start'));
    for (let nowUs = 0; amplifier.counts.made < heard; nowUs += 2000) amplifier.advance(nowUs);
    expect(amplifier.ended).toBe(false);
    amplifier.receive(encodeRequest('stop'));
    amplifier.advance(3e6);
    expect(amplifier.ended).toBe(ended);
    amplifier.receive(encodeRequest('start'));
    amplifier.advance(4e6);
    expect(amplifier.counts).toMatchObject({ made: 1000, delivered: 1000 });
    expect(amplifier.ended).toBe(true);
  });
});

describe('an amplifier with the Cyton protocol', () => {
  it.each([
    ['Cyton', MONTAGE_8, 250],
    ['Cyton with a Daisy', MONTAGE_16, 125],
  ])('a %s sends the samples exactly on its grid', (_, montage, rateHz) => {
    const driver = cytonDriver();
    const amplifier = createAmplifier({ protocol: 'openbci-cyton', source: countingSource(montage, rateHz) });
    const { blocks } = play(driver, amplifier, 10);
    const rows = rowsOf(blocks);
    expect(blocks[0]!.info).toMatchObject({ sampleRateHz: rateHz, railUv: 187_500 });
    expect(blocks[0]!.info.channels.map(({ label }) => label)).toEqual(montage);
    expect(rows.length).toBe(amplifier.counts.made);
    expect(rows.map(({ index }) => index)).toEqual([...rows.keys()]);
    expect(misplaced(rows, 0)).toEqual([]);
    expect(driver.counts).toMatchObject({ samplesLost: 0 });
  });

  it('sends nothing without a request', () => {
    const amplifier = createAmplifier({ protocol: 'openbci-cyton', source: countingSource(MONTAGE_8, 250) });
    amplifier.advance(0);
    expect(amplifier.advance(5e6)).toHaveLength(0);
  });

  it('reports a simulated signal where the source is a generator', () => {
    const amplifier = createAmplifier({ protocol: 'openbci-cyton', source: personSource(MONTAGE_8, 250) });
    const { blocks } = play(cytonDriver(), amplifier, 1);
    expect(blocks[0]!.info.simulated).toBe(true);
  });

  const faulty = {
    loss: 'loss=0.05',
    'bursts of loss of many turns of the counter': 'loss=0.3/200',
    reordering: 'reorder=0.05',
    'stalls of 130 and of 258 samples': 'stall=4/0.52/lost',
    'long stalls that lose': 'stall=4/1.032/lost',
    'stalls that catch up': 'stall=5/2',
  };
  for (const [channels, montage, rateHz] of [
    ['8 channels', MONTAGE_8, 250],
    ['16 channels', MONTAGE_16, 125],
  ] as const) {
    it.each(Object.entries(faulty))(`counts the outcome of every sample of ${channels} with %s`, (_, faults) => {
      const driver = cytonDriver();
      const source = countingSource(montage, rateHz);
      const amplifier = createAmplifier({ protocol: 'openbci-cyton', source, faults: parseFaults(faults), seed: 5 });
      const rows = rowsOf(play(driver, amplifier, 30).blocks);
      expect(misplaced(rows, sourceSample(rows[0]!) - rows[0]!.index)).toEqual([]);
      const { samplesReceived, samplesLost } = driver.counts;
      expect(samplesReceived).toBe(amplifier.counts.delivered);
      expect(samplesReceived + samplesLost).toBe(rows.at(-1)!.index + 1);
    });
  }

  it('gives every undamaged sample at its index', () => {
    const driver = cytonDriver();
    const source = countingSource(MONTAGE_8, 250);
    const faults = parseFaults('corrupt=0.1,loss=0.02');
    const amplifier = createAmplifier({ protocol: 'openbci-cyton', source, faults, seed: 8 });
    const rows = rowsOf(play(driver, amplifier, 300).blocks);
    const { delivered, damaged } = amplifier.counts;
    // A flipped bit in a sample cannot be detected.
    const wrong = misplaced(rows, sourceSample(rows[0]!) - rows[0]!.index).length;
    expect(rows.length - wrong).toBeGreaterThanOrEqual(delivered);
    expect(wrong).toBeLessThan(0.4 * damaged);
    expect(driver.counts.samplesReceived + driver.counts.samplesLost).toBe(rows.at(-1)!.index + 1);
  });

  it('refuses a source that a Cyton cannot send', () => {
    expect(() => createAmplifier({ protocol: 'openbci-cyton', source: countingSource(MONTAGE_8, 256) })).toThrow(
      /8 channels at 250 Hz.*not 8 at 256 Hz/,
    );
  });
});

describe('parseFaults', () => {
  it('reads every fault', () => {
    expect(
      parseFaults('loss=0.01/4,reorder=0.02,corrupt=0.001,stall=30/2,drift=50,unplug=60,electrode-off=C3+Fp1'),
    ).toEqual({
      loss: { share: 0.01, burst: 4 },
      reorder: 0.02,
      corrupt: 0.001,
      stall: { everyS: 30, forS: 2, lost: false },
      driftPpm: 50,
      unplugEveryS: 60,
      electrodesOff: ['C3', 'FP1'],
    });
    expect(parseFaults('')).toEqual({});
  });

  it.each([
    'los=0.1',
    'loss',
    'loss=',
    'loss=2',
    'loss=0.1/0',
    'stall=30',
    'stall=2/30',
    'stall=9/1/x',
    'drift=much',
    'toString=1',
  ])('refuses "%s" and lists what exists', (text) => {
    try {
      parseFaults(text);
      expect.unreachable();
    } catch (error) {
      expect(isAffectEdgeError(error, 'CONFIG_INVALID')).toBe(true);
      expect(String(error)).toContain('loss=SHARE[/BURST], reorder=SHARE, corrupt=SHARE, stall=');
    }
  });

  it('refuses an unknown electrode', () => {
    const source = countingSource(['C3', 'C4'], 250);
    expect(() => createAmplifier({ protocol: 'biosignal', source, faults: parseFaults('electrode-off=PZ') })).toThrow(
      /there is no channel PZ for electrode-off: the channels are C3 C4/,
    );
  });
});

import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { biosignal } from '../../../devices/biosignal/index.ts';
import { cytonProtocol } from '../../../devices/openbci-cyton/index.ts';
import { serialDevice } from '../../../devices/serial/index.ts';
import { type AmplifierOptions, createAmplifier } from '../../../devices/simulator/amplifier.ts';
import { parseFaults } from '../../../devices/simulator/faults.ts';
import { loopbackOpener } from '../../../devices/simulator/loopback.ts';
import type { Clock } from '../../../src/clock.ts';
import type { Block, DeviceEvent } from '../../../src/samples.ts';
import { countingSource, MONTAGE_8, misplaced, rowsOf } from '../../support/simulator.ts';

/** A clock that only the test advances. */
class Hands implements Clock {
  nowUs = 0;
  readonly steps = new Set<() => void>();
  monoUs = (): number => this.nowUs;
  unixUs = (): number => this.nowUs;
  steppedUs = (): number => 0;
  readonly pace = (step: () => void): (() => void) => {
    this.steps.add(step);
    return () => this.steps.delete(step);
  };

  /** Advances by steps of 20 ms until `done`. */
  async until(done: () => boolean): Promise<void> {
    while (!done()) {
      this.nowUs += 20_000;
      for (const step of this.steps) step();
      await setImmediate();
    }
  }
}

function connect(options: AmplifierOptions) {
  const hands = new Hands();
  const amplifier = createAmplifier(options);
  const device = serialDevice({
    protocol: options.protocol === 'biosignal' ? biosignal : cytonProtocol(),
    path: 'simulator',
    clock: hands,
    openPort: loopbackOpener({ amplifier, clock: hands, pace: hands.pace }),
    backoff: { firstMs: 1, maxMs: 1 },
  });
  const events: DeviceEvent[] = [];
  const blocks: Block[] = [];
  const errors: unknown[] = [];
  const subscription = device.events$.subscribe({
    next(event) {
      events.push(event);
      if (event.type === 'samples') blocks.push(event.block);
    },
    error: (error) => errors.push(error),
  });
  const received = (): number => blocks.reduce((sum, { length }) => sum + length, 0);
  return { hands, amplifier, events, blocks, errors, subscription, received };
}

describe('the loopback port', () => {
  let close = (): void => undefined;
  afterEach(() => close());

  it.each(['biosignal', 'openbci-cyton'] as const)(
    'connects a %s device over the real transport, with every sample at its index',
    async (protocol) => {
      const link = connect({ protocol, source: countingSource(MONTAGE_8, 250) });
      close = () => link.subscription.unsubscribe();
      await link.hands.until(() => link.received() >= 1000);
      const rows = rowsOf(link.blocks);
      expect(misplaced(rows, 0)).toEqual([]);
      expect(link.errors).toEqual([]);
    },
  );

  it('catches up when the timer comes late', async () => {
    const link = connect({ protocol: 'biosignal', source: countingSource(['C3'], 1000) });
    close = () => link.subscription.unsubscribe();
    await link.hands.until(() => link.received() >= 100);
    link.hands.nowUs += 3e6;
    await link.hands.until(() => link.received() >= 4000);
    expect(misplaced(rowsOf(link.blocks), 0)).toEqual([]);
  });

  it('survives an unplugged cable: the gap is declared, and the index goes on', async () => {
    const link = connect({
      protocol: 'biosignal',
      source: countingSource(['C3'], 1000),
      faults: parseFaults('unplug=3'),
    });
    close = () => link.subscription.unsubscribe();
    const gaps = () => link.blocks.filter(({ lostBefore }) => lostBefore > 0);
    await link.hands.until(() => gaps().length >= 2);
    for (let i = 0; i < 20; i++) await setImmediate();
    expect(rowsOf(link.blocks).length).toBe(link.amplifier.counts.delivered);
    let next = 0;
    for (const block of link.blocks) {
      expect(block.firstSample).toBe(next + block.lostBefore);
      next = block.firstSample + block.length;
    }
    for (const { lostBefore } of gaps()) expect(lostBefore).toBeGreaterThan(900);
    expect(link.events.some((event) => event.type === 'status' && event.state === 'lost')).toBe(true);
    // The outage is counted as time, not as lost samples.
    const counted = link.events.findLast((event) => event.type === 'counts');
    expect(counted?.type === 'counts' && counted.counts.samplesLost).toBe(0);
    expect(counted?.type === 'counts' && counted.counts.awayMs).toBeGreaterThan(900);
    expect(link.errors).toEqual([]);
  });

  it('leaves no timer running when it is unsubscribed', async () => {
    const link = connect({ protocol: 'biosignal', source: countingSource(['C3'], 1000) });
    await link.hands.until(() => link.received() >= 100);
    expect(link.hands.steps.size).toBe(1);
    link.subscription.unsubscribe();
    await link.hands.until(() => link.hands.steps.size === 0);
    const before = link.received();
    for (let i = 0; i < 10; i++) await setImmediate();
    expect(link.received()).toBe(before);
  });
});

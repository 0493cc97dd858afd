import { type Subscription, take } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { replayDevice, type Schedule } from '../../../devices/replay/replay.ts';
import { systemClock } from '../../../src/clock.ts';
import type { Recording } from '../../../src/formats/recording.ts';
import type { Block, DeviceEvent, Marker, StreamInfo } from '../../../src/samples.ts';

const info: StreamInfo = {
  deviceId: 'test',
  modality: 'eeg',
  channels: [{ label: 'CZ', unit: 'uV' }],
  sampleRateHz: 100,
  simulated: false,
};

/** Samples [0, 200) and [250, 250 + more), whose value is their index. */
function recordingOf(more: number, markers: readonly Marker[] = []): Recording {
  return {
    path: 'test.edf',
    format: 'EDF',
    info,
    totalSamples: 250 + more,
    startUnixUs: null,
    markers,
    notices: [],
    *blocks(blockSamples = 100): Generator<Block> {
      for (const [from, to, lost] of [
        [0, 200, 0],
        [250, 250 + more, 50],
      ] as const) {
        for (let at = from; at < to; at += blockSamples) {
          const length = Math.min(blockSamples, to - at);
          const timeUs = at * 10_000;
          yield {
            info,
            firstSample: at,
            length,
            data: Float32Array.from({ length }, (_, i) => at + i),
            lostBefore: at === from ? lost : 0,
            deviceTimeUs: timeUs,
            hostTimeUs: timeUs,
            clockErrUs: 0,
          };
        }
      }
    },
  };
}

/** A clock that only scheduled tasks advance. */
class VirtualTime {
  nowUs = 5_000_000;
  readonly clock = { monoUs: () => this.nowUs, unixUs: () => 0, steppedUs: () => 0 };
  private readonly tasks = new Set<{ atUs: number; task: () => void }>();

  readonly schedule: Schedule = (task, delayMs) => {
    const entry = { atUs: this.nowUs + delayMs * 1000, task };
    this.tasks.add(entry);
    return () => this.tasks.delete(entry);
  };

  get pending(): number {
    return this.tasks.size;
  }

  /** Runs the tasks in the order of their times until none is left or `untilUs` is reached. */
  run(untilUs = Number.POSITIVE_INFINITY): void {
    for (;;) {
      const [first] = [...this.tasks].sort((a, b) => a.atUs - b.atUs);
      if (!first || first.atUs > untilUs) return;
      this.tasks.delete(first);
      this.nowUs = Math.max(this.nowUs, first.atUs);
      first.task();
    }
  }
}

function play(speed: number | 'max', recording = recordingOf(150), blockMs?: number) {
  const time = new VirtualTime();
  const events: { atUs: number; event: DeviceEvent }[] = [];
  const device = replayDevice({
    recording,
    speed,
    clock: time.clock,
    schedule: time.schedule,
    ...(blockMs === undefined ? {} : { blockMs }),
  });
  let completed = false;
  const subscription: Subscription = device.events$.subscribe({
    next: (event) => events.push({ atUs: time.nowUs - 5_000_000, event }),
    complete: () => {
      completed = true;
    },
  });
  const blocks = () =>
    events.flatMap(({ event, atUs }) => (event.type === 'samples' ? [{ ...event.block, atUs }] : []));
  return { time, device, events, blocks, subscription, completed: () => completed };
}

describe('replay', () => {
  it('gives every sample and loss once, with counts at the end, and completes', () => {
    const { time, events, blocks, completed } = play('max');
    time.run();
    expect(completed()).toBe(true);
    expect(events.slice(0, 2).map(({ event }) => event.type)).toEqual(['status', 'info']);
    expect(blocks().flatMap((b) => [...b.data])).toEqual(Array.from({ length: 350 }, (_, i) => (i < 200 ? i : i + 50)));
    expect(
      blocks()
        .filter((b) => b.lostBefore > 0)
        .map((b) => [b.firstSample, b.lostBefore]),
    ).toEqual([[250, 50]]);
    expect(events.at(-1)!.event).toEqual({
      type: 'counts',
      counts: { bytesReceived: 0, bytesDiscarded: 0, samplesReceived: 350, samplesLost: 50, reconnects: 0, awayMs: 0 },
    });
    expect(events.filter(({ event }) => event.type === 'counts').length).toBe(5);
  });

  it("uses the recording's time at full speed", () => {
    const { time, blocks } = play('max');
    time.run();
    for (const block of blocks()) expect(block.hostTimeUs).toBe(block.firstSample * 10_000);
  });

  it.each([1, 4, 0.5])('emits a block when its last sample is due at %s times real time', (speed) => {
    const { time, blocks } = play(speed);
    time.run();
    for (const block of blocks()) {
      expect(block.length).toBe(2);
      expect(block.deviceTimeUs).toBe(block.firstSample * 10_000);
      expect(block.hostTimeUs).toBeCloseTo(5_000_000 + (block.firstSample * 10_000) / speed, 3);
      expect(block.atUs).toBeCloseTo(((block.firstSample + block.length) * 10_000) / speed, 3);
    }
  });

  it('emits markers before their block, and those of a gap before the block after it', () => {
    const markers = [0, 3, 3.5, 230, 399.9, 500].map((sample) => ({ label: `m${sample}`, sample }));
    const { time, events } = play('max', recordingOf(150, markers));
    time.run();
    const order = events.flatMap(({ event }): (string | number)[] =>
      event.type === 'marker' ? [event.marker.label] : event.type === 'samples' ? [event.block.firstSample] : [],
    );
    const blockAfter = (label: string) => order[order.indexOf(label) + 1];
    expect(order.filter((entry) => typeof entry === 'string')).toEqual(markers.map((m) => m.label));
    expect([blockAfter('m0'), blockAfter('m3.5'), blockAfter('m230'), blockAfter('m399.9')]).toEqual([0, 2, 250, 398]);
    expect(order.at(-1)).toBe('m500');
  });

  it('stops at once, from outside and from inside an event', () => {
    const outside = play(1);
    outside.time.run(5_000_000 + 500_000);
    const seen = outside.events.length;
    outside.subscription.unsubscribe();
    expect(outside.time.pending).toBe(0);
    outside.time.run();
    expect(outside.events.length).toBe(seen);

    const inside = new VirtualTime();
    const device = replayDevice({
      recording: recordingOf(150),
      speed: 'max',
      clock: inside.clock,
      schedule: inside.schedule,
    });
    let events = 0;
    let completions = 0;
    device.events$.pipe(take(5)).subscribe({ next: () => events++, complete: () => completions++ });
    inside.run();
    expect([events, completions, inside.pending]).toEqual([5, 1, 0]);
  });

  it('plays from the start for every subscriber', () => {
    const { time, device, blocks } = play('max');
    time.run();
    let samples = 0;
    device.events$.subscribe((event) => {
      if (event.type === 'samples') samples += event.block.length;
    });
    time.run();
    expect([samples, blocks().length]).toEqual([350, 175]);
  });

  it('does not block the event loop at full speed', async () => {
    let turns = 0;
    let playing = true;
    const turn = () => {
      turns++;
      if (playing) setImmediate(turn);
    };
    setImmediate(turn);
    await new Promise<void>((resolve) => {
      const device = replayDevice({ recording: recordingOf(400), speed: 'max', clock: systemClock });
      // A consumer that needs 1 ms for a block.
      device.events$.subscribe({
        next: () => {
          const until = performance.now() + 1;
          while (performance.now() < until);
        },
        complete: resolve,
      });
    });
    playing = false;
    expect(turns).toBeGreaterThan(20);
  });

  it('refuses an invalid speed', () => {
    expect(() => play(0)).toThrow(/speed is 0, expected a number above 0 or "max"/);
  });
});

/** Plays a recording as a live device: at real time, n times as fast, or as fast as possible. */
import { Observable, type Subscriber } from 'rxjs';
import type { Clock } from '../../src/clock.ts';
import { AffectEdgeError } from '../../src/errors.ts';
import type { Recording } from '../../src/formats/recording.ts';
import type { Block, DeviceEvent } from '../../src/samples.ts';
import type { Device } from '../device.ts';

export interface ReplayOptions {
  readonly recording: Recording;
  /** Multiple of real time, or "max". */
  readonly speed: number | 'max';
  readonly clock: Clock;
  readonly blockMs?: number;
  readonly schedule?: Schedule;
}

/** Runs `task` after at least `delayMs` and at least one turn of the event loop; the result cancels it. */
export type Schedule = (task: () => void, delayMs: number) => () => void;

const schedulePerLoop: Schedule = (task, delayMs) => {
  if (delayMs > 0) {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  }
  const immediate = setImmediate(task);
  return () => clearImmediate(immediate);
};

/** Work without a pause before servers and timers get their turn. */
const sliceUs = 4000;
/** A wait for a long gap is done in parts: timers hold 31 bits of milliseconds. */
const longestWaitMs = 60_000;

/**
 * Emits a status, the stream's info, the samples with each marker before its block, the counts once a second of the
 * recording and at its end, and completes. At "max" host time is the recording's own time from 0. Otherwise it is that
 * of `clock`, and a block appears when its last sample is due.
 *
 * @throws CONFIG_INVALID for a speed that is not above 0.
 */
export function replayDevice(options: ReplayOptions): Device {
  if (options.speed !== 'max' && !(options.speed > 0)) {
    throw new AffectEdgeError('CONFIG_INVALID', `speed is ${options.speed}, expected a number above 0 or "max"`);
  }
  const name = `replay of ${options.recording.path}`;
  return { name, events$: new Observable<DeviceEvent>((subscriber) => play(options, name, subscriber)) };
}

function play(options: ReplayOptions, name: string, subscriber: Subscriber<DeviceEvent>): () => void {
  const { recording, speed, clock, blockMs = 20, schedule = schedulePerLoop } = options;
  const { info, markers } = recording;
  const startUs = clock.monoUs();
  const blocks = recording.blocks(Math.max(1, Math.round((info.sampleRateHz * blockMs) / 1000)))[Symbol.iterator]();
  let next = blocks.next();
  let marker = 0;
  let samplesReceived = 0;
  let samplesLost = 0;
  let countsDueAt = info.sampleRateHz;
  let cancel = () => {};

  const emitMarkersBefore = (sample: number) => {
    while (!subscriber.closed && marker < markers.length && markers[marker]!.sample < sample) {
      subscriber.next({ type: 'marker', marker: markers[marker++]! });
    }
  };
  const emitCounts = () =>
    subscriber.next({
      type: 'counts',
      counts: { bytesReceived: 0, bytesDiscarded: 0, samplesReceived, samplesLost, reconnects: 0, awayMs: 0 },
    });
  const emit = (block: Block) => {
    const end = block.firstSample + block.length;
    emitMarkersBefore(end);
    if (subscriber.closed) return;
    const hostTimeUs = speed === 'max' ? block.hostTimeUs : startUs + block.hostTimeUs / speed;
    samplesReceived += block.length;
    samplesLost += block.lostBefore;
    subscriber.next({ type: 'samples', block: { ...block, hostTimeUs } });
    if (end >= countsDueAt) {
      countsDueAt = end + info.sampleRateHz;
      emitCounts();
    }
  };
  const dueInUs = (block: Block) =>
    speed === 'max'
      ? 0
      : startUs + ((block.firstSample + block.length) * 1e6) / info.sampleRateHz / speed - clock.monoUs();

  const slice = () => {
    const sliceEndUs = clock.monoUs() + sliceUs;
    while (!subscriber.closed) {
      if (next.done) {
        emitMarkersBefore(Number.POSITIVE_INFINITY);
        emitCounts();
        subscriber.complete();
        return;
      }
      const waitUs = dueInUs(next.value);
      if (waitUs > 0 || clock.monoUs() >= sliceEndUs) {
        cancel = schedule(slice, Math.min(longestWaitMs, Math.max(0, waitUs) / 1000));
        return;
      }
      emit(next.value);
      next = blocks.next();
    }
  };

  subscriber.next({ type: 'status', state: 'streaming', message: name });
  subscriber.next({ type: 'info', info });
  cancel = schedule(slice, 0);
  return () => cancel();
}

import { GazepointDriver } from '../../devices/gazepoint/driver.ts';
import { OpenGazeTracker, type TrackedFrame, type TrackerOptions } from '../../devices/gazepoint/tracker.ts';
import { isAffectEdgeError } from '../../src/errors.ts';
import type { Block, DeviceEvent, StreamInfo } from '../../src/samples.ts';

const SCREEN = [2000, 1000] as const;
export const TRACKER: TrackerOptions = { rateHz: 60, screenPx: SCREEN, product: 'GP3' };

/** Frame n, with values that identify it. */
export function frameOf(n: number, timeS: number): TrackedFrame {
  return {
    count: 1000 + n,
    timeS,
    left: { x: (n % 4096) / 4096, y: 0.25, pupilMm: 3.5, pupilPx: 15 },
    right: { x: (n % 4096) / 4096, y: 0.75, pupilMm: 3.25, pupilPx: 14 },
  };
}

/** The number, modulo 4096, of the frame by `frameOf` in a block's sample. */
export function frameIn(block: Block, i = 0): number {
  return Math.round((block.data[i]! / block.info.geometry!.screenPx![0]) * 4096);
}

export const record = (attributes: string): string => `<REC ${attributes} />\r\n`;
export const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));
export const textOf = (parts: readonly Uint8Array[]): string => Buffer.concat(parts).toString('latin1');

export function blocksOf(events: readonly DeviceEvent[]): Block[] {
  return events.flatMap((event) => (event.type === 'samples' ? [event.block] : []));
}

export function infosOf(events: readonly DeviceEvent[]): StreamInfo[] {
  return events.flatMap((event) => (event.type === 'info' ? [event.info] : []));
}

/** `CODE: message` of the thrown error. */
export function refusalOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (isAffectEdgeError(error)) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'none';
}

/** A driver and a tracker connected without a socket, on a clock that the test advances. */
export class Bench {
  readonly driver = new GazepointDriver();
  readonly events: DeviceEvent[] = [];
  /** Bytes that the tracker wrote. */
  written = 0;
  nowUs: number;
  tracker: OpenGazeTracker;

  constructor(options: Partial<TrackerOptions> = {}, fromUs = 5e6) {
    this.tracker = new OpenGazeTracker({ ...TRACKER, ...options });
    this.nowUs = fromUs;
  }

  /** Connects, sends the commands and receives the answers. */
  open(): this {
    this.send(
      this.driver
        .opened(this.nowUs)
        .map((bytes) => this.tracker.receive(bytes))
        .join(''),
    );
    return this;
  }

  send(text: string): DeviceEvent[] {
    this.written += text.length;
    const events = this.driver.push(bytesOf(text), this.nowUs);
    this.events.push(...events);
    return events;
  }

  /** Frames [from, to), each arriving 5 ms after its time. */
  stream(from: number, to: number, timeS = (n: number): number => 100 + n / 60): DeviceEvent[] {
    const events: DeviceEvent[] = [];
    for (let n = from; n < to; n++) {
      this.nowUs = Math.max(this.nowUs, timeS(n) * 1e6 - 90e6 + 5000);
      events.push(...this.send(this.tracker.record(frameOf(n, timeS(n)))));
    }
    return events;
  }

  /** Advances the clock without records. */
  wait(seconds: number): void {
    for (let tick = 0; tick < seconds * 10; tick++) {
      this.nowUs += 1e5;
      this.events.push(...this.driver.tick(this.nowUs));
      for (const bytes of this.driver.takeWrites()) this.send(this.tracker.receive(bytes));
    }
  }

  /** The connection breaks. */
  cut(): DeviceEvent[] {
    const events = this.driver.interrupted();
    this.events.push(...events);
    return events;
  }

  get blocks(): Block[] {
    return blocksOf(this.events);
  }
}

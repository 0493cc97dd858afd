/** Tracker side of the Open Gaze API without I/O, for tests and simulators: answers commands and writes records. */
import { formatOpenGaze, type OpenGazeMessage } from '../../src/formats/gaze/open-gaze/message.ts';
import type { ScreenPx } from '../../src/formats/gaze/open-gaze/values.ts';
import { RECORD_FIELDS, SEND_DATA } from './commands.ts';
import { MessageReader } from './message-reader.ts';
import { SIMULATOR } from './stream-info.ts';

export interface TrackerOptions {
  readonly rateHz: number;
  readonly screenPx: ScreenPx;
  /** VALUE of PRODUCT_ID; default: that of a simulated tracker. */
  readonly product?: string;
  readonly tickHz?: number;
  /** Commands that it refuses with a NACK, as an older version does. */
  readonly unknown?: readonly string[];
}

/** Measurements of an eye; NaN where the camera does not see it. */
export interface TrackedEye {
  /** Gaze in fractions of the screen, from the top left. */
  readonly x: number;
  readonly y: number;
  readonly pupilMm: number;
  /** In pixels of the camera. */
  readonly pupilPx: number;
}

export const NO_EYE: TrackedEye = { x: Number.NaN, y: Number.NaN, pupilMm: Number.NaN, pupilPx: Number.NaN };

/** A camera frame. */
export interface TrackedFrame {
  readonly count: number;
  readonly timeS: number;
  readonly left: TrackedEye;
  readonly right: TrackedEye;
}

export class OpenGazeTracker {
  readonly #options: TrackerOptions;
  readonly #reader = new MessageReader();
  readonly #switches = new Map<string, boolean>();

  constructor(options: TrackerOptions) {
    this.#options = options;
    for (const id of [...Object.keys(RECORD_FIELDS), SEND_DATA])
      if (!options.unknown?.includes(id)) this.#switches.set(id, false);
  }

  /** Whether ENABLE_SEND_DATA is on. */
  get streaming(): boolean {
    return this.#switches.get(SEND_DATA) === true;
  }

  /** The answers to a client's bytes. */
  receive(bytes: Uint8Array): string {
    let answers = '';
    this.#reader.push(bytes, {
      message: (message) => {
        answers += this.#answer(message);
      },
      discarded: () => undefined,
    });
    return answers;
  }

  /** The record of a frame, with the fields that the client has enabled; empty while it does not stream. */
  record(frame: TrackedFrame): string {
    if (!this.streaming) return '';
    const values = this.#valuesOf(frame);
    const record: Record<string, string | number> = {};
    for (const [id, names] of Object.entries(RECORD_FIELDS)) {
      if (this.#switches.get(id)) for (const name of names) record[name] = values[name] ?? 0;
    }
    return formatOpenGaze('REC', record);
  }

  #answer({ tag, attributes }: OpenGazeMessage): string {
    const id = attributes.get('ID')?.trim() ?? '';
    const properties = this.#options.unknown?.includes(id) ? undefined : this.#properties()[id];
    if (tag === 'GET' && properties) return formatOpenGaze('ACK', { ID: id, ...properties });
    if (!this.#switches.has(id)) return formatOpenGaze('NACK', { ID: id });
    if (tag === 'SET') this.#switches.set(id, attributes.get('STATE') === '1');
    return formatOpenGaze('ACK', { ID: id, STATE: this.#switches.get(id) ? 1 : 0 });
  }

  #properties(): Record<string, Record<string, string | number>> {
    const { rateHz, screenPx, product = SIMULATOR, tickHz } = this.#options;
    return {
      PRODUCT_ID: { VALUE: product, BUS: rateHz > 60 ? 'USB3' : 'USB2', RATE: rateHz },
      SCREEN_SIZE: { X: 0, Y: 0, WIDTH: screenPx[0], HEIGHT: screenPx[1] },
      ...(tickHz === undefined ? {} : { TIME_TICK_FREQUENCY: { FREQ: tickHz } }),
    };
  }

  #valuesOf({ count, timeS, left, right }: TrackedFrame): Record<string, string | number> {
    const { tickHz = 1e7 } = this.#options;
    return {
      CNT: count,
      TIME: timeS.toFixed(5),
      TIME_TICK: Math.round(timeS * tickHz),
      ...eyeValues('L', left),
      ...eyeValues('R', right),
    };
  }
}

function eyeValues(side: 'L' | 'R', { x, y, pupilMm, pupilPx }: TrackedEye): Record<string, string | number> {
  return {
    [`${side}POGX`]: decimals(x),
    [`${side}POGY`]: decimals(y),
    [`${side}POGV`]: flag(x, y),
    [`${side}PD`]: decimals(pupilPx),
    [`${side}PV`]: flag(pupilPx),
    [`${side}PMM`]: decimals(pupilMm),
    [`${side}PMMV`]: flag(pupilMm),
  };
}

function decimals(value: number): string {
  return (Number.isFinite(value) ? value : 0).toFixed(5);
}

function flag(...values: readonly number[]): 0 | 1 {
  return values.every(Number.isFinite) ? 1 : 0;
}

/** The requests sent to the Open Gaze API, and the fields that each command adds. */
import { AffectEdgeError } from '../../src/errors.ts';
import { formatOpenGaze, type OpenGazeMessage } from '../../src/formats/gaze/open-gaze/message.ts';

/** Requests for properties of the tracker. */
const QUERIES = ['PRODUCT_ID', 'SCREEN_SIZE', 'TIME_TICK_FREQUENCY'] as const;

/** The attributes that each command adds to a record. */
export const RECORD_FIELDS = {
  ENABLE_SEND_COUNTER: ['CNT'],
  ENABLE_SEND_TIME: ['TIME'],
  ENABLE_SEND_TIME_TICK: ['TIME_TICK'],
  ENABLE_SEND_POG_LEFT: ['LPOGX', 'LPOGY', 'LPOGV'],
  ENABLE_SEND_POG_RIGHT: ['RPOGX', 'RPOGY', 'RPOGV'],
  ENABLE_SEND_PUPIL_LEFT: ['LPCX', 'LPCY', 'LPD', 'LPS', 'LPV'],
  ENABLE_SEND_PUPIL_RIGHT: ['RPCX', 'RPCY', 'RPD', 'RPS', 'RPV'],
  ENABLE_SEND_PUPILMM: ['LPMM', 'LPMMV', 'RPMM', 'RPMMV'],
} as const;

/** Starts and stops the stream; sent last, so that the first record has all fields. */
export const SEND_DATA = 'ENABLE_SEND_DATA';

/** There is no gaze stream without these; an older tracker may refuse the others. */
const REQUIRED = new Set<string>([
  'SCREEN_SIZE',
  'ENABLE_SEND_COUNTER',
  'ENABLE_SEND_TIME',
  'ENABLE_SEND_POG_LEFT',
  'ENABLE_SEND_POG_RIGHT',
  SEND_DATA,
]);

const RETRY_US = 1e6;
/** Requests are not repeated for ever: an older tracker may not answer a command it does not know. */
const MAX_TRIES = 5;

const STOP = encode(formatOpenGaze('SET', { ID: SEND_DATA, STATE: 0 }));

/** Sends all requests, and repeats the unanswered ones every second a few times. */
export class Commands {
  readonly #unanswered = new Map<string, string>();
  #askedUs = 0;
  #tries = 0;

  /** A new connection: all requests are sent. */
  begin(nowUs: number): Uint8Array[] {
    this.#unanswered.clear();
    this.#tries = 0;
    for (const id of QUERIES) this.#unanswered.set(id, formatOpenGaze('GET', { ID: id }));
    for (const id of [...Object.keys(RECORD_FIELDS), SEND_DATA])
      this.#unanswered.set(id, formatOpenGaze('SET', { ID: id, STATE: 1 }));
    return this.#ask(nowUs);
  }

  tick(nowUs: number): Uint8Array[] {
    const isDue = this.#tries < MAX_TRIES && nowUs - this.#askedUs >= RETRY_US;
    return isDue && this.#unanswered.size > 0 ? this.#ask(nowUs) : [];
  }

  /** @throws DEVICE_WRONG where a required command is refused. */
  answer({ tag, attributes }: OpenGazeMessage): void {
    const id = attributes.get('ID')?.trim() ?? '';
    if (!this.#unanswered.delete(id) || tag !== 'NACK' || !REQUIRED.has(id)) return;
    throw new AffectEdgeError(
      'DEVICE_WRONG',
      `Gazepoint Control refuses ${id}, without which there is no gaze: update it (Open Gaze API 2.0 or later)`,
    );
  }

  stop(): Uint8Array[] {
    return [STOP];
  }

  #ask(nowUs: number): Uint8Array[] {
    this.#askedUs = nowUs;
    this.#tries++;
    return [...this.#unanswered.values()].map(encode);
  }
}

function encode(line: string): Uint8Array {
  return new TextEncoder().encode(line);
}

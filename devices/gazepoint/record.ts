import type { OpenGazeMessage } from '../../src/formats/gaze/open-gaze/message.ts';
import { numberOf } from '../../src/formats/gaze/open-gaze/values.ts';

/** A record with a counter and a time. */
export interface PlacedRecord {
  readonly message: OpenGazeMessage;
  /** Its length on the wire. */
  readonly bytes: number;
  readonly arrivalUs: number;
  /** CNT, which grows by 1 a record. */
  readonly count: number;
  /** TIME since the tracker's start or last calibration; after hours it is rounded to some milliseconds. */
  readonly timeS: number;
  /** TIME_TICK: 64-bit tick count of the tracker's computer. */
  readonly tick: bigint | undefined;
}

/** `no-picture`: the tracker has no camera image; `unplaced`: the record has no counter or no time. */
export function placeRecord(
  message: OpenGazeMessage,
  bytes: number,
  arrivalUs: number,
): PlacedRecord | 'no-picture' | 'unplaced' {
  const [count, timeS] = [numberOf(message, 'CNT'), numberOf(message, 'TIME')];
  if (!(Number.isSafeInteger(count) && count >= 0 && timeS >= 0 && Number.isFinite(timeS))) return 'unplaced';
  // Sent repeatedly, with time and counter 0, while there is no camera.
  if (timeS === 0) return 'no-picture';
  return { message, bytes, arrivalUs, count, timeS, tick: wholeOf(message.attributes.get('TIME_TICK')) };
}

/** An exact integer of up to 19 digits, or undefined. */
export function wholeOf(text: string | undefined): bigint | undefined {
  return text !== undefined && /^\s*-?\d{1,19}\s*$/.test(text) ? BigInt(text) : undefined;
}

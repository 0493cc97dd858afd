import type { OpenGazeMessage } from '../../src/formats/gaze/open-gaze/message.ts';
import { numberOf } from '../../src/formats/gaze/open-gaze/values.ts';

/** A record that has a place in the stream. */
export interface PlacedRecord {
  readonly message: OpenGazeMessage;
  /** What it took on the wire. */
  readonly bytes: number;
  readonly arrivalUs: number;
  /** CNT, +1 a record. */
  readonly count: number;
  /** TIME: since the tracker's start or its last calibration; rounded to some ms once that is hours ago. */
  readonly timeS: number;
  /** TIME_TICK, 64 bits: of the computer's own clock. */
  readonly tick: bigint | undefined;
}

/** `no-picture`: the tracker has nothing from its camera; `unplaced`: no counter or no time. */
export function placeRecord(
  message: OpenGazeMessage,
  bytes: number,
  arrivalUs: number,
): PlacedRecord | 'no-picture' | 'unplaced' {
  const [count, timeS] = [numberOf(message, 'CNT'), numberOf(message, 'TIME')];
  if (!(Number.isSafeInteger(count) && count >= 0 && timeS >= 0 && Number.isFinite(timeS))) return 'unplaced';
  // sent again and again while no camera is there, with the time and the counter at 0
  if (timeS === 0) return 'no-picture';
  return { message, bytes, arrivalUs, count, timeS, tick: wholeOf(message.attributes.get('TIME_TICK')) };
}

/** A whole number of any size, exactly. */
export function wholeOf(text: string | undefined): bigint | undefined {
  return text !== undefined && /^\s*-?\d{1,19}\s*$/.test(text) ? BigInt(text) : undefined;
}

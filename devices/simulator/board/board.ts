import type { Frame } from '../faulty-link.ts';
import type { SourceChunk } from '../source.ts';

/** Firmware of a kind of device: answers the host and encodes samples. */
export interface Board {
  /** Samples in a frame. */
  readonly samplesPerFrame: number;
  /** Whether the host has started the stream and not stopped it. */
  readonly streaming: boolean;
  /** Takes bytes from the host and returns the answers. */
  receive(bytes: Uint8Array): Uint8Array[];
  /** Frames of the samples and markers of `chunk`, whose first sample has index `sample`. */
  encode(chunk: SourceChunk, sample: number): Frame[];
  /** Unsolicited frames, sent at power-on and every second after it. */
  everySecond(): Frame[];
  /** Power off and on. */
  reset(): void;
}

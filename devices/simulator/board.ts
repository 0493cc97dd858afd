import type { Frame } from './link.ts';
import type { SourceChunk } from './source.ts';

/** The firmware of one kind of device: what it answers and how it packs samples. */
export interface Board {
  /** Samples that leave in one piece. */
  readonly samplesPerFrame: number;
  /** The host has asked for samples, and has not stopped them. */
  readonly streaming: boolean;
  /** Bytes of the host; returns the answers. */
  receive(bytes: Uint8Array): Uint8Array[];
  /** The samples of `chunk`, of which the first has index `sample`, and their markers. */
  encode(chunk: SourceChunk, sample: number): Frame[];
  /** What the device sends unasked: when power comes, and every second from then on. */
  everySecond(): Frame[];
  /** Power off and on. */
  reset(): void;
}

import { AffectEdgeError } from './errors.ts';
import type { Block } from './samples.ts';

/** Throws `INTERNAL` for a block that does not hold `channels` channels, or does not follow on: sample `next` is due. */
export function requireNext(block: Block, channels: number, next: number): void {
  const { firstSample, length, lostBefore, data } = block;
  if (data.length !== channels * length) {
    throw new AffectEdgeError(
      'INTERNAL',
      `block of ${length} samples (${data.length} values): ${channels} channels need ${channels * length}`,
    );
  }
  // The first block may join a running stream: all samples before it are lost to this reader.
  const isFirst = next === 0;
  const jump = firstSample - next;
  if (jump < 0 || (jump !== lostBefore && !isFirst)) {
    throw new AffectEdgeError(
      'INTERNAL',
      `block starts at sample ${firstSample} with ${lostBefore} lost before it, but sample ${next} was next: the driver must declare its losses`,
    );
  }
}

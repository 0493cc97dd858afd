/** Signals for tests, and functions that cut them into blocks. */
import { type Block, type StreamInfo, sliceBlock } from '../../src/samples.ts';

export function eegInfo(labels: readonly string[], sampleRateHz: number, railUv?: number): StreamInfo {
  return {
    deviceId: 'test',
    modality: 'eeg',
    channels: labels.map((label) => ({ label, unit: 'uV' })),
    sampleRateHz,
    simulated: true,
    ...(railUv === undefined ? {} : { railUv }),
  };
}

/** One block that starts at sample 0 and has the values `value(channel, sample)`, in microvolts. */
export function blockOf(info: StreamInfo, length: number, value: (c: number, n: number) => number): Block {
  const channels = info.channels.length;
  const data = new Float32Array(channels * length);
  for (let c = 0; c < channels; c++) for (let n = 0; n < length; n++) data[c * length + n] = value(c, n);
  return { info, firstSample: 0, length, data, lostBefore: 0, deviceTimeUs: 0, hostTimeUs: 0, clockErrUs: 0 };
}

/** A generator of uniform numbers in [0, 1) (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Per channel an electrode offset, noise of about 10 uV and an alpha wave: no channel is found bad. */
export function eegLike(info: StreamInfo, length: number, seed = 1): Block {
  const random = randomOf(seed);
  const rate = info.sampleRateHz;
  return blockOf(
    info,
    length,
    (c, n) => (c - 2) * 4000 + 24 * (random() + random() - 1) + 12 * Math.sin((2 * Math.PI * 10 * n) / rate + c),
  );
}

/** Cuts a block before each of the samples `at`. */
export function cutBlock(block: Block, at: readonly number[]): Block[] {
  const edges = [...new Set([0, ...at.filter((i) => i > 0 && i < block.length), block.length])].sort((a, b) => a - b);
  return edges.slice(1).map((to, i) => sliceBlock(block, edges[i]!, to));
}

/** Pieces of `size` samples (the last may be shorter). */
export function cutEvenly(block: Block, size: number): Block[] {
  return cutBlock(
    block,
    Array.from({ length: Math.ceil(block.length / size) }, (_, i) => i * size),
  );
}

/** Removes the samples of each [from, to) from a block that starts at sample 0, and declares them as lost. */
export function loseSamples(block: Block, lost: readonly (readonly [number, number])[]): Block[] {
  const isLost = new Uint8Array(block.length);
  for (const [from, to] of lost) isLost.fill(1, from, to);
  const blocks: Block[] = [];
  let end = 0;
  for (let from = 0; from < block.length; ) {
    let to = from + 1;
    while (to < block.length && isLost[to] === isLost[from]) to++;
    if (!isLost[from]) {
      blocks.push({ ...sliceBlock(block, from, to), lostBefore: from - end });
      end = to;
    }
    from = to;
  }
  return blocks;
}

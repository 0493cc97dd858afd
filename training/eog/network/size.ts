import { AffectEdgeError } from '../../../src/errors.ts';

/** Sizes of the networks of Zhang & Lu 2025 in this RECONSTRUCTION; tests use smaller ones. */
export interface NetworkSize {
  /** Samples per channel of a window. */
  readonly samples: number;
  readonly kernel: number;
  readonly stride: number;
  /** Filters of the convolution over time. */
  readonly filters: number;
  /** Width of a token. */
  readonly width: number;
  readonly blocks: number;
  readonly heads: number;
  /** Width of a query and a key of one head. */
  readonly key: number;
  /** Width of the feed-forward layer and the gates. */
  readonly hidden: number;
  readonly headDropout: number;
  readonly blockDropout: number;
}

export const PUBLISHED_SIZE: NetworkSize = {
  samples: 512,
  kernel: 32,
  stride: 8,
  filters: 64,
  width: 64,
  blocks: 3,
  heads: 8,
  key: 64,
  hidden: 64,
  headDropout: 0.3,
  blockDropout: 0.1,
};

/** About ten times faster, for tests and demonstrations. */
const QUICK_SIZE: NetworkSize = {
  samples: 512,
  kernel: 32,
  stride: 16,
  filters: 16,
  width: 16,
  blocks: 2,
  heads: 2,
  key: 8,
  hidden: 16,
  headDropout: 0.3,
  blockDropout: 0.1,
};

export type SizeName = 'published' | 'quick';
export const SIZES: Readonly<Record<SizeName, NetworkSize>> = { published: PUBLISHED_SIZE, quick: QUICK_SIZE };

/** Tokens per window: 61 for the published size. Throws CONFIG_INVALID where a window is shorter than the kernel. */
export function tokensOf({ samples, kernel, stride }: NetworkSize): number {
  if (samples < kernel) {
    throw new AffectEdgeError(
      'CONFIG_INVALID',
      `windows of ${samples} samples are shorter than the kernel of ${kernel}; use longer windows`,
    );
  }
  return Math.floor((samples - kernel) / stride) + 1;
}

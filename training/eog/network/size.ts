import { AffectEdgeError } from '../../../src/errors.ts';

/** The numbers of Zhang & Lu 2025 that this RECONSTRUCTION goes by; tests take smaller ones. */
export interface NetworkSize {
  /** Of a window, in time. */
  readonly samples: number;
  readonly kernel: number;
  readonly stride: number;
  /** Of the convolution over time. */
  readonly filters: number;
  /** Of a token. */
  readonly width: number;
  readonly blocks: number;
  readonly heads: number;
  /** Of a query and a key of one head. */
  readonly key: number;
  /** Of the feed-forward layer and the gates. */
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

/** Some ten times faster: for tests and demonstrations. */
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

/** 61 of the published size. */
export function tokensOf({ samples, kernel, stride }: NetworkSize): number {
  if (samples < kernel) {
    throw new AffectEdgeError(
      'CONFIG_INVALID',
      `windows of ${samples} samples are shorter than the kernel of ${kernel}; use longer windows`,
    );
  }
  return Math.floor((samples - kernel) / stride) + 1;
}

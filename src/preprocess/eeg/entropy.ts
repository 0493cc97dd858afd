/** Differential entropy of each band in one window. */
import { deOfVariance, SpectralDe } from '../../dsp/differential-entropy.ts';
import { varianceOf } from '../../dsp/moments.ts';
import { AffectEdgeError, messageOf } from '../../errors.ts';
import { type Band, type DeMethod, EEG_RATE_HZ } from './config.ts';
import type { WindowSignal } from './repair.ts';

export interface EntropySetting {
  readonly channels: number;
  /** Window length in grid samples. */
  readonly size: number;
  readonly method: DeMethod;
  readonly bands: readonly Band[];
}

export class Entropy {
  readonly #setting: EntropySetting;
  readonly #spectral: SpectralDe | null;

  /** Throws CONFIG_INVALID for a band that the window can't resolve. */
  constructor(setting: EntropySetting) {
    const { method, size, bands } = setting;
    this.#setting = setting;
    try {
      this.#spectral =
        method === 'filterbank'
          ? null
          : new SpectralDe({
              method,
              windowLength: size,
              rateHz: EEG_RATE_HZ,
              bands: bands.map(([, lo, hi]) => [lo, hi]),
            });
    } catch (cause) {
      throw new AffectEdgeError('CONFIG_INVALID', messageOf(cause), { cause });
    }
  }

  /**
   * @param signals the filtered window, or for `filterbank` one window a band
   * @param prepare what is done to each of them first; its result is read before the next call
   * @returns [channels * bands], channel-major
   */
  compute(signals: readonly WindowSignal[], prepare: (signal: WindowSignal) => WindowSignal): Float32Array {
    const { channels, size, bands } = this.#setting;
    const values = new Float32Array(channels * bands.length);
    signals.forEach((signal, b) => {
      const { data, offset, stride } = prepare(signal);
      for (let c = 0; c < channels; c++) {
        const at = c * stride + offset;
        if (this.#spectral) this.#spectral.compute(data, at, values, c * bands.length);
        else values[c * bands.length + b] = deOfVariance(varianceOf(data, at, size));
      }
    });
    return values;
  }
}

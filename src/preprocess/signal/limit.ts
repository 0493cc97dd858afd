/**
 * Behind the filters: notes where a channel is beyond what its organ makes. Passes everything on as it is.
 *
 * After a rail or an electrode's step the high-pass rings for seconds, on a signal that looks sound by then: what is
 * filtered stays beyond the limit for as long as much of it is left, whatever its cause and its size.
 */

import type { Stage } from '../../stage.ts';
import type { GridRun } from './grid.ts';
import type { SampleLedger } from './sample-ledger.ts';

export interface LimitSetting {
  readonly limitUv: number;
  /** The first layer without the electrodes' offsets; it and those behind it are watched. */
  readonly fromLayer: number;
  /** Device samples. */
  readonly perGridSample: number;
}

export class LimitStage implements Stage<GridRun, GridRun> {
  readonly #setting: LimitSetting;
  readonly #ledger: SampleLedger;

  constructor(setting: LimitSetting, ledger: SampleLedger) {
    this.#setting = setting;
    this.#ledger = ledger;
  }

  push(run: GridRun): GridRun[] {
    const { fromLayer, limitUv } = this.#setting;
    const channels = this.#ledger.beyond.length;
    if (run.layers.some((layer, l) => l >= fromLayer && isAnyBeyond(layer, run, channels, limitUv))) this.#note(run);
    return [run];
  }

  /** It has no state of its own: the ledger is cleared by who owns it. */
  reset(): void {}

  #note({ layers, stride, first, length }: GridRun): void {
    const { fromLayer, limitUv, perGridSample } = this.#setting;
    const watched = layers.slice(fromLayer);
    this.#ledger.beyond.forEach((beyond, c) => {
      for (let i = 0; i < length; i++) {
        if (!watched.some((layer) => Math.abs(layer[c * stride + i]!) > limitUv)) continue;
        beyond.add((first + i) * perGridSample, (first + i + 1) * perGridSample);
      }
    });
  }
}

function isAnyBeyond(layer: Float64Array, { stride, length }: GridRun, channels: number, limitUv: number): boolean {
  for (let c = 0; c < channels; c++) {
    const end = c * stride + length;
    for (let at = c * stride; at < end; at++) if (Math.abs(layer[at]!) > limitUv) return true;
  }
  return false;
}

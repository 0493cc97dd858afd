/**
 * Records where filtered amplitudes are not physiological; passes the signal on unchanged.
 *
 * After a rail or an electrode step the high-pass rings for seconds while the raw signal already looks normal. The filtered
 * signal stays above the limit for as long as much of the ringing is left, whatever its cause.
 */

import type { Stage } from '../../stage.ts';
import type { GridRun } from './grid.ts';
import type { SampleLedger } from './sample-ledger.ts';

export interface LimitSetting {
  readonly limitUv: number;
  /** The first layer without electrode offsets; it and all later layers are checked. */
  readonly fromLayer: number;
  /** Number of device samples. */
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

  /** Does nothing: the ledger belongs to the caller. */
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

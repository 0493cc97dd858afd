/**
 * Behind the filters: notes where a channel is beyond what its organ makes. Passes everything on as it is.
 *
 * After a rail or an electrode's step the high-pass rings for seconds, on a signal that looks sound by then: what is
 * filtered stays beyond the limit for as long as much of it is left, whatever its cause and its size.
 */
import type { GridRun } from './grid.ts';
import type { SampleLedger } from './sample-ledger.ts';
import type { Stage } from './stage.ts';

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
    const { limitUv, fromLayer, perGridSample } = this.#setting;
    const watched = run.layers.slice(fromLayer);
    this.#ledger.beyond.forEach((beyond, c) => {
      if (!isBeyond(watched, c * run.stride, run.length, limitUv)) return;
      for (let i = 0; i < run.length; i++) {
        const g = run.first + i;
        if (isBeyond(watched, c * run.stride + i, 1, limitUv)) beyond.add(g * perGridSample, (g + 1) * perGridSample);
      }
    });
    return [run];
  }

  /** It has no state of its own: the ledger is cleared by who owns it. */
  reset(): void {}
}

function isBeyond(layers: readonly Float64Array[], from: number, count: number, limitUv: number): boolean {
  for (const layer of layers) {
    for (let at = from; at < from + count; at++) if (Math.abs(layer[at]!) > limitUv) return true;
  }
  return false;
}

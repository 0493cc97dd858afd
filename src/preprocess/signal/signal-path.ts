/**
 * From raw EEG or EOG to windows: channel selection, gaps, resampling, filters, windows, bad channels. The modality itself
 * only computes a window's values.
 */

import { varianceOf } from '../../dsp/moments.ts';
import { resampledRate } from '../../dsp/rate-ratio.ts';
import { AffectEdgeError, messageOf } from '../../errors.ts';
import type { Block, StreamInfo } from '../../samples.ts';
import type { ChannelQuality, FeatureWindow } from '../feature-window.ts';
import type { Preprocessor, PreprocessorOutput, SampleAccount } from '../preprocessor.ts';
import { BadChannelDetector, type Reach } from './bad-channels.ts';
import { type FilterSetting, FilterStage } from './filter.ts';
import { GapStage } from './gaps.ts';
import type { GridRun } from './grid.ts';
import { LimitStage } from './limit.ts';
import { ResampleStage } from './resample.ts';
import { SampleLedger } from './sample-ledger.ts';
import { SelectStage } from './select.ts';
import { type Window, WindowStage } from './windows.ts';

export interface SignalPathSetting {
  readonly modality: 'eeg' | 'eog';
  readonly info: StreamInfo;
  /** Indices into the stream's channels, in the order of `labels`. */
  readonly picks: readonly number[];
  readonly labels: readonly string[];
  /** Rate after resampling. */
  readonly gridHz: number;
  readonly filter: Omit<FilterSetting, 'channels' | 'gridHz'>;
  /** Window length, hop, and settling of the filters after a start, in grid samples. */
  readonly size: number;
  readonly hop: number;
  readonly settling: number;
  /** Filtered amplitudes above this are not physiological. */
  readonly limitUv: number;
  /** How long a channel stays bad after such a sample, a railed or a missing one, in grid samples. */
  readonly ringing: number;
  /** Up to this frequency the resampler passes the device's signal unchanged. */
  readonly passHz: number;
}

/** What a modality computes from a window. */
interface WindowValues {
  readonly values: Float32Array;
  /** Channels replaced by interpolation. */
  readonly interpolated: readonly boolean[];
}

/** Layer 0 of a window is the resampled signal, layer 1 the filtered one, the others are the filter's bands. */
export type MakeValues = (window: Window, bad: readonly boolean[]) => WindowValues;

/** The `Preprocessor` of EEG and EOG. */
export class SignalPath implements Preprocessor {
  readonly labels: readonly string[];
  readonly #setting: SignalPathSetting;
  readonly #perGridSample: number;
  /** Warning about the rate that is emitted with the first block. */
  #warning: string | undefined;
  readonly #values: MakeValues;
  readonly #ledger: SampleLedger;
  readonly #select: SelectStage;
  readonly #gaps: GapStage;
  readonly #resample: ResampleStage;
  readonly #filter: FilterStage;
  readonly #limit: LimitStage;
  readonly #windows: WindowStage<PreprocessorOutput>;
  readonly #detector: BadChannelDetector;

  /** Throws RATE_UNSUPPORTED for a rate that can't be resampled. */
  constructor(setting: SignalPathSetting, values: MakeValues) {
    const { info, picks, gridHz, filter, size, hop, passHz } = setting;
    const channels = picks.length;
    this.labels = setting.labels;
    this.#setting = setting;
    const rateHz = resampledRateOf(info.sampleRateHz, gridHz);
    this.#perGridSample = rateHz / gridHz;
    if (rateHz !== info.sampleRateHz) this.#warning = nearestRatioWarning(info.sampleRateHz, rateHz, gridHz);
    this.#values = values;
    this.#ledger = new SampleLedger(channels);
    this.#select = new SelectStage(info, picks);
    this.#gaps = new GapStage(this.#select.info, this.#ledger);
    this.#resample = new ResampleStage(channels, rateHz, gridHz);
    this.#filter = new FilterStage({ ...filter, channels, gridHz });
    this.#limit = new LimitStage(
      {
        limitUv: setting.limitUv,
        fromLayer: filter.highPassHz === null ? 2 : 1,
        perGridSample: this.#perGridSample,
      },
      this.#ledger,
    );
    const layers = 2 + filter.bandsHz.length;
    this.#windows = new WindowStage({ channels, layers, size, hop, settling: setting.settling }, (window) => ({
      type: 'window',
      window: this.#featuresOf(window),
    }));
    this.#detector = new BadChannelDetector({ channels, size, gridHz, passHz, notchHz: filter.notchHz });
  }

  get account(): SampleAccount {
    return this.#gaps.account;
  }

  /** The resampler's look-ahead. */
  get delaySamples(): number {
    return this.#resample.neededFor(0);
  }

  push(block: Block): PreprocessorOutput[] {
    const out: PreprocessorOutput[] = [];
    if (this.#warning !== undefined) out.push({ type: 'warning', message: this.#warning });
    this.#warning = undefined;
    for (const selected of this.#select.push(block)) {
      for (const whole of this.#gaps.push(selected)) {
        for (const run of this.#resample.push(whole)) this.#cut(run, out);
      }
    }
    return out;
  }

  flush(): PreprocessorOutput[] {
    const out: PreprocessorOutput[] = [];
    for (const run of this.#resample.flush()) this.#cut(run, out);
    this.reset();
    return out;
  }

  reset(): void {
    this.#ledger.clear();
    this.#gaps.reset();
    this.#resample.reset();
    this.#filter.reset();
    this.#windows.reset();
  }

  #cut(run: GridRun, out: PreprocessorOutput[]): void {
    for (const filtered of this.#filter.push(run)) {
      for (const watched of this.#limit.push(filtered)) out.push(...this.#windows.push(watched));
    }
  }

  #featuresOf(window: Window): FeatureWindow {
    const { modality, labels, size, hop, ringing } = this.#setting;
    const startSample = window.first * this.#perGridSample;
    const endSample = (window.first + size) * this.#perGridSample;
    const fromSample = Math.ceil(startSample);
    const toSample = Math.ceil(endSample);
    const reasons = this.#detector.detect(window, this.#ledger, this.#reachOf(window));
    const { values, interpolated } = this.#values(
      window,
      reasons.map((reason) => reason !== null),
    );
    const { offset, stride, layers } = window;
    const features: FeatureWindow = {
      index: window.index,
      startSample,
      endSample,
      neededSample: this.#neededSample(window),
      values,
      coverage: window.coverage,
      lost: this.#ledger.lost.overlap(fromSample, toSample),
      warmup: window.warmup,
      quality: {
        modality,
        channels: labels.map(
          (label, c): ChannelQuality => ({
            label,
            bad: reasons[c]!,
            interpolated: interpolated[c]!,
            rmsUv: Math.sqrt(varianceOf(layers[1]!, c * stride + offset, size)),
          }),
        ),
      },
    };
    this.#ledger.dropBefore((window.first + hop - ringing) * this.#perGridSample);
    return features;
  }

  /** Filters that restarted after a gap are not affected by samples before it. */
  #reachOf({ first, segment, completedBy, closedBy }: Window): Reach {
    const { size, ringing } = this.#setting;
    const start = first * this.#perGridSample;
    const from = (first - ringing) * this.#perGridSample;
    return {
      from: segment <= start ? Math.max(from, segment) : from,
      end: (first + size) * this.#perGridSample,
      needed: Math.min(this.#resample.neededFor(completedBy), closedBy) + 1,
    };
  }

  /** Whether a lost sample is interpolated is known once the next one has come. */
  #neededSample(window: Window): number {
    const own = this.#resample.neededFor(window.completedBy);
    return this.#ledger.lost.endAround(Math.min(own, window.closedBy));
  }
}

/** Throws RATE_UNSUPPORTED. */
function resampledRateOf(rateHz: number, gridHz: number): number {
  try {
    return resampledRate(rateHz, gridHz);
  } catch (cause) {
    throw new AffectEdgeError('RATE_UNSUPPORTED', messageOf(cause), { cause });
  }
}

function nearestRatioWarning(rateHz: number, takenHz: number, gridHz: number): string {
  const msPerHour = Math.abs(takenHz / rateHz - 1) * 3.6e6;
  return (
    `${rateHz} Hz has no small ratio to ${gridHz} Hz: the signal is resampled as ${takenHz} Hz, which is off by ` +
    `${msPerHour.toPrecision(2)} ms an hour`
  );
}

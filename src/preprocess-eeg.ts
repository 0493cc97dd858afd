/**
 * From raw EEG to feature rows: electrodes by label, gaps, 200 Hz, filters, windows, bad channels, reference,
 * differential entropy. A manifest's settings make it; nothing else does.
 */
import { AffectEdgeError } from './errors.ts';
import type { ChannelQuality, FeatureWindow } from './features.ts';
import { canonicalLabel, electrodePosition, pickElectrodes } from './montage.ts';
import type { Preprocessor } from './preprocess.ts';
import type { EegPreprocessConfig } from './preprocess-eeg-config.ts';
import type { Block, StreamInfo } from './samples.ts';
import { BadChannelDetector } from './stages/bad-channels.ts';
import { Entropy, varianceOf } from './stages/entropy.ts';
import { FilterStage } from './stages/filter.ts';
import { GapStage, type SampleAccount } from './stages/gaps.ts';
import { GRID_HZ, type GridRun } from './stages/grid.ts';
import { Repair } from './stages/repair.ts';
import { ResampleStage } from './stages/resample.ts';
import { SampleLedger } from './stages/sample-ledger.ts';
import { SelectStage } from './stages/select.ts';
import { type Window, WindowStage } from './stages/windows.ts';

/** Share of the device's rate up to which its signal reaches the grid unchanged (for rates up to 200 Hz). */
const PASS_SHARE = 0.4;

/**
 * Throws MONTAGE_MISSING_ELECTRODE for an electrode that the device lacks, RATE_UNSUPPORTED for a rate that can't be
 * resampled or doesn't carry the bands, CONFIG_INVALID for settings that contradict each other.
 */
export function createEegPreprocessor(config: EegPreprocessConfig, info: StreamInfo): Preprocessor {
  return new EegPreprocessor(config, info);
}

class EegPreprocessor implements Preprocessor {
  readonly channels: readonly string[];
  readonly events = [];
  readonly #hop: number;
  readonly #size: number;
  readonly #perGridSample: number;
  readonly #isFilterbank: boolean;
  readonly #ledger: SampleLedger;
  readonly #select: SelectStage;
  readonly #gaps: GapStage;
  readonly #resample: ResampleStage;
  readonly #filter: FilterStage;
  readonly #windows: WindowStage<FeatureWindow>;
  readonly #detector: BadChannelDetector;
  readonly #repair: Repair;
  readonly #entropy: Entropy;

  constructor(config: EegPreprocessConfig, info: StreamInfo) {
    const labels = info.channels.map(({ label }) => label);
    this.channels = config.montage ?? labels.map(canonicalLabel);
    checkRate(config, info);
    const channels = this.channels.length;
    const size = Math.round(config.window_s * GRID_HZ);
    const passHz = PASS_SHARE * info.sampleRateHz;
    this.#size = size;
    this.#hop = Math.round(config.hop_s * GRID_HZ);
    this.#perGridSample = info.sampleRateHz / GRID_HZ;
    this.#isFilterbank = config.method === 'filterbank';
    const bandLayers = this.#isFilterbank ? config.bands : [];

    this.#ledger = new SampleLedger(channels);
    this.#select = new SelectStage(
      info,
      config.montage ? pickElectrodes(config.montage, labels) : labels.map((_, c) => c),
    );
    this.#gaps = new GapStage(this.#select.info, this.#ledger);
    this.#resample = new ResampleStage(channels, info.sampleRateHz);
    this.#filter = new FilterStage({
      channels,
      highPassHz: config.high_pass_hz,
      lowPassHz: config.low_pass_hz !== null && config.low_pass_hz <= passHz ? config.low_pass_hz : null,
      notchHz: config.notch_hz,
      bands: bandLayers,
    });
    this.#windows = new WindowStage({ channels, layers: 2 + bandLayers.length, size, hop: this.#hop }, (window) =>
      this.#features(window),
    );
    this.#detector = new BadChannelDetector({ channels, size, passHz, notchHz: config.notch_hz });
    this.#repair = new Repair({
      channels,
      size,
      positions: config.bad_channels === 'interpolate' ? this.channels.map(electrodePosition) : null,
      averageReference: config.reference === 'average',
    });
    this.#entropy = new Entropy({ channels, size, method: config.method, bands: config.bands });
  }

  /** The resampler's look-ahead. */
  get delaySamples(): number {
    return this.#resample.neededFor(0);
  }

  get account(): SampleAccount {
    return this.#gaps.account;
  }

  push(block: Block): FeatureWindow[] {
    const windows: FeatureWindow[] = [];
    for (const selected of this.#select.push(block)) {
      for (const whole of this.#gaps.push(selected)) {
        for (const run of this.#resample.push(whole)) this.#cut(run, windows);
      }
    }
    return windows;
  }

  flush(): FeatureWindow[] {
    const windows: FeatureWindow[] = [];
    for (const run of this.#resample.flush()) this.#cut(run, windows);
    this.reset();
    return windows;
  }

  reset(): void {
    this.#ledger.clear();
    this.#gaps.reset();
    this.#resample.reset();
    this.#filter.reset();
    this.#windows.reset();
  }

  #cut(run: GridRun, windows: FeatureWindow[]): void {
    for (const filtered of this.#filter.push(run)) windows.push(...this.#windows.push(filtered));
  }

  #features(window: Window): FeatureWindow {
    const startSample = window.first * this.#perGridSample;
    const endSample = (window.first + this.#size) * this.#perGridSample;
    const fromSample = Math.ceil(startSample);
    const toSample = Math.ceil(endSample);
    const reasons = this.#detector.judge(window, this.#ledger, fromSample, toSample);
    const bad = reasons.map((reason) => reason !== null);
    const replaced = this.#repair.replaceable(bad);
    const { offset, stride, layers } = window;
    const filtered = layers[1]!;

    const features: FeatureWindow = {
      index: window.index,
      startSample,
      endSample,
      neededSample: this.#neededSample(window),
      values: this.#entropy.compute(
        (this.#isFilterbank ? layers.slice(2) : [filtered]).map((data) => ({ data, offset, stride })),
        (signal) => this.#repair.apply(signal, bad, replaced),
      ),
      coverage: window.coverage,
      lost: this.#ledger.lost.overlap(fromSample, toSample),
      warmup: window.warmup,
      channels: this.channels.map(
        (label, c): ChannelQuality => ({
          label,
          bad: reasons[c]!,
          interpolated: replaced[c]!,
          rmsUv: Math.sqrt(varianceOf(filtered, c * stride + offset, this.#size)),
        }),
      ),
      eyes: null,
    };
    this.#ledger.dropBefore((window.first + this.#hop) * this.#perGridSample);
    return features;
  }

  /** A sample that was lost is known, filled or not, once the next one has come. */
  #neededSample(window: Window): number {
    const own = this.#resample.neededFor(window.completedBy);
    return this.#ledger.lost.endAround(Math.min(own, window.closedBy));
  }
}

function checkRate(config: EegPreprocessConfig, info: StreamInfo): void {
  const topHz = Math.max(...config.bands.map(([, , hi]) => hi));
  if (info.sampleRateHz * PASS_SHARE < topHz) {
    throw new AffectEdgeError(
      'RATE_UNSUPPORTED',
      `the signal (${info.deviceId}) is sampled at ${info.sampleRateHz} Hz, but bands up to ${topHz} Hz need at least ` +
        `${topHz / PASS_SHARE} Hz: the device or recording must be sampled faster, or the model have lower bands`,
    );
  }
}

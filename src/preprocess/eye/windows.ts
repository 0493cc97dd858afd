/**
 * From events and pupils to rows of eye-movement features. A window is made `delaySamples` after its end, when no more event
 * that ends in it can come. Its trailing features cover the last 30 s, or the time since the stream began or the eyes (or
 * the samples) came back after 2 s or more.
 */
import { PupilSpectrum } from '../../dsp/pupil-spectrum.ts';
import type { GazeEvent } from '../../gaze/event.ts';
import type { GazeSample } from '../../gaze/sample.ts';
import type { FeatureWindow } from '../feature-window.ts';
import { EyeAbsence } from './absence.ts';
import { PupilBaseline } from './baseline.ts';
import { EyeEventLog } from './event-log.ts';
import { EYE_TRAILING_S, PUPIL_BANDS_HZ } from './features.ts';
import { PUPIL_HZ, PupilTrace } from './pupil-trace.ts';
import { EyeRecord, type EyeSamples } from './record.ts';
import { trailingStatistics, windowStatistics } from './statistics.ts';
import { type EyeSpan, EyeWindowGrid } from './window-grid.ts';

const TRACE_LENGTH = EYE_TRAILING_S * PUPIL_HZ;
/** In samples: 30 x 299.7 is not exactly 8991 in binary. */
const TOLERANCE = 1e-6;

export interface EyeWindowSetting {
  readonly rateHz: number;
  readonly windowS: number;
  readonly hopS: number;
  /** An event is reported at the latest when this many samples have come after its end. */
  readonly delaySamples: number;
  /** Samples left out of the pupil's spectrum on each side of a loss; no more than the delay. */
  readonly marginSamples: number;
  /** Measured samples that make up the pupils' baseline; 0: no baseline is subtracted. */
  readonly baselineSamples: number;
  /** Indices of the features to compute, among the 33. */
  readonly places: readonly number[];
}

/** The part of a sample that windows are made of. */
export type EyeWindowSample = Pick<GazeSample, 'index' | 'hasEyes' | 'hasGaze' | 'pupilX' | 'pupilY'>;

export class EyeWindows {
  readonly #setting: EyeWindowSetting;
  readonly #log = new EyeEventLog();
  readonly #absence: EyeAbsence;
  readonly #record: EyeRecord;
  readonly #baseline: PupilBaseline;
  /** One per pupil. */
  readonly #traces: readonly [x: PupilTrace, y: PupilTrace];
  readonly #trace = new Float64Array(TRACE_LENGTH);
  readonly #spectrum = new PupilSpectrum({ length: TRACE_LENGTH, rateHz: PUPIL_HZ, bands: PUPIL_BANDS_HZ });
  readonly #grid: EyeWindowGrid;
  /** The first received sample (-1: none yet), and the index of the next one. */
  #first = -1;
  #next = 0;

  constructor(setting: EyeWindowSetting) {
    const { rateHz, windowS, hopS, delaySamples, marginSamples } = setting;
    this.#setting = setting;
    this.#absence = new EyeAbsence(rateHz);
    this.#baseline = new PupilBaseline(setting.baselineSamples, rateHz);
    this.#grid = new EyeWindowGrid(rateHz, windowS, hopS);
    this.#record = new EyeRecord(this.#grid.size + delaySamples + 1);
    const trace = () => new PupilTrace(rateHz, TRACE_LENGTH, marginSamples);
    this.#traces = [trace(), trace()];
  }

  /** Each kind of event in order of time. */
  addEvents(events: readonly GazeEvent[]): void {
    this.#log.add(events);
  }

  /**
   * Samples before this one that were not pushed are lost: windows that waited for them are made now, and no window is made
   * that lies wholly in the gap.
   */
  push(sample: EyeWindowSample, out: FeatureWindow[]): void {
    const { index: n, hasEyes, hasGaze, pupilX: x, pupilY: y } = sample;
    if (this.#first === -1) this.#start(n);
    else if (n > this.#next) this.#skip(n, out);
    this.#next = n + 1;
    this.#absence.push(n, hasEyes);
    this.#record.push(n, hasGaze, x, y);
    this.#baseline.push(n, x, y);
    this.#traces[0].push(n, x);
    this.#traces[1].push(n, y);
    this.#makeDue(this.#next, n, out);
  }

  /** The end of the input: no more events or samples come. */
  flush(out: FeatureWindow[]): void {
    for (const trace of this.#traces) trace.close();
    if (this.#first !== -1) this.#makeDue(this.#next + this.#setting.delaySamples, this.#next - 1, out);
    this.reset();
  }

  reset(): void {
    const parts = [this.#log, this.#absence, this.#record, this.#baseline, ...this.#traces, this.#grid];
    for (const part of parts) part.reset();
    this.#first = -1;
    this.#next = 0;
  }

  #start(first: number): void {
    this.#first = first;
    this.#grid.skipTo(first);
    for (const trace of this.#traces) trace.skip(first);
  }

  #skip(to: number, out: FeatureWindow[]): void {
    this.#absence.skip(this.#next, to);
    for (const trace of this.#traces) trace.skip(to);
    // After this no window holds a sample from before the gap.
    const last = Math.min(to, this.#next + this.#grid.size + this.#setting.delaySamples);
    while (this.#next < last) {
      this.#record.miss(this.#next++);
      this.#makeDue(this.#next, to, out);
    }
    if (this.#next === to) return;
    this.#record.reset();
    this.#grid.skipTo(to);
  }

  /** Makes the windows that end at least the delay before sample `at`. */
  #makeDue(at: number, neededSample: number, out: FeatureWindow[]): void {
    const { rateHz, delaySamples } = this.#setting;
    while (this.#grid.next.to + delaySamples <= at) {
      const span = this.#grid.next;
      const samples = this.#record.read(span.from, span.to);
      if (samples.received > 0) out.push(this.#window(span, samples, neededSample));
      this.#grid.advance();
      const oldest = this.#grid.next.to - EYE_TRAILING_S * rateHz;
      this.#log.dropBefore(oldest);
      this.#absence.dropBefore(oldest);
    }
  }

  #window(span: EyeSpan, samples: EyeSamples, neededSample: number): FeatureWindow {
    const { rateHz, places } = this.#setting;
    const { index, startSample, endSample, from, to } = span;
    const { since, wornSince } = this.#absence.before(to, this.#first);
    const trailing = Math.max(since, Math.ceil(to - EYE_TRAILING_S * rateHz - TOLERANCE));
    const [x, y] = samples.pupils;
    const [pupilX, pupilY] = measuredOf(x, y, x.count, y.count);
    const { entropies, traced } = this.#pupilEntropies(trailing, to);
    const features = [
      ...[pupilX.mean - this.#baseline.of(x.count > 0 ? 0 : 1), pupilY.mean - this.#baseline.of(y.count > 0 ? 1 : 0)],
      ...[pupilX.std, pupilY.std],
      ...entropies,
      ...windowStatistics(this.#log.endingIn(from, to)),
      ...trailingStatistics(this.#log.endingIn(trailing, to), (to - trailing) / rateHz),
    ];
    return {
      index,
      startSample,
      endSample,
      neededSample,
      values: Float32Array.from(places, (place) => features[place]!),
      coverage: samples.withGaze / (to - from),
      lost: to - from - samples.received,
      warmup: from < this.#first || !this.#baseline.isKnown,
      quality: {
        modality: 'eye',
        worn: wornSince <= Math.max(from, this.#first),
        pupils: [x.count / (to - from), y.count / (to - from)],
        traced,
      },
    };
  }

  /** [2 pupils * 4 bands], and the measured share of the better trace. */
  #pupilEntropies(from: number, to: number): { entropies: number[]; traced: number } {
    const traceOf = (trace: PupilTrace) => {
      const { length, measured } = trace.read(from, to, this.#trace);
      return { length, entropies: this.#spectrum.compute(this.#trace, length), traced: measured / Math.max(1, length) };
    };
    const [x, y] = [traceOf(this.#traces[0]), traceOf(this.#traces[1])];
    return {
      entropies: measuredOf(x, y, x.length, y.length).flatMap(({ entropies }) => entropies),
      traced: Math.max(x.traced, y.traced),
    };
  }
}

/** A pupil that is not measured takes the other one's features, as a tracker of one eye has the same pupil as X and Y. */
function measuredOf<T>(x: T, y: T, ofX: number, ofY: number): [x: T, y: T] {
  return [ofX > 0 ? x : y, ofY > 0 ? y : x];
}

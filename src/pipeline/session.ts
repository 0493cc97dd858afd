/** The state of one running pipeline, without RxJS: what each device event leads to. */

import type {
  DeviceStatusEvent,
  EventTime,
  FeaturesEvent,
  GazeStreamEvent,
  Notice,
  PredictionEvent,
  StreamEvent,
  Verdict,
} from '../api/events.ts';
import { NOTICE_CODE } from '../api/protocol.ts';
import { gazeData, geometryData, publishesFeatures, qualityData } from '../api/wire-data.ts';
import type { Clock } from '../clock.ts';
import { completeGeometry } from '../gaze/geometry.ts';
import type { ModelBundle } from '../model/bundle.ts';
import { decide, summariseQuality } from '../preprocess/decide.ts';
import type { FeatureWindow } from '../preprocess/feature-window.ts';
import { createPreprocessor, type Preprocessing, withHop } from '../preprocess/index.ts';
import type { Preprocessor } from '../preprocess/preprocessor.ts';
import { LONGEST_FILL_S } from '../preprocess/signal/gaps.ts';
import type { Block, DeviceCounts, DeviceEvent, StreamInfo } from '../samples.ts';

export interface PipelineOptions {
  readonly model: ModelBundle;
  readonly clock: Clock;
  /** Overrides the manifest's hop. */
  readonly hopS?: number;
  /** The screen of an eye tracker, as the user gives it, for what the device does not say itself. */
  readonly geometry?: StreamInfo['geometry'];
}

type SpanTime = Omit<EventTime, 'emit_us'>;

/** A window on its way to the model. */
interface PendingWindow {
  readonly window: FeatureWindow;
  readonly t: SpanTime;
  readonly info: StreamInfo;
  /** An outage held it back: an answer to it would be taken for the present. */
  readonly isLate: boolean;
}

export type PipelineItem = StreamEvent | Notice | PendingWindow;

const NO_COUNTS: DeviceCounts = {
  bytesReceived: 0,
  bytesDiscarded: 0,
  samplesReceived: 0,
  samplesLost: 0,
  reconnects: 0,
};

/** A host may be as busy, or a link as slow, and a recording's blocks last as long. */
const LATE_US = 1e6;
const LATE = { state: 'abstain', reasons: ['stale'] } as const;

/** The time of what happens now, and not at a sample. */
export function momentOf(clock: Clock): EventTime {
  const now = clock.unixUs();
  return { start_us: now, end_us: now, emit_us: now, clock_err_us: 0 };
}

export class PipelineSession {
  readonly hopMs: number;
  readonly #model: ModelBundle;
  readonly #clock: Clock;
  readonly #preprocessing: Preprocessing;
  readonly #geometry: StreamInfo['geometry'];
  #preprocessor: Preprocessor | null = null;
  #info: StreamInfo | null = null;
  #lastBlock: Block | null = null;
  #counts: DeviceCounts = NO_COUNTS;
  /** By preprocessors that another description of the stream has replaced. */
  #interpolatedBefore = 0;
  #wasLost = false;
  #status: Pick<DeviceStatusEvent['data'], 'state' | 'message' | 'retry_in_ms'> = {
    state: 'connecting',
    message: '',
    retry_in_ms: null,
  };

  constructor({ model, clock, hopS, geometry }: PipelineOptions) {
    this.#model = model;
    this.#clock = clock;
    this.#preprocessing = withHop(model.manifest, hopS);
    this.#geometry = geometry;
    this.hopMs = this.#preprocessing.preprocess.hop_s * 1000;
  }

  on(event: DeviceEvent): PipelineItem[] {
    switch (event.type) {
      case 'info':
        return this.#start(event.info);
      case 'samples':
        return this.#samples(event.block);
      case 'marker':
        return [
          { stream: 'marker', t: this.#at(event.marker.sample), data: { label: event.marker.label, origin: 'device' } },
        ];
      case 'counts':
        this.#counts = event.counts;
        return [this.#deviceEvent()];
      case 'status':
        return this.#statusChanged(event.state, event.message, event.retryInMs ?? null);
    }
  }

  /** The recording's end completes the windows that only waited for look-ahead. */
  finish(): PipelineItem[] {
    const windows = this.#preprocessor?.flush() ?? [];
    return [...this.#gazeEvents(), ...windows.map((window) => this.#pending(window))];
  }

  /** Turns a window into its events; everything else is ready as it is. */
  async complete(item: PipelineItem): Promise<(StreamEvent | Notice)[]> {
    if (!('window' in item)) return [item];
    const { window, info } = item;
    const { modality } = this.#model.manifest;
    const { state, reasons } = item.isLate ? LATE : decide(window);
    const verdict: Verdict =
      state === 'ok'
        ? { state, reasons: [], ...(await this.#verdictOn(window)) }
        : { state, reasons, label: null, probs: null };
    const common = {
      t: { ...item.t, emit_us: this.#clock.unixUs() },
      quality: summariseQuality(window),
      source: modality,
      profile: null,
      simulated: info.simulated || this.#model.manifest.simulated,
    };
    return [
      { stream: 'prediction', ...common, data: verdict },
      ...(await this.#featuresOf(window, verdict)).map((data) => ({ stream: 'features' as const, ...common, data })),
      { stream: 'quality', ...common, data: qualityData(window) },
    ];
  }

  async #verdictOn(window: FeatureWindow): Promise<{ label: string; probs: readonly number[] }> {
    const { label, probs } = await this.#model.classify(window.values);
    return { label, probs };
  }

  async #featuresOf({ values }: FeatureWindow, { state, label }: Verdict): Promise<FeaturesEvent['data'][]> {
    const { description } = this.#model;
    if (!publishesFeatures(description)) return [];
    // Named features can be told to people; those of an EEG are too many for that.
    const isTold = label !== null && description.features.length > 0;
    const influence = isTold ? await this.#model.influence(values, label) : null;
    return [{ state, values: Array.from(values), influence }];
  }

  /** What is said in place of a prediction while the device is away. */
  stale(): PredictionEvent {
    const now = this.#clock.unixUs();
    const windowUs = this.#preprocessing.preprocess.window_s * 1e6;
    return {
      stream: 'prediction',
      t: { start_us: now - windowUs, end_us: now, emit_us: now, clock_err_us: 0 },
      quality: { coverage: 0, lost: 0, bad_channels: [], score: 0 },
      source: this.#model.manifest.modality,
      profile: null,
      simulated: (this.#info?.simulated ?? false) || this.#model.manifest.simulated,
      data: { state: 'abstain', reasons: ['stale'], label: null, probs: null },
    };
  }

  #start(described: StreamInfo): PipelineItem[] {
    const isGaze = described.modality === 'eye';
    const info = isGaze ? { ...described, geometry: completeGeometry(described, this.#geometry ?? {}) } : described;
    // A reconnect that brings the same stream back continues it: its index tells the gap.
    if (JSON.stringify(info) === JSON.stringify(this.#info)) return [];
    this.#model.checkDevice(info);
    const closing = this.finish();
    this.#info = info;
    this.#lastBlock = null;
    this.#interpolatedBefore = this.#interpolated;
    this.#preprocessor = createPreprocessor(this.#preprocessing, info);
    return [...closing, this.#deviceEvent()];
  }

  #samples(block: Block): PipelineItem[] {
    this.#lastBlock = block;
    const items: PipelineItem[] = [];
    const rateHz = block.info.sampleRateHz;
    // Shorter losses are filled (EEG, EOG) or a missing gaze like any other; only these are worth a notice.
    if (block.lostBefore > LONGEST_FILL_S * rateHz && block.firstSample > block.lostBefore) {
      const message = `${block.lostBefore} samples (${(block.lostBefore / rateHz).toFixed(3)} s) are missing before sample ${block.firstSample}`;
      items.push(this.#notice('gap', message));
    }
    const span = this.#span(block.firstSample, block.firstSample + block.length);
    items.push({
      stream: 'raw',
      t: { ...span, emit_us: this.#clock.unixUs() },
      source: this.#model.manifest.modality,
      block,
    });
    const windows = this.#preprocessor?.push(block) ?? [];
    for (const message of this.#preprocessor?.doubts ?? []) {
      items.push(this.#notice('signal_doubt', message));
    }
    items.push(...this.#gazeEvents());
    for (const window of windows) items.push(this.#pending(window));
    return items;
  }

  #statusChanged(state: DeviceStatusEvent['data']['state'], message: string, retryInMs: number | null): PipelineItem[] {
    this.#status = { state, message, retry_in_ms: retryInMs };
    const items: PipelineItem[] = [this.#deviceEvent()];
    if (state === 'lost') {
      const retry = retryInMs === null ? {} : { retry_in_ms: retryInMs };
      items.push({ ...this.#notice('device_lost', message), ...retry });
    } else if (state === 'streaming' && this.#wasLost) {
      items.push(this.#notice('device_back', message));
    }
    if (state !== 'connecting') this.#wasLost = state === 'lost';
    return items;
  }

  #pending(window: FeatureWindow): PendingWindow {
    const info = this.#info!;
    const t = this.#span(window.startSample, window.endSample);
    const delayUs = ((this.#preprocessor?.delaySamples ?? 0) * 1e6) / info.sampleRateHz;
    return { window, t, info, isLate: this.#clock.unixUs() - t.end_us > delayUs + LATE_US };
  }

  get #interpolated(): number {
    return this.#interpolatedBefore + (this.#preprocessor?.account.interpolated ?? 0);
  }

  #notice(name: Notice['name'], message: string): Notice {
    return { type: 'notice', code: NOTICE_CODE[name], name, message, source: this.#model.manifest.modality };
  }

  #gazeEvents(): GazeStreamEvent[] {
    const simulated = this.#info?.simulated ?? false;
    return (this.#preprocessor?.events ?? []).map((event) => ({
      stream: 'gaze',
      t: { ...this.#span(event.startSample, event.endSample), emit_us: this.#clock.unixUs() },
      source: 'eye',
      simulated,
      data: gazeData(event),
    }));
  }

  #deviceEvent(): DeviceStatusEvent {
    return {
      stream: 'device',
      t: { ...momentOf(this.#clock), clock_err_us: this.#lastBlock?.clockErrUs ?? 0 },
      source: this.#model.manifest.modality,
      simulated: this.#info?.simulated ?? null,
      data: {
        ...this.#status,
        device_id: this.#info?.deviceId ?? null,
        sample_rate_hz: this.#info?.sampleRateHz ?? null,
        channels: this.#info?.channels.map((channel) => channel.label) ?? [],
        geometry: geometryData(this.#info?.geometry),
        bytes_received: this.#counts.bytesReceived,
        bytes_discarded: this.#counts.bytesDiscarded,
        samples_received: this.#counts.samplesReceived,
        samples_lost: this.#counts.samplesLost,
        samples_interpolated: this.#interpolated,
        reconnects: this.#counts.reconnects,
      },
    };
  }

  /** Unix times of a span of device samples, told from the newest block's host time. */
  #span(startSample: number, endSample: number): SpanTime {
    const block = this.#lastBlock;
    const offsetUs = this.#clock.unixUs() - this.#clock.monoUs();
    if (block === null) {
      const now = this.#clock.unixUs();
      return { start_us: now, end_us: now, clock_err_us: 0 };
    }
    const unixUs = (sample: number): number =>
      Math.round(offsetUs + block.hostTimeUs + ((sample - block.firstSample) * 1e6) / block.info.sampleRateHz);
    return { start_us: unixUs(startSample), end_us: unixUs(endSample), clock_err_us: Math.round(block.clockErrUs) };
  }

  #at(sample: number): EventTime {
    return { ...this.#span(sample, sample), emit_us: this.#clock.unixUs() };
  }
}

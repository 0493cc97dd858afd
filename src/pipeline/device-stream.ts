/** Follows one device: its descriptions, samples, markers and status become events, and windows for the model. */
import { isDeepStrictEqual } from 'node:util';
import type { EventTime, Notice, StreamEvent } from '../api/events.ts';
import type { Clock } from '../clock.ts';
import { completeGeometry } from '../gaze/geometry.ts';
import type { ModelBundle } from '../model/bundle.ts';
import type { FeatureWindow } from '../preprocess/feature-window.ts';
import type { Preprocessor, PreprocessorOutput } from '../preprocess/preprocessor.ts';
import { type Block, type DeviceEvent, LONGEST_FILL_S, type StreamInfo } from '../samples.ts';
import { DeviceStatus } from './device-status.ts';
import type { PendingWindow } from './inference.ts';
import { RateWatch } from './rate-watch.ts';
import { emittedNow, type SpanTime, StreamClock } from './stream-clock.ts';
import { gazeData } from './to-events.ts';

export interface PipelineOptions {
  readonly model: ModelBundle;
  readonly clock: Clock;
  /** Overrides the manifest's hop. */
  readonly hopS?: number;
  /** The screen of an eye tracker, as the user states it, for what the device does not report itself. */
  readonly geometry?: StreamInfo['geometry'];
}

export type DeviceStreamItem = StreamEvent | Notice | PendingWindow;

/** Allowed delay beyond the stated one: a busy host, a slow link, or the block length of a recording. */
const LATE_US = 1e6;

export class DeviceStream {
  readonly #options: PipelineOptions;
  readonly #status: DeviceStatus;
  readonly #time: StreamClock;
  #rate = new RateWatch();
  #info: StreamInfo | null = null;
  #preprocessor: Preprocessor | null = null;
  #lastWindow: SpanTime | null = null;
  /** Samples interpolated by the preprocessors of earlier descriptions of the stream. */
  #interpolatedBefore = 0;

  constructor(options: PipelineOptions) {
    this.#options = options;
    this.#status = new DeviceStatus(options.model.manifest.modality, options.clock);
    this.#time = new StreamClock(options.clock);
  }

  /** The stated delay of a window, in microseconds; 0 before the device has described itself. */
  get delayUs(): number {
    if (this.#preprocessor === null || this.#info === null) return 0;
    return (this.#preprocessor.delaySamples * 1e6) / this.#info.sampleRateHz;
  }

  /** The time of the last window; null before the first one. */
  get lastWindow(): SpanTime | null {
    return this.#lastWindow;
  }

  get simulated(): boolean {
    return this.#info?.simulated ?? false;
  }

  /** Throws what `ModelBundle.createPreprocessor` throws, for a device that cannot feed the model. */
  on(event: DeviceEvent): DeviceStreamItem[] {
    switch (event.type) {
      case 'info':
        return this.#start(event.info);
      case 'samples':
        return this.#process(event.block);
      case 'marker': {
        const { label, sample } = event.marker;
        const source = this.#options.model.manifest.modality;
        return [{ stream: 'marker', t: this.#timeOf(sample, sample), source, data: { label, origin: 'device' } }];
      }
      case 'counts':
        this.#status.counts = event.counts;
        return [this.#statusEvent()];
      case 'status':
        if (event.state === 'lost') this.#rate.interrupt();
        this.#updateStatus();
        return this.#status.change(event.state, event.message, event.retryInMs ?? null);
    }
  }

  /** The end of the input completes the windows that only waited for later samples. */
  finish(): DeviceStreamItem[] {
    return (this.#preprocessor?.flush() ?? []).map((output) => this.#item(output));
  }

  #start(described: StreamInfo): DeviceStreamItem[] {
    const { model, hopS, geometry = {} } = this.#options;
    const isGaze = described.modality === 'eye';
    const info = isGaze ? { ...described, geometry: completeGeometry(described, geometry) } : described;
    // A reconnect with the same description continues the stream: the sample index shows the gap.
    if (isDeepStrictEqual(info, this.#info)) return [];
    const preprocessor = model.createPreprocessor(info, hopS);
    // Before the flush, which resets the account.
    this.#interpolatedBefore = this.#interpolated;
    const closing = this.finish();
    this.#preprocessor = preprocessor;
    this.#info = info;
    this.#time.reset();
    this.#rate = new RateWatch();
    return [...closing, this.#statusEvent()];
  }

  #process(block: Block): DeviceStreamItem[] {
    this.#time.update(block);
    const items: DeviceStreamItem[] = [];
    const mismatch = this.#rate.observe(block, this.#options.clock.monoUs());
    if (mismatch !== null) items.push(this.#status.notice('rate_mismatch', mismatch));
    const { sampleRateHz } = block.info;
    // Shorter losses are interpolated (EEG, EOG) or handled as missing gaze; only longer ones get a notice.
    if (block.lostBefore > LONGEST_FILL_S * sampleRateHz && block.firstSample > block.lostBefore) {
      const message = `${block.lostBefore} samples (${(block.lostBefore / sampleRateHz).toFixed(3)} s) are missing before sample ${block.firstSample}`;
      items.push(this.#status.notice('gap', message));
    }
    const t = this.#timeOf(block.firstSample, block.firstSample + block.length);
    items.push({ stream: 'raw', t, source: this.#options.model.manifest.modality, block });
    for (const output of this.#preprocessor?.push(block) ?? []) items.push(this.#item(output));
    return items;
  }

  #item(output: PreprocessorOutput): DeviceStreamItem {
    switch (output.type) {
      case 'window':
        return this.#pending(output.window);
      case 'warning':
        return this.#status.notice('signal_doubt', output.message);
      case 'gaze': {
        const { startSample, endSample } = output.event;
        return {
          stream: 'gaze',
          t: this.#timeOf(startSample, endSample),
          source: 'eye',
          simulated: this.simulated,
          data: gazeData(output.event),
        };
      }
    }
  }

  #pending(window: FeatureWindow): PendingWindow {
    const t = this.#time.span(window.startSample, window.endSample);
    const isLate = this.#options.clock.monoUs() - t.mono_us > this.delayUs + LATE_US;
    this.#lastWindow = t;
    const withheld = this.#rate.isWrong ? 'rate_mismatch' : isLate ? 'stale' : null;
    return { window, t, simulatedSignal: this.simulated, withheld };
  }

  get #interpolated(): number {
    return this.#interpolatedBefore + (this.#preprocessor?.account.interpolated ?? 0);
  }

  #updateStatus(): void {
    this.#status.info = this.#info;
    this.#status.samplesInterpolated = this.#interpolated;
    this.#status.clockErrUs = this.#time.clockErrUs;
  }

  #statusEvent(): StreamEvent {
    this.#updateStatus();
    return this.#status.event();
  }

  #timeOf(startSample: number, endSample: number): EventTime {
    return emittedNow(this.#time.span(startSample, endSample), this.#options.clock);
  }
}

/** The data that flows from a device into the pipeline: stream descriptions, blocks of samples, markers. */

/** What a device measures: `eeg` electrodes on the scalp, `eye` gaze and pupils, `eog` electrodes around the eyes. */
export type Modality = 'eeg' | 'eye' | 'eog';

export interface Channel {
  /** 10-20 label (EEG) or the name of the quantity ("x_px"). */
  readonly label: string;
  /** Unit of the samples after the driver's scaling: "uV" for EEG and EOG. */
  readonly unit: string;
}

/** The screen of an eye tracker. Angles are seen from the point `distanceMm` in front of the screen's centre. */
export interface GazeGeometry {
  readonly screenPx: readonly [width: number, height: number];
  readonly screenMm: readonly [width: number, height: number];
  readonly distanceMm: number;
}

export interface StreamInfo {
  readonly deviceId: string;
  readonly modality: Modality;
  readonly channels: readonly Channel[];
  readonly sampleRateHz: number;
  /** Whether a generator made the signal, not a person; repeated on everything derived from it. */
  readonly simulated: boolean;
  /** |sample| at or beyond this is clipped by the amplifier (same unit as the samples); absent where unknown. */
  readonly railUv?: number;
  /** The screen of an eye tracker, as far as the device or the user states it. */
  readonly geometry?: Partial<GazeGeometry>;
}

/**
 * A contiguous run of samples. A loss never lies inside a block: it closes one block and opens the next.
 * `firstSample` counts from the start of the stream and includes the lost samples, so that
 * `firstSample === previous.firstSample + previous.length + lostBefore` always holds.
 */
export interface Block {
  readonly info: StreamInfo;
  readonly firstSample: number;
  /** Samples per channel. */
  readonly length: number;
  /** Channel-major, [channels, length]: sample i of channel c is `data[c * length + i]`. NaN: that channel has no value there. */
  readonly data: Float32Array;
  /** Samples lost between the previous block (or the stream's start) and this one. */
  readonly lostBefore: number;
  /** The device's clock at the first sample, unwrapped, in microseconds. */
  readonly deviceTimeUs: number;
  /** The host's monotonic clock at the first sample, estimated, in microseconds. */
  readonly hostTimeUs: number;
  /** Half width of the uncertainty of `hostTimeUs` against the host's clock, in microseconds. */
  readonly clockErrUs: number;
}

/** Losses of EEG and EOG that are longer than this, in seconds, are not interpolated. */
export const LONGEST_FILL_S = 0.04;

/** An event at a sample: the simulator's true state, a button press, a recording's annotation. */
export interface Marker {
  readonly label: string;
  /** Position on the stream's sample index (may be fractional). */
  readonly sample: number;
}

/** Counters of a device since its driver was opened; everything that arrives is counted in one of them. */
export interface DeviceCounts {
  readonly bytesReceived: number;
  /** Bytes that belong to no valid frame. */
  readonly bytesDiscarded: number;
  readonly samplesReceived: number;
  /** Without those of the time in which the device was away. */
  readonly samplesLost: number;
  readonly reconnects: number;
  /** Time without a connection since the first sample, in milliseconds. */
  readonly awayMs: number;
}

/** The events of a driver; completion means the end of a recording, an error means that it can't continue. */
export type DeviceEvent =
  | { readonly type: 'info'; readonly info: StreamInfo }
  | { readonly type: 'samples'; readonly block: Block }
  | { readonly type: 'marker'; readonly marker: Marker }
  | {
      readonly type: 'status';
      readonly state: 'connecting' | 'streaming' | 'lost';
      readonly message: string;
      /** With `lost`: time until the next attempt. */
      readonly retryInMs?: number;
    }
  | { readonly type: 'counts'; readonly counts: DeviceCounts };

/** Sample i of every channel, for tests and small tools (allocates). */
export function sampleAt(block: Block, i: number): number[] {
  return block.info.channels.map((_, c) => block.data[c * block.length + i]!);
}

/** The part [from, to) of a block, with its times; `lostBefore` stays with the part that contains the first sample. */
export function sliceBlock(block: Block, from: number, to: number): Block {
  const length = to - from;
  const channels = block.info.channels.length;
  const data = new Float32Array(channels * length);
  for (let c = 0; c < channels; c++) {
    data.set(block.data.subarray(c * block.length + from, c * block.length + to), c * length);
  }
  const shiftUs = (from * 1e6) / block.info.sampleRateHz;
  return {
    ...block,
    firstSample: block.firstSample + from,
    length,
    data,
    lostBefore: from === 0 ? block.lostBefore : 0,
    deviceTimeUs: block.deviceTimeUs + shiftUs,
    hostTimeUs: block.hostTimeUs + shiftUs,
  };
}

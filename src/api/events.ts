/** The events that the pipeline emits and the server publishes, in the shape that goes over the wire. */
import type { AbstainReason, DecisionState, QualitySummary } from '../decision.ts';
import type { EyeFeature } from '../preprocess/eye/features.ts';
import type { BadChannelReason, EyeQuality } from '../preprocess/feature-window.ts';
import type { Block, Modality } from '../samples.ts';

/** When something happened, in whole microseconds since 1970-01-01 UTC. */
export interface EventTime {
  /** Time of the first sample that the event is about. */
  readonly start_us: number;
  /** Time of the last sample that the event is about. */
  readonly end_us: number;
  /** When the event was made. `emit_us - end_us` is the latency. */
  readonly emit_us: number;
  /** The server's monotonic clock at `end_us`, as in `hello.clock`: it never jumps, unlike the wall clock. */
  readonly mono_us: number;
  /** Uncertainty of the clocks: the true times are within plus or minus this many microseconds. */
  readonly clock_err_us: number;
}

/**
 * Where an event comes from: `eeg` (electrodes on the scalp), `eye` (eye tracker), `eog` (electrodes around the eyes), or
 * `fusion`, which combines the predictions of several of them.
 */
export type Source = Modality | 'fusion';

interface WindowEvent {
  /** The stretch of signal (the window) that the event is computed from. */
  readonly t: EventTime;
  /** How good the signal was in this window. */
  readonly quality: QualitySummary;
  /** The device, or the fusion, that the event comes from. */
  readonly source: Source;
  /** Reserved; null in this version. */
  readonly profile: string | null;
  /** True if the signal or the model is simulated. The event then says nothing about a person. */
  readonly simulated: boolean;
}

/** What the model decided on one window. */
export type Verdict =
  | {
      /** There is a decision. */
      readonly state: 'ok';
      /** Empty. */
      readonly reasons: readonly AbstainReason[];
      /** The class with the highest probability. */
      readonly label: string;
      /** One probability (0 to 1) per class, in the order of the model's labels. They add up to 1. */
      readonly probs: readonly number[];
      /** The same probabilities by class name. */
      readonly probs_by_label: Readonly<Record<string, number>>;
    }
  | {
      /** There is no decision: `warmup` shortly after the start, `abstain` for the `reasons`. */
      readonly state: Exclude<DecisionState, 'ok'>;
      /** Why there is no decision. Empty during warm-up. */
      readonly reasons: readonly AbstainReason[];
      /** Null: there is no decision. */
      readonly label: null;
      /** Null: there is no decision. */
      readonly probs: null;
      /** Null: there is no decision. */
      readonly probs_by_label: null;
    };

/** A decision on one window, about once a second (`hop_ms` of the model). */
export interface PredictionEvent extends WindowEvent {
  /** Identifies the stream. */
  readonly stream: 'prediction';
  /** Only for source `fusion`: the modalities that it combines. Empty if none of them has a decision. */
  readonly fused?: readonly Modality[];
  /** The decision. */
  readonly data: Verdict;
}

/** The numbers that the model computed a decision from. */
export interface FeaturesEvent extends WindowEvent {
  /** Identifies the stream. */
  readonly stream: 'features';
  /** The features of one window. */
  readonly data: {
    /** As in the prediction of the same window. */
    readonly state: DecisionState;
    /**
     * EEG: differential entropy (a measure of signal power) in nat, channel-major: `values[channel * bands + band]` in the
     * order of the model's `montage` and `bands`. Eye tracker: in the order of the model's `features`.
     */
    readonly values: readonly number[];
    /**
     * Influence of each feature on the decision: the probability of the label minus the probability with this feature
     * alone set to its training mean. Null unless the source is an eye tracker and the state `ok`.
     */
    readonly influence: readonly number[] | null;
  };
}

/** How good the signal of each electrode, or of each eye, was in one window. */
export interface QualityEvent extends WindowEvent {
  /** Identifies the stream. */
  readonly stream: 'quality';
  /** The quality of one window. */
  readonly data: {
    /** One entry per electrode. Empty for an eye tracker. */
    readonly electrodes: readonly {
      /** Name of the electrode's position on the head, for example "FP1". */
      readonly label: string;
      /** What is wrong with the electrode; null: it is good. */
      readonly bad: BadChannelReason | null;
      /** True if its signal was replaced by an estimate from the electrodes around it. */
      readonly interpolated: boolean;
      /** Strength of the filtered signal: root mean square in microvolts. */
      readonly rms_uv: number;
    }[];
    /** Null unless the source is an eye tracker. */
    readonly eyes: Pick<EyeQuality, 'worn' | 'pupils'> | null;
  };
}

/** An eye movement or a blink, sent about a third of a second after its end. Eye tracker only. */
export interface GazeStreamEvent {
  /** Identifies the stream. */
  readonly stream: 'gaze';
  /** Start and end of the movement. */
  readonly t: EventTime;
  /** Always the eye tracker. */
  readonly source: 'eye';
  /** True if the signal comes from a generator and not from a person. */
  readonly simulated: boolean;
  /** The movement. Degrees are visual angles from the screen's centre; x grows to the right and y downwards. */
  readonly data:
    | {
        /** The gaze rested at one place. */
        readonly type: 'fixation';
        /** Duration in milliseconds. */
        readonly duration_ms: number;
        /** Horizontal place in degrees. */
        readonly x_deg: number;
        /** Vertical place in degrees. */
        readonly y_deg: number;
        /** Horizontal spread of the gaze in degrees. */
        readonly dispersion_x_deg: number;
        /** Vertical spread of the gaze in degrees. */
        readonly dispersion_y_deg: number;
      }
    | {
        /** The gaze jumped from one place to another. */
        readonly type: 'saccade';
        /** Duration in milliseconds. */
        readonly duration_ms: number;
        /** Distance of the jump in degrees. */
        readonly amplitude_deg: number;
        /** Highest speed in degrees per second. Null from a slow eye tracker, whose samples are too far apart for it. */
        readonly peak_deg_s: number | null;
      }
    | {
        /** The pupils of both eyes were not seen: for 30 to 500 ms (blink) or for longer (track loss). */
        readonly type: 'blink' | 'track_loss';
        /** Duration in milliseconds. */
        readonly duration_ms: number;
      };
}

/** The state of a device and its counters since the server started. */
export interface DeviceStatusEvent {
  /** Identifies the stream. */
  readonly stream: 'device';
  /** The present time. */
  readonly t: EventTime;
  /** What the device measures. */
  readonly source: Modality;
  /** True if a generator makes the signal. Null until the device has described itself. */
  readonly simulated: boolean | null;
  /** The state and the counters. */
  readonly data: {
    /** `lost`: the device is disconnected. */
    readonly state: 'connecting' | 'streaming' | 'lost';
    /** The state in words, for people. */
    readonly message: string;
    /** Time until the next attempt to connect, in milliseconds; null if none is scheduled. */
    readonly retry_in_ms: number | null;
    /** Name of the device; null until it has described itself. */
    readonly device_id: string | null;
    /** Samples per second of each channel; null until the device has described itself. */
    readonly sample_rate_hz: number | null;
    /** Labels in the order of raw frames: electrodes ("FP1"), or quantities that end in their unit ("x_left_px"). */
    readonly channels: readonly string[];
    /** The screen of an eye tracker; null if it is unknown or the device is another one. */
    readonly geometry: {
      /** Width and height in pixels. */
      readonly screen_px: readonly [width: number, height: number];
      /** Width and height in millimetres. */
      readonly screen_mm: readonly [width: number, height: number];
      /** Distance from the eyes to the screen's centre in millimetres. */
      readonly distance_mm: number;
    } | null;
    /** Bytes from the device. */
    readonly bytes_received: number;
    /** Bytes outside valid frames. */
    readonly bytes_discarded: number;
    /** Samples from the device. */
    readonly samples_received: number;
    /** Samples that were lost on the way while the device was connected. */
    readonly samples_lost: number;
    /** Lost samples that were replaced by estimates, in short gaps. */
    readonly samples_interpolated: number;
    /** How often the device was connected again. */
    readonly reconnects: number;
    /** How long the device has been away since its first sample, in milliseconds. */
    readonly away_ms: number;
  };
}

/** A label on the time line. */
export interface MarkerEvent {
  /** Identifies the stream. */
  readonly stream: 'marker';
  /** When the marker was set. */
  readonly t: EventTime;
  /** The device that the marker came with; null: a client sent it. */
  readonly source: Modality | null;
  /** The marker. */
  readonly data: {
    /** Text of the marker. */
    readonly label: string;
    /** `device`: it came with the signal; `client`: a client sent it. */
    readonly origin: 'device' | 'client';
  };
}

/** Device samples, unprocessed. The server sends them as binary frames of 20 to 50 ms. */
export interface RawEvent {
  readonly stream: 'raw';
  readonly t: EventTime;
  readonly source: Modality;
  readonly block: Block;
}

/** All events. `stream` identifies the type. */
export type StreamEvent =
  | PredictionEvent
  | FeaturesEvent
  | QualityEvent
  | GazeStreamEvent
  | DeviceStatusEvent
  | MarkerEvent
  | RawEvent;
/** The name of a stream. */
export type StreamName = StreamEvent['stream'];

/** A message to every client, whatever it has subscribed to. */
export interface Notice {
  /** Identifies the type of message. */
  readonly type: 'notice';
  /** Number of the notice: 600 device_lost, 601 device_back, 602 gap, 603 shutting_down, 604 signal_doubt, 605 rate_mismatch, 606 clock_step. */
  readonly code: number;
  /**
   * `gap`: samples are missing; `signal_doubt`: the signal or its settings are implausible; `rate_mismatch`: a device sends at
   * another rate than it declares; `clock_step`: the wall clock was set.
   */
  readonly name:
    | 'device_lost'
    | 'device_back'
    | 'gap'
    | 'shutting_down'
    | 'signal_doubt'
    | 'rate_mismatch'
    | 'clock_step';
  /** The notice in words, for people. */
  readonly message: string;
  /** The modality of the device that the notice is about; absent if it is about the server. */
  readonly source?: Modality;
  /** With `device_lost`: time until the next attempt to connect, in milliseconds. */
  readonly retry_in_ms?: number;
}

/** The model that makes the predictions of one modality. */
export interface ModelDescription {
  /** Name of the model. */
  readonly id: string;
  /** SHA-256 of the model file, as 64 hex digits. */
  readonly sha256: string;
  /** What the model predicts from. */
  readonly modality: Modality;
  /** Class names, in the order of the probabilities. */
  readonly labels: readonly string[];
  /** EEG and EOG: the electrodes, in the order of the feature values. Empty for an eye tracker. */
  readonly montage: readonly string[];
  /** EEG: name, low edge (included) and high edge (excluded) in Hz of each frequency band. Otherwise empty. */
  readonly bands: readonly (readonly [string, number, number])[];
  /** Eye tracker: the features, in the order of their values. Otherwise empty. */
  readonly features: readonly EyeFeature[];
  /** Length of the stretch of signal that one prediction is made from, in milliseconds. */
  readonly window_ms: number;
  /** Time from one prediction to the next, in milliseconds. */
  readonly hop_ms: number;
  /** True if the model was trained on simulated signals. */
  readonly simulated: boolean;
}

/**
 * Whether a model's `features` stream exists. A model without named features or bands takes the signal itself, which only
 * the scope `raw` may read.
 */
export function publishesFeatures({ bands, features }: Pick<ModelDescription, 'bands' | 'features'>): boolean {
  return bands.length + features.length > 0;
}

/** The events that the pipeline makes and the server publishes, in the very shape that goes over the wire. */
import type { AbstainReason, DecisionState, QualitySummary } from '../decision.ts';
import type { EyeFeature } from '../preprocess/eye/features.ts';
import type { BadChannelReason, EyeQuality } from '../preprocess/feature-window.ts';
import type { Block, Modality } from '../samples.ts';

/** Unix microseconds; `clock_err_us` is the half width of what the device's clock leaves uncertain. */
export interface EventTime {
  readonly start_us: number;
  readonly end_us: number;
  readonly emit_us: number;
  readonly clock_err_us: number;
}

/** Who speaks: a model of one modality, or what the predictions of several come to together. */
export type Source = Modality | 'fusion';

interface WindowEvent {
  readonly t: EventTime;
  readonly quality: QualitySummary;
  readonly source: Source;
  readonly profile: string | null;
  readonly simulated: boolean;
}

/** A label where the state is `ok`; otherwise none, and for an abstention its reasons. */
export type Verdict =
  | {
      readonly state: 'ok';
      /** Empty. */
      readonly reasons: readonly AbstainReason[];
      readonly label: string;
      /** One a class, in the order of the model's labels. */
      readonly probs: readonly number[];
    }
  | {
      readonly state: Exclude<DecisionState, 'ok'>;
      readonly reasons: readonly AbstainReason[];
      readonly label: null;
      readonly probs: null;
    };

export interface PredictionEvent extends WindowEvent {
  readonly stream: 'prediction';
  /** Of a fusion: the modalities that it stands on; empty while none has a verdict. */
  readonly fused?: readonly Modality[];
  readonly data: Verdict;
}

export interface FeaturesEvent extends WindowEvent {
  readonly stream: 'features';
  readonly data: {
    readonly state: DecisionState;
    /** EEG: channel-major `ch * bands + band`; eye movement: in the order of the model's `features`. */
    readonly values: readonly number[];
    /**
     * Eye movement, state `ok`: how much each feature moved the decision, as the probability of the label less what it
     * would be with this feature alone at its training mean. Else null.
     */
    readonly influence: readonly number[] | null;
  };
}

export interface QualityEvent extends WindowEvent {
  readonly stream: 'quality';
  readonly data: {
    readonly electrodes: readonly {
      readonly label: string;
      readonly bad: BadChannelReason | null;
      readonly interpolated: boolean;
      readonly rms_uv: number;
    }[];
    /** Null but for eye movement. */
    readonly eyes: Pick<EyeQuality, 'worn' | 'pupils'> | null;
  };
}

/** What the eyes did, told at most the detector's stated delay after its end. */
export interface GazeStreamEvent {
  readonly stream: 'gaze';
  readonly t: EventTime;
  readonly source: 'eye';
  readonly simulated: boolean;
  /** Degrees from the screen's centre; y grows downwards. */
  readonly data:
    | {
        readonly type: 'fixation';
        readonly duration_ms: number;
        readonly x_deg: number;
        readonly y_deg: number;
        readonly dispersion_x_deg: number;
        readonly dispersion_y_deg: number;
      }
    | {
        readonly type: 'saccade';
        readonly duration_ms: number;
        readonly amplitude_deg: number;
        /** Null from detection by dispersion, which knows no velocity. */
        readonly peak_deg_s: number | null;
      }
    | { readonly type: 'blink' | 'track_loss'; readonly duration_ms: number };
}

export interface DeviceStatusEvent {
  readonly stream: 'device';
  readonly t: EventTime;
  /** The modality of the model that it feeds. */
  readonly source: Modality;
  /** Null until the device has described itself. */
  readonly simulated: boolean | null;
  readonly data: {
    readonly state: 'connecting' | 'streaming' | 'lost';
    readonly message: string;
    readonly retry_in_ms: number | null;
    readonly device_id: string | null;
    readonly sample_rate_hz: number | null;
    readonly channels: readonly string[];
    /** Of an eye tracker whose screen is known. */
    readonly geometry: {
      readonly screen_px: readonly [width: number, height: number];
      readonly screen_mm: readonly [width: number, height: number];
      readonly distance_mm: number;
    } | null;
    readonly bytes_received: number;
    readonly bytes_discarded: number;
    readonly samples_received: number;
    readonly samples_lost: number;
    readonly samples_interpolated: number;
    readonly reconnects: number;
  };
}

export interface MarkerEvent {
  readonly stream: 'marker';
  readonly t: EventTime;
  /** `device`: came with the signal; `client`: sent over the API. */
  readonly data: { readonly label: string; readonly origin: 'device' | 'client' };
}

/** Device samples as they came, 20-50 ms at a time; goes out as a binary frame. */
export interface RawEvent {
  readonly stream: 'raw';
  readonly t: EventTime;
  /** The modality of the model that it feeds. */
  readonly source: Modality;
  readonly block: Block;
}

export type StreamEvent =
  | PredictionEvent
  | FeaturesEvent
  | QualityEvent
  | GazeStreamEvent
  | DeviceStatusEvent
  | MarkerEvent
  | RawEvent;
export type StreamName = StreamEvent['stream'];

/** Goes to every client, whatever it has subscribed to. */
export interface Notice {
  readonly type: 'notice';
  readonly code: number;
  readonly name: 'device_lost' | 'device_back' | 'gap' | 'shutting_down' | 'signal_doubt';
  readonly message: string;
  /** Whose device it is about. */
  readonly source?: Modality;
  readonly retry_in_ms?: number;
}

/** What `hello` says of the model. */
export interface ModelDescription {
  readonly id: string;
  readonly sha256: string;
  readonly modality: Modality;
  readonly labels: readonly string[];
  readonly montage: readonly string[];
  readonly bands: readonly (readonly [string, number, number])[];
  /** Of eye movement, in their order; empty for other modalities, whose montage and bands say it. */
  readonly features: readonly EyeFeature[];
  readonly window_ms: number;
  readonly hop_ms: number;
  readonly simulated: boolean;
}

/**
 * Whether a model's `features` stream exists. A model without named features or bands takes the signal itself, which must
 * not go out under a lesser scope than `raw`.
 */
export function publishesFeatures({ bands, features }: Pick<ModelDescription, 'bands' | 'features'>): boolean {
  return bands.length + features.length > 0;
}

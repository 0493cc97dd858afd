/** What every modality's preprocessor gives. */
import type { GazeEvent } from '../gaze/event.ts';
import type { Block } from '../samples.ts';
import type { Stage } from '../stage.ts';
import type { FeatureWindow } from './feature-window.ts';

/** At any moment: total = received + interpolated + lost + pending. */
export interface SampleAccount {
  /** Length of the stream's sample index up to the end of the last block. */
  readonly total: number;
  /** Samples that came with a value on at least one channel; all of them enter the filters. */
  readonly received: number;
  /** Lost in runs of up to 40 ms; filled values entered the filters in their place. */
  readonly interpolated: number;
  /** Declared lost: in longer runs, or before the first value. */
  readonly lost: number;
  /** Lost in the run at the end of the input, whose length is not known yet. */
  readonly pending: number;
}

export interface Preprocessor extends Stage<Block, FeatureWindow> {
  /** Of EEG and EOG: electrodes, in feature order; of the eyes: the features themselves. */
  readonly channels: readonly string[];
  readonly account: SampleAccount;
  /** A window is given out when this many samples have come after its end (or the first ones behind a gap there). */
  readonly delaySamples: number;
  /** Fixations, saccades, blinks and track losses that the last `push` or `flush` told; of other signals none. */
  readonly events: readonly GazeEvent[];
  /** What the user should know of the signal, told once, by the last `push`. */
  readonly doubts: readonly string[];
  /** The end of the input: completes the windows that only waited for what follows; then as after `reset()`. */
  flush(): FeatureWindow[];
}

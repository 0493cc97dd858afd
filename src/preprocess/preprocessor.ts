/** The interface of every modality's preprocessor. */
import type { GazeEvent } from '../gaze/event.ts';
import type { Block } from '../samples.ts';
import type { Stage } from '../stage.ts';
import type { FeatureWindow } from './feature-window.ts';

/** At any moment: total = received + interpolated + lost + pending. */
export interface SampleAccount {
  /** Length of the stream's sample index up to the end of the last block. */
  readonly total: number;
  /** Received samples with a value on at least one channel; all of them enter the filters. */
  readonly received: number;
  /** Samples lost in runs of up to 40 ms, which were replaced by interpolated values. */
  readonly interpolated: number;
  /** Samples declared lost: in longer runs, or before the first value. */
  readonly lost: number;
  /** Samples of a loss at the end of the input, whose length is not known yet. */
  readonly pending: number;
}

export type PreprocessorOutput =
  | { readonly type: 'window'; readonly window: FeatureWindow }
  /** Eye tracker: a fixation, saccade, blink or track loss. */
  | { readonly type: 'gaze'; readonly event: GazeEvent }
  /** Something the user should know about the signal; each warning is given once. */
  | { readonly type: 'warning'; readonly message: string };

export interface Preprocessor extends Stage<Block, PreprocessorOutput> {
  /** Electrodes (EEG), channels (EOG) or feature names (eye movement), in the order of a window's values. */
  readonly labels: readonly string[];
  readonly account: SampleAccount;
  /** A window is given out when this many samples have come after its end, or the first sample after a gap there. */
  readonly delaySamples: number;
  /** In the order in which they become known. Throws `INTERNAL` for a block that does not follow the last one. */
  push(block: Block): PreprocessorOutput[];
  /** The end of the input: completes the windows that only waited for later samples; then as after `reset()`. */
  flush(): PreprocessorOutput[];
}

/** The windows among the outputs. */
export function windowsOf(outputs: readonly PreprocessorOutput[]): FeatureWindow[] {
  return outputs.flatMap((output) => (output.type === 'window' ? [output.window] : []));
}

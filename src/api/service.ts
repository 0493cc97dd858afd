import type { Observable } from 'rxjs';
import type { ModelDescription, Notice, Source, StreamEvent } from './events.ts';

/** The running pipeline as the server sees it. `src/main` composes it; the server publishes it. */
export interface Service {
  /** Random id of this run; clients use it to resume. */
  readonly session: string;
  /** Hot: every subscriber gets the same events, from the moment of subscription. */
  readonly events$: Observable<StreamEvent | Notice>;
  /** One for each modality; the first one is the main model. */
  readonly models: readonly [ModelDescription, ...ModelDescription[]];
  /** The sources of predictions: the models' modalities, and `fusion` where there are several. */
  readonly sources: readonly Source[];
  /** True if a signal or a model is simulated. */
  readonly simulated: boolean;
  /** Ready once a device delivers samples; `reason` is for people. */
  readiness(): { ready: boolean; reason: string };
  /** Puts a client's marker on the stream's time line and emits it as a `marker` event. */
  mark(label: string): void;
}

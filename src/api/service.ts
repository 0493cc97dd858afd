/** The border between what runs (composed by main) and what publishes it (the server and other outlets). */
import type { Observable } from 'rxjs';
import type { ModelDescription, Notice, Source, StreamEvent } from './events.ts';

export interface Service {
  /** Random id of this run; clients use it to resume. */
  readonly session: string;
  /** Hot: the same events for every subscriber, from the moment of subscription. */
  readonly events$: Observable<StreamEvent | Notice>;
  /** One a source; the first one is the main one. */
  readonly models: readonly [ModelDescription, ...ModelDescription[]];
  /** Who makes predictions: the models' modalities and, of several, their fusion. */
  readonly sources: readonly Source[];
  /** True where a signal or a model is simulated. */
  readonly simulated: boolean;
  /** Ready once a device delivers samples. */
  readiness(): { ready: boolean; reason: string };
  /** A client's marker: put on the stream's time line and published as a `marker` event. */
  mark(label: string): void;
}

import type { ClientEvent, StreamName } from '../../client/index.ts';

/** The panels of one modality, and the handlers of the events that they show. */
export interface View {
  /** The panels of the wide and of the narrow column. */
  readonly wide: readonly HTMLElement[];
  readonly narrow: readonly HTMLElement[];
  readonly on: { readonly [S in StreamName]?: (event: ClientEvent<S>) => void };
}

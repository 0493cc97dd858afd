import type { ClientEvent, StreamName } from '../../client/index.ts';

/** The panels of one source, and what feeds them. */
export interface View {
  /** For the broad column and the narrow one. */
  readonly wide: readonly HTMLElement[];
  readonly narrow: readonly HTMLElement[];
  readonly on: { readonly [S in StreamName]?: (event: ClientEvent<S>) => void };
}

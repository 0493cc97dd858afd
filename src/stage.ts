/**
 * A stage is synchronous: it knows no RxJS, no clock and no device. Cutting its input differently never changes its
 * output (the chunk law), so all that it needs beyond a block is its own state.
 */
export interface Stage<In, Out> {
  push(input: In): Out[];
  /** Back to the state after construction. */
  reset(): void;
  /** What the end of the input still completes; the stage is then as after `reset()`. */
  flush?(): Out[];
}

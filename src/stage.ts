/**
 * A stage is synchronous and knows no RxJS, no clock and no device. Its output does not depend on how its input is cut into
 * blocks (the chunk law).
 */
export interface Stage<In, Out> {
  push(input: In): Out[];
  /** Back to the state after construction. */
  reset(): void;
  /** The outputs that the end of the input completes; the stage is then as after `reset()`. */
  flush?(): Out[];
}

/** Blinks and track losses: stretches without a pupil on any eye. */
import type { GazeTiming } from './gaze-config.ts';
import { type GazeEvent, timed } from './gaze-event.ts';

/**
 * A loss counts from the first eye that goes to the last that is back, as lids don't close at once, if the other eye
 * follows within the margin. A return that is shorter than the margin is none. Samples that never came are no loss, but
 * one that goes on behind them has lasted through them.
 */
export class GazeLoss {
  readonly #timing: GazeTiming;
  /** All eyes lost: [start, end) so far; -1: not. */
  #start = -1;
  #end = -1;
  /** Since when some eye is lost without a break; -1: none is. */
  #anySince = -1;
  /** From the first eye's loss to the last eye's return. */
  #from = -1;
  #to = -1;

  constructor(timing: GazeTiming) {
    this.#timing = timing;
  }

  /** Sample n, which came. */
  push(n: number, someLost: boolean, allLost: boolean, out: GazeEvent[]): void {
    if (!someLost) this.#anySince = -1;
    else if (this.#anySince === -1) this.#anySince = n;
    if (allLost) {
      if (this.#start === -1) this.#open(n);
      this.#end = this.#to = n + 1;
      return;
    }
    if (this.#start === -1) return;
    if (someLost && n === this.#to) this.#to = n + 1;
    if (n + 1 - this.#end >= this.#timing.margin) this.#close(out);
  }

  flush(out: GazeEvent[]): void {
    if (this.#start !== -1) this.#close(out);
  }

  reset(): void {
    this.#start = this.#end = this.#anySince = this.#from = this.#to = -1;
  }

  #open(n: number): void {
    this.#start = n;
    this.#from = n - this.#anySince <= this.#timing.margin ? this.#anySince : n;
  }

  #close(out: GazeEvent[]): void {
    const { shortestBlink, longestBlink, rateHz } = this.#timing;
    const lost = this.#end - this.#start;
    this.#start = -1;
    if (lost < shortestBlink) return;
    out.push({ type: lost > longestBlink ? 'track_loss' : 'blink', ...timed(this.#from, this.#to, rateHz) });
  }
}

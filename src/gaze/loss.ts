/** Blinks and track losses: stretches without a pupil on any eye. */
import type { GazeTiming } from './config.ts';
import { type GazeEvent, timed } from './event.ts';

/**
 * A loss counts from the first eye that goes to the last that is back, as lids don't close at once, if the other eye
 * follows within the margin. A return that is shorter than the margin is none. Samples that never came are no loss, but
 * one that goes on behind them has lasted through them. A loss that the stream's beginning or end cuts off is of unknown
 * length: a track loss where it is already long enough, and never a blink.
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
  /** The stream's first sample (-1: none came), and the one that comes next. */
  #first = -1;
  #next = -1;

  constructor(timing: GazeTiming) {
    this.#timing = timing;
  }

  /** Sample n, which came. */
  push(n: number, someLost: boolean, allLost: boolean, out: GazeEvent[]): void {
    if (this.#first === -1) this.#first = n;
    this.#next = n + 1;
    if (!someLost) this.#anySince = -1;
    else if (this.#anySince === -1) this.#anySince = n;
    if (allLost) {
      if (this.#start === -1) this.#open(n);
      this.#end = this.#to = n + 1;
      return;
    }
    if (this.#start === -1) return;
    if (someLost && n === this.#to) this.#to = n + 1;
    if (n + 1 - this.#end >= this.#timing.margin) this.#close(out, false);
  }

  flush(out: GazeEvent[]): void {
    if (this.#start !== -1) this.#close(out, this.#to === this.#next);
  }

  reset(): void {
    this.#start = this.#end = this.#anySince = this.#from = this.#to = this.#first = this.#next = -1;
  }

  #open(n: number): void {
    this.#start = n;
    this.#from = n - this.#anySince <= this.#timing.margin ? this.#anySince : n;
  }

  /** @param isOpen it goes on where the samples end */
  #close(out: GazeEvent[], isOpen: boolean): void {
    const { shortestBlink, longestBlink, rateHz } = this.#timing;
    const lost = this.#end - this.#start;
    this.#start = -1;
    const isTrackLoss = lost > longestBlink;
    const isCutOff = isOpen || this.#from === this.#first;
    if (lost < shortestBlink || (isCutOff && !isTrackLoss)) return;
    out.push({ type: isTrackLoss ? 'track_loss' : 'blink', ...timed(this.#from, this.#to, rateHz) });
  }
}

/** Blinks and track losses: periods in which no eye has a pupil. */
import type { GazeTiming } from './config.ts';
import { type GazeEvent, timed } from './event.ts';

/**
 * A loss lasts from the first eye that is lost to the last that is back, because lids do not close at once, provided the
 * second eye follows within the margin. A return shorter than the margin does not end a loss. Samples that never came do
 * not start a loss, but one that continues after them has lasted through them. A loss that the start or end of the stream
 * cuts off has an unknown length: it is a track loss where it is long enough already, and never a blink.
 */
export class EyeLosses {
  readonly #timing: GazeTiming;
  /** All eyes lost: [start, end) so far; -1: not lost. */
  #start = -1;
  #end = -1;
  /** Since when at least one eye is lost without a break; -1: none is lost. */
  #anySince = -1;
  /** From the loss of the first eye to the return of the last. */
  #from = -1;
  #to = -1;
  /** The stream's first sample (-1: none yet), and the next one. */
  #first = -1;
  #next = -1;

  constructor(timing: GazeTiming) {
    this.#timing = timing;
  }

  /** Received sample n. */
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

  /** @param isOpen whether the loss continues at the end of the samples */
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

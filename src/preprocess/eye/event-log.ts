/** Keeps the latest events by kind and finds those that end in a range of samples. */

import type { Blink, Fixation, GazeEvent, Saccade } from '../../gaze/event.ts';
import type { EyeEvents } from './statistics.ts';

export class EyeEventLog {
  /** Each list in order of time. */
  #fixations: Fixation[] = [];
  #saccades: Saccade[] = [];
  #blinks: Blink[] = [];

  add(events: readonly GazeEvent[]): void {
    for (const event of events) {
      if (event.type === 'fixation') this.#fixations.push(event);
      else if (event.type === 'saccade') this.#saccades.push(event);
      else if (event.type === 'blink') this.#blinks.push(event);
    }
  }

  /** Events whose last sample is in [from, to). */
  endingIn(from: number, to: number): EyeEvents {
    const ending = <Event extends GazeEvent>(events: readonly Event[]) =>
      events.filter(({ endSample }) => endSample > from && endSample <= to);
    return { fixations: ending(this.#fixations), saccades: ending(this.#saccades), blinks: ending(this.#blinks) };
  }

  /** Forgets events that ended before sample `at`. */
  dropBefore(at: number): void {
    const kept = <Event extends GazeEvent>(events: Event[]) =>
      events.length > 0 && events[0]!.endSample <= at ? events.filter(({ endSample }) => endSample > at) : events;
    this.#fixations = kept(this.#fixations);
    this.#saccades = kept(this.#saccades);
    this.#blinks = kept(this.#blinks);
  }

  reset(): void {
    this.#fixations = [];
    this.#saccades = [];
    this.#blinks = [];
  }
}

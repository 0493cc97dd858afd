import type { Notice } from '../api/events.ts';
import { NOTICE_CODE } from '../api/protocol.ts';
import { type Clock, STEP_US } from '../clock.ts';

/** Reports steps of the wall clock. */
export class ClockSteps {
  readonly #clock: Clock;
  #steppedUs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The notice of a step since the last call, or null. */
  check(): Notice | null {
    const steppedUs = this.#clock.steppedUs();
    const changeUs = Math.abs(steppedUs - this.#steppedUs);
    if (changeUs < STEP_US) return null;
    this.#steppedUs = steppedUs;
    const seconds = (us: number): string => (us / 1e6).toFixed(1);
    return {
      type: 'notice',
      code: NOTICE_CODE.clock_step,
      name: 'clock_step',
      message:
        `the wall clock of this computer was set by ${seconds(changeUs)} s: the times of events do not go back, may be ` +
        `wrong by ${seconds(steppedUs)} s (clock_err_us), and mono_us is not affected. Restart to take over a time that was set back`,
    };
  }
}

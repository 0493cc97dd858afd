/** Gaze events: the output of gaze event detection. */

interface Timed {
  /** On the stream's sample index, half-open: [startSample, endSample). */
  readonly startSample: number;
  readonly endSample: number;
  /** The same in seconds: sample / rate. */
  readonly startS: number;
  readonly endS: number;
  readonly durationMs: number;
}

/** Degrees from the screen's centre; y grows downwards. */
export interface Fixation extends Timed {
  readonly type: 'fixation';
  /** Mean of its samples. */
  readonly xDeg: number;
  readonly yDeg: number;
  /** Largest minus smallest value. */
  readonly dispersionXDeg: number;
  readonly dispersionYDeg: number;
}

export interface Saccade extends Timed {
  readonly type: 'saccade';
  /** Angle between the gaze at its start and at its end. */
  readonly amplitudeDeg: number;
  /** Peak velocity in degrees per second, smoothed as for detection; null from I-DT, which computes no velocity. */
  readonly peakDegS: number | null;
}

/** The pupils were lost on both eyes and came back within half a second. */
export interface Blink extends Timed {
  readonly type: 'blink';
}

/** The pupils were lost for longer than a blink lasts. */
interface TrackLoss extends Timed {
  readonly type: 'track_loss';
}

export type GazeEvent = Fixation | Saccade | Blink | TrackLoss;

export function timed(startSample: number, endSample: number, rateHz: number): Timed {
  return {
    startSample,
    endSample,
    startS: startSample / rateHz,
    endS: endSample / rateHz,
    durationMs: ((endSample - startSample) * 1000) / rateHz,
  };
}

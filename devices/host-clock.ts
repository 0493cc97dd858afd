/**
 * Device time to host time from arrival times alone. What arrives was delayed by something positive, so no arrival lies
 * below the true line host = device + offset(device): the line is the lowest that the least delayed arrival of each
 * second allows (the linear programme of Moon, Skelly and Towsley 1999, solved on the lower convex hull).
 */

interface Point {
  deviceUs: number;
  /** Arrival minus device time; infinite where nothing was observed. */
  offsetUs: number;
}

const BUCKET_US = 1e6;
const WINDOW_US = 60e6;
/** A device clock that hardly moves would keep every second in the window. */
const MAX_POINTS = 64;
/** Points that a slope needs; before, the offset is all that is known. */
const MIN_POINTS = 5;
/** Crystals are within 100 ppm, nominal rates (a counter in place of a clock) within a percent. */
const MAX_DRIFT = 0.01;
/** What the first second leaves open: the latency timer of common USB serial chips. */
const START_ERROR_US = 16_000;
const FLOOR_ERROR_US = 500;
/** What the drift may have become since the last fit. */
const UNKNOWN_DRIFT = 1e-4;

export class HostClock {
  /** The least delayed observation of each past second, oldest first. */
  #points: Point[] = [];
  /** That of the present second. */
  readonly #least = nothing();
  #bucketEndUs = 0;
  /** The best observation of the latest arrival time, used once time has moved on: how bytes are cut has no influence. */
  readonly #pending = nothing();
  #arrivalUs = 0;
  #latestDeviceUs = 0;
  // offset(device) = offsetUs + drift * (device - originUs)
  #originUs = 0;
  #offsetUs = 0;
  #drift = 0;
  #spreadUs = 0;
  /** Raises the line after it fell, so that host time does not go back; shrinks by the time between two arrivals' samples. */
  #liftUs = 0;
  /** The latest host time that was given out before the present arrival. */
  #floorUs = Number.NEGATIVE_INFINITY;

  /** Samples of device times `firstUs` to `deviceUs` arrived together at `arrivalUs`; arrivals never go back. */
  observe(deviceUs: number, arrivalUs: number, firstUs = deviceUs): void {
    const offsetUs = arrivalUs - deviceUs;
    if (this.#pending.offsetUs === Number.POSITIVE_INFINITY) {
      this.#originUs = deviceUs;
      this.#offsetUs = offsetUs;
      this.#latestDeviceUs = deviceUs;
      this.#liftUs = Math.max(0, this.#floorUs - this.#lineUs(firstUs));
    } else if (arrivalUs > this.#arrivalUs) {
      this.#floorUs = Math.max(this.#floorUs, this.hostTimeUs(this.#latestDeviceUs));
      this.#apply(this.#pending);
      this.#liftUs = Math.max(0, this.#floorUs - this.#lineUs(firstUs));
      this.#pending.offsetUs = Number.POSITIVE_INFINITY;
    }
    this.#arrivalUs = arrivalUs;
    this.#keepLower(this.#pending, deviceUs, offsetUs);
    if (deviceUs > this.#latestDeviceUs) this.#latestDeviceUs = deviceUs;
  }

  /** Host time of a sample of the present arrival, never before that of an earlier one. */
  hostTimeUs(deviceUs: number): number {
    return this.#lineUs(deviceUs) + this.#liftUs;
  }

  /** Half width of what is uncertain about `hostTimeUs`; a constant latency of the link itself cannot be seen from here. */
  errUs(deviceUs: number): number {
    const start = START_ERROR_US / Math.max(1, this.#points.length);
    const ahead = UNKNOWN_DRIFT * Math.max(0, deviceUs - this.#originUs);
    return FLOOR_ERROR_US + start + ahead + 2 * this.#spreadUs + this.#liftUs;
  }

  /** The device's clock begins anew; host time does not go back. */
  restart(): void {
    if (this.#pending.offsetUs !== Number.POSITIVE_INFINITY) {
      this.#floorUs = Math.max(this.#floorUs, this.hostTimeUs(this.#latestDeviceUs));
    }
    this.#points = [];
    this.#least.offsetUs = Number.POSITIVE_INFINITY;
    this.#pending.offsetUs = Number.POSITIVE_INFINITY;
    this.#drift = 0;
    this.#spreadUs = 0;
  }

  #lineUs(deviceUs: number): number {
    return deviceUs + this.#offsetAt(deviceUs);
  }

  #offsetAt(deviceUs: number): number {
    return this.#offsetUs + this.#drift * (deviceUs - this.#originUs);
  }

  #aboveLine(point: Point): number {
    return point.offsetUs - this.#offsetAt(point.deviceUs);
  }

  /** Replaces `point` by an observation that was delayed less. */
  #keepLower(point: Point, deviceUs: number, offsetUs: number): void {
    if (offsetUs - this.#offsetAt(deviceUs) >= this.#aboveLine(point)) return;
    point.deviceUs = deviceUs;
    point.offsetUs = offsetUs;
  }

  #apply(point: Point): void {
    if (this.#least.offsetUs === Number.POSITIVE_INFINITY) {
      this.#bucketEndUs = this.#arrivalUs + BUCKET_US;
    } else if (this.#arrivalUs >= this.#bucketEndUs) {
      // a device clock that stands still must not make a vertical line
      const newestUs = this.#points.at(-1)?.deviceUs ?? Number.NEGATIVE_INFINITY;
      if (this.#least.deviceUs > newestUs) this.#points.push({ ...this.#least });
      this.#least.offsetUs = Number.POSITIVE_INFINITY;
      this.#bucketEndUs = this.#arrivalUs + BUCKET_US;
      this.#fit(point.deviceUs);
    }
    this.#keepLower(this.#least, point.deviceUs, point.offsetUs);
    const above = this.#aboveLine(point);
    if (above < 0) this.#offsetUs += above;
  }

  /** The line below all points that lies closest to them in sum: the edge of the lower hull over their mean. */
  #fit(nowUs: number): void {
    this.#points = this.#points.filter((p) => p.deviceUs >= nowUs - WINDOW_US).slice(-MAX_POINTS);
    const points = this.#points;
    if (points.length === 0) return;
    if (points.length >= MIN_POINTS) {
      const hull = lowerHull(points);
      const mean = points.reduce((sum, p) => sum + p.deviceUs - nowUs, 0) / points.length + nowUs;
      const right = Math.max(
        1,
        hull.findIndex((p) => p.deviceUs >= mean),
      );
      const from = hull[right - 1]!;
      const to = hull[right]!;
      const drift = (to.offsetUs - from.offsetUs) / (to.deviceUs - from.deviceUs);
      this.#drift = Math.max(-MAX_DRIFT, Math.min(MAX_DRIFT, drift));
    }
    this.#originUs = nowUs;
    this.#offsetUs = 0;
    const residuals = points.map((p) => this.#aboveLine(p));
    this.#offsetUs = Math.min(...residuals);
    this.#spreadUs = residuals.reduce((sum, r) => sum + r - this.#offsetUs, 0) / residuals.length;
  }
}

function nothing(): Point {
  return { deviceUs: 0, offsetUs: Number.POSITIVE_INFINITY };
}

/** Lower convex hull, left to right (Andrew's monotone chain); the points come in order of device time. */
function lowerHull(points: readonly Point[]): Point[] {
  const hull: Point[] = [];
  for (const p of points) {
    while (hull.length >= 2 && !turnsUp(hull[hull.length - 2]!, hull[hull.length - 1]!, p)) hull.pop();
    hull.push(p);
  }
  return hull;
}

function turnsUp(a: Point, b: Point, c: Point): boolean {
  return (b.offsetUs - a.offsetUs) * (c.deviceUs - b.deviceUs) < (c.offsetUs - b.offsetUs) * (b.deviceUs - a.deviceUs);
}

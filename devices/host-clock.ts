/**
 * Maps device time to host time from arrival times alone. Delays are positive, so every arrival is on or above the true
 * line host = device + offset(device). The line is fitted below the least delayed arrival of each second (the linear
 * programme of Moon, Skelly and Towsley 1999, "Estimation and removal of clock skew from network delay measurements",
 * solved on the lower convex hull).
 */

interface Point {
  deviceUs: number;
  /** Arrival minus device time; infinite while nothing has been observed. */
  offsetUs: number;
}

const BUCKET_US = 1e6;
const WINDOW_US = 60e6;
/** Limit for a device clock that hardly moves, where every second would stay in the window. */
const MAX_POINTS = 64;
/** With fewer points only the offset is fitted. */
const MIN_POINTS = 5;
/** Crystals are within 100 ppm, nominal sampling rates (a counter used as a clock) within 1 %. */
const MAX_DRIFT = 0.01;
/** Uncertainty after the first second: the latency timer of common USB serial chips. */
const START_ERROR_US = 16_000;
const FLOOR_ERROR_US = 500;
/** Bound on the change of the drift since the last fit. */
const UNKNOWN_DRIFT = 1e-4;

export class HostClock {
  /** The least delayed observation of each past second, oldest first. */
  #points: Point[] = [];
  /** The least delayed observation of the current second. */
  readonly #least = noPoint();
  #bucketEndUs = 0;
  /**
   * The least delayed observation of the latest arrival time. It is used at the next arrival time, so that the cut of
   * the bytes has no influence.
   */
  readonly #pending = noPoint();
  #arrivalUs = 0;
  #latestDeviceUs = 0;
  // offset(device) = offsetUs + drift * (device - originUs)
  #originUs = 0;
  #offsetUs = 0;
  #drift = 0;
  #spreadUs = 0;
  /** Added to the line after it moved down, so that host time does not go back; shrinks as device time advances. */
  #liftUs = 0;
  /** The latest host time returned before the current arrival. */
  #floorUs = Number.NEGATIVE_INFINITY;

  /** Samples of device times `firstUs` to `deviceUs` arrived together at `arrivalUs`, which never decreases. */
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

  /** Host time of a sample of the current arrival, never before that of an earlier sample. */
  hostTimeUs(deviceUs: number): number {
    return this.#lineUs(deviceUs) + this.#liftUs;
  }

  /**
   * Half-width of the uncertainty of `hostTimeUs`, without the constant latency of the link, which cannot be measured.
   */
  errUs(deviceUs: number): number {
    const start = START_ERROR_US / Math.max(1, this.#points.length);
    const ahead = UNKNOWN_DRIFT * Math.max(0, deviceUs - this.#originUs);
    return FLOOR_ERROR_US + start + ahead + 2 * this.#spreadUs + this.#liftUs;
  }

  /** The device's clock has restarted; host time still does not go back. */
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

  /** Replaces `point` if this observation was delayed less. */
  #keepLower(point: Point, deviceUs: number, offsetUs: number): void {
    if (offsetUs - this.#offsetAt(deviceUs) >= this.#aboveLine(point)) return;
    point.deviceUs = deviceUs;
    point.offsetUs = offsetUs;
  }

  #apply(point: Point): void {
    if (this.#least.offsetUs === Number.POSITIVE_INFINITY) {
      this.#bucketEndUs = this.#arrivalUs + BUCKET_US;
    } else if (this.#arrivalUs >= this.#bucketEndUs) {
      // A device clock that does not move would give a vertical line.
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

  /** The line below all points with the least sum of distances: the edge of the lower hull at their mean time. */
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

function noPoint(): Point {
  return { deviceUs: 0, offsetUs: Number.POSITIVE_INFINITY };
}

/** Lower convex hull, left to right (Andrew's monotone chain), of points in order of device time. */
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

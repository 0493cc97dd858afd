/** Gain of a source at each electrode: smooth maps over the unit sphere. */

import type { Vec3 } from '../../dsp/spherical-spline.ts';
import { AffectEdgeError } from '../../errors.ts';
import { electrodePosition } from '../../montage.ts';

/** @throws MONTAGE_MISSING_ELECTRODE for a label without a known position. */
export function positionOf(label: string): Vec3 {
  const position = electrodePosition(label);
  if (position === null) {
    throw new AffectEdgeError(
      'MONTAGE_MISSING_ELECTRODE',
      `the simulator knows no position for the electrode "${label}": use labels of the 10-20 system such as "FP1" or "CPZ"`,
    );
  }
  return position;
}

/**
 * The gain of a source at each electrode: exp((cos a - 1) / width^2) at the angle a (von Mises-Fisher), 1 at the source
 * itself. `width` is close to a Gaussian's standard deviation in radians.
 */
export function scalpMap(electrodes: readonly Vec3[], source: Vec3, width: number): Float64Array {
  return Float64Array.from(electrodes, ([x, y, z]) =>
    Math.exp((x * source[0] + y * source[1] + z * source[2] - 1) / width ** 2),
  );
}

/** Mean square of a map over the sphere, in closed form. */
export function meanSquareGain(width: number): number {
  return (width ** 2 / 4) * (1 - Math.exp(-4 / width ** 2));
}

/** `count` points spread evenly over the sphere (a Fibonacci lattice). */
export function spherePoints(count: number): Vec3[] {
  const turn = Math.PI * (3 - Math.sqrt(5));
  return Array.from({ length: count }, (_, i) => {
    const z = 1 - (2 * i + 1) / count;
    const r = Math.sqrt(1 - z * z);
    return [r * Math.cos(turn * i), r * Math.sin(turn * i), z];
  });
}

export function normalised([x, y, z]: Vec3): Vec3 {
  const norm = Math.hypot(x, y, z);
  return [x / norm, y / norm, z / norm];
}

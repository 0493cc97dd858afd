import { describe, expect, it } from 'vitest';
import { splineWeights, type Vec3 } from '../../src/dsp/spherical-spline.ts';
import golden from '../golden/dsp-spline.json' with { type: 'json' };

/** Points spread evenly over the sphere (Fibonacci spiral). */
function sphere(count: number): Vec3[] {
  return Array.from({ length: count }, (_, i) => {
    const z = 1 - (2 * i + 1) / count;
    const angle = i * Math.PI * (3 - Math.sqrt(5));
    const r = Math.sqrt(1 - z * z);
    return [r * Math.cos(angle), r * Math.sin(angle), z];
  });
}

function interpolate(good: readonly Vec3[], bad: readonly Vec3[], field: (v: Vec3) => number): number[] {
  const weights = splineWeights(good, bad);
  return bad.map((_, i) => good.reduce((sum, v, j) => sum + weights[i * good.length + j]! * field(v), 0));
}

const points = sphere(60);
const good = points.filter((_, i) => i % 10 !== 5);
const bad = points.filter((_, i) => i % 10 === 5);

describe('splineWeights', () => {
  it.each(golden.map((g) => [g.good.length, g] as const))('equals NumPy’s weights from %d electrodes', (_, g) => {
    splineWeights(g.good as unknown as Vec3[], g.bad as unknown as Vec3[]).forEach((weight, k) => {
      expect(Math.abs(weight - g.weights.flat()[k]!)).toBeLessThan(1e-9);
    });
  });

  it('reproduces a constant', () => {
    for (const value of interpolate(good, bad, () => 42)) expect(value).toBeCloseTo(42, 9);
    for (const value of interpolate(good.slice(0, 1), bad, () => 42)) expect(value).toBeCloseTo(42, 9);
  });

  it('recovers a smooth field within 2 % of its range', () => {
    const field = ([x, y, z]: Vec3) => 10 * x + 6 * x * y - 8 * z * z + 4 * y;
    interpolate(good, bad, field).forEach((value, i) => {
      expect(Math.abs(value - field(bad[i]!))).toBeLessThan(0.4);
    });
  });

  it('does not change when the head turns', () => {
    const [c, s] = [Math.cos(0.7), Math.sin(0.7)];
    const turn = ([x, y, z]: Vec3): Vec3 => [c * x - s * y, c * (s * x + c * y) - s * z, s * (s * x + c * y) + c * z];
    const plain = splineWeights(good, bad);
    splineWeights(good.map(turn), bad.map(turn)).forEach((weight, k) => {
      expect(weight).toBeCloseTo(plain[k]!, 9);
    });
  });

  it('refuses to interpolate without a good electrode', () => {
    expect(() => splineWeights([], bad)).toThrow(/no good electrode/);
  });
});

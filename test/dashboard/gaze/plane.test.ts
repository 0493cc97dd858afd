import fc from 'fast-check';
import { expect, it } from 'vitest';
import { GazePlane } from '../../../src/dashboard/gaze/plane.ts';
import { toDegrees } from '../../../src/gaze/geometry.ts';
import { SCREEN } from '../../support/gaze.ts';

const GEOMETRY = { screen_px: SCREEN.screenPx, screen_mm: SCREEN.screenMm, distance_mm: SCREEN.distanceMm };
const axis = fc.constantFrom(0, 1) as fc.Arbitrary<0 | 1>;

it("places a pixel at the same place as the pipeline's degrees for it", () => {
  const plane = new GazePlane(GEOMETRY);
  const degrees = toDegrees('px', SCREEN);
  fc.assert(
    fc.property(axis, fc.double({ min: 0, max: 1, noNaN: true }), (a, share) => {
      const px = share * SCREEN.screenPx[a];
      expect(plane.ofGaze(px, 'px', a)).toBeCloseTo(share, 9);
      expect(plane.ofGaze(degrees[a](px), 'deg', a)).toBeCloseTo(share, 9);
      expect(plane.toDeg(share, a)).toBeCloseTo(degrees[a](px), 9);
    }),
  );
});

it("has the screen's aspect ratio", () => {
  expect(new GazePlane(GEOMETRY).aspect).toBeCloseTo(510 / 287, 12);
});

it('without a screen places degrees but no pixels, and says so', () => {
  const plane = new GazePlane(null);
  expect(plane.ofGaze(0, 'deg', 0)).toBe(0.5);
  expect(plane.ofGaze(20, 'deg', 0)).toBeCloseTo(1, 12);
  expect(plane.ofGaze(960, 'px', 0)).toBeNaN();
  expect(plane.caption).toContain('not known');
});

import { describe, expect, it } from 'vitest';
import { gazeLayout, toDegrees, visualAngleDeg } from '../../src/gaze/geometry.ts';
import type { GazeGeometry } from '../../src/samples.ts';
import golden from '../golden/gaze.json' with { type: 'json' };
import { eyeInfo, SCREEN } from '../support/gaze.ts';

const LUND: GazeGeometry = { screenPx: [1024, 768], screenMm: [380, 300], distanceMm: 670 };

describe('gazeLayout', () => {
  it('finds both eyes for any order of the channels', () => {
    const labels = ['pupil_right_mm', 'y_right_px', 'x_right_px', 'x_left_px', 'y_left_px', 'pupil_left_mm', 'blink'];
    expect(gazeLayout(eyeInfo(labels, 60))).toEqual({
      unit: 'px',
      eyes: [
        { x: 3, y: 4 },
        { x: 2, y: 1 },
      ],
      pupils: [5, 0],
      pupilUnit: 'mm',
      pupilPerEye: true,
    });
  });

  it.each([
    [['x_px', 'y_px'], { pupils: [], pupilUnit: null, pupilPerEye: false }],
    [['x_px', 'y_px', 'pupil_mm'], { pupils: [2], pupilUnit: 'mm', pupilPerEye: false }],
    [['x_px', 'y_px', 'pupil_h_px', 'pupil_v_px'], { pupils: [2, 3], pupilUnit: 'px', pupilPerEye: false }],
    [['x_px', 'y_px', 'pupil_left_au', 'pupil_right_au'], { pupils: [2, 3], pupilUnit: 'au', pupilPerEye: true }],
    [['x_right_deg', 'y_right_deg', 'pupil_right_mm'], { unit: 'deg', pupils: [2], pupilPerEye: false }],
  ])('reads %s', (labels, layout) => {
    expect(gazeLayout(eyeInfo(labels, 60))).toMatchObject({ eyes: [{ x: 0, y: 1 }], ...layout });
  });

  it('refuses channels without gaze and units that differ from the label', () => {
    expect(() => gazeLayout(eyeInfo(['FP1', 'x_px'], 60))).toThrow(
      /has the channels FP1, x_px: an eye tracker needs x_px and y_px/,
    );
    const info = eyeInfo(['x_px', 'y_px'], 60);
    const mixed = { ...info, channels: [{ label: 'x_px', unit: 'deg' }, info.channels[1]!] };
    expect(() => gazeLayout(mixed)).toThrow('channel x_px says its unit is "deg", expected px');
  });
});

describe('toDegrees', () => {
  it.each(golden.angles)('computes the angle at the eye: $px', ({ px, deg }) => {
    const [x, y] = toDegrees('px', LUND);
    px.forEach(([xPx, yPx], i) => {
      expect(x(xPx!)).toBeCloseTo(deg[i]![0]!, 10);
      expect(y(yPx!)).toBeCloseTo(deg[i]![1]!, 10);
    });
  });

  it('is 45 degrees for a point as far from the centre of the screen as the eye is from the screen', () => {
    const [x, y] = toDegrees('px', { screenPx: [1000, 500], screenMm: [1000, 1000], distanceMm: 250 });
    expect(x(750)).toBeCloseTo(45, 12);
    expect(y(125)).toBeCloseTo(-45, 12);
    expect(x(500)).toBe(0);
  });

  it('returns degrees unchanged, without a geometry', () => {
    const [x, y] = toDegrees('deg', undefined);
    expect([x(12.5), y(-3)]).toEqual([12.5, -3]);
  });

  it('refuses pixels without a complete geometry', () => {
    expect(() => toDegrees('px', undefined)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining('--distance-mm') }),
    );
    expect(() => toDegrees('px', { screenPx: SCREEN.screenPx, distanceMm: 650 })).toThrow(
      'give the screen and the viewing distance (--screen-mm 510x287)',
    );
  });

  it.each([
    [{ ...SCREEN, distanceMm: 0 }, 'viewing distance in mm is 0'],
    [{ ...SCREEN, screenMm: [510, -1] as const }, 'screen height in mm is -1'],
    [{ ...SCREEN, screenPx: [Number.NaN, 1080] as const }, 'screen width in px is NaN'],
  ])('refuses sizes that are not positive: %#', (geometry, message) => {
    expect(() => toDegrees('px', geometry)).toThrow(message);
  });
});

describe('visualAngleDeg', () => {
  it.each(golden.angles)('is the angle between the two directions: $angle_deg', ({ deg, angle_deg }) => {
    const [from, to] = deg as [[number, number], [number, number]];
    expect(visualAngleDeg(...from, ...to)).toBeCloseTo(angle_deg, 9);
    expect(visualAngleDeg(...to, ...from)).toBeCloseTo(angle_deg, 9);
  });

  it('is precise for small angles', () => {
    expect(visualAngleDeg(10, 0, 10 + 1e-9, 0) / 1e-9).toBeCloseTo(1, 5);
    expect(visualAngleDeg(3, 4, 3, 4)).toBe(0);
  });
});

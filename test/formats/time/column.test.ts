import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isTime, secondsReader, timeColumn } from '../../../src/formats/time/column.ts';

const seconds = (field: string, unit?: number) => secondsReader(unit)(field);
const two = (n: number) => String(n).padStart(2, '0');

describe('a time column', () => {
  it.each([
    ['time', undefined],
    ['Timestamp', undefined],
    ['timestamp [ns]', 1e-9],
    ['Time (\u00b5s)', 1e-6],
    ['time_ms', 1e-3],
    ['Time:512Hz', undefined],
    ['Time of day', undefined],
  ])('is found by its name: %s', (name, unit) => {
    expect(timeColumn(['Fp1', name])).toEqual({ at: 1, unit });
    expect(timeColumn(['Fp1', 'runtime', 'timeout', 'Times7'])).toBeUndefined();
  });

  it.each([
    ['2024-01-01 10:00:00,123', 1704103200.123],
    ['2024-01-01T10:00:00.123456Z', 1704103200.123456],
    ['2024/01/01 10:00', 1704103200],
    ['2024-01-01 10:00:00+05:30', 1704103200 - 19800],
    ['2024-01-01 10:00:00 -0800', 1704103200 + 28800],
    ['10:00:00,123', 36000.123],
    ['10:00:00.123', 36000.123],
    ['10:00:00:123', 36000.123],
    ['9:59', 35940],
  ])('holds dates and times of day: %s', (field, expected) => {
    expect(seconds(field)).toBeCloseTo(expected, 6);
    expect(isTime(field)).toBe(true);
  });

  it.each([
    '2024-02-30 10:00:00',
    '2024-13-01 10:00',
    '25:00:00',
    '10:61:00',
    'soon',
    '',
    '01/02/2024 10:00',
    'May 5Z',
  ])('refuses what is no time or may be two times: %s', (field) => {
    expect(seconds(field)).toBeNaN();
  });

  it('goes on over midnight, also where rows around it are exchanged', () => {
    fc.assert(
      fc.property(
        fc.nat(86399),
        fc.integer({ min: 1, max: 40000 }),
        fc.integer({ min: 2, max: 9 }),
        (start, step, rows) => {
          const read = secondsReader(undefined);
          const times = Array.from({ length: rows }, (_, i) => start + i * step);
          const clock = (t: number) =>
            `${two(Math.floor(t / 3600) % 24)}:${two(Math.floor(t / 60) % 60)}:${two(t % 60)}`;
          expect(times.map((t) => read(clock(t)))).toEqual(times);
        },
      ),
    );
    const read = secondsReader(undefined);
    const around = ['23:59:59.98', '00:00:00.00', '23:59:59.99', '00:00:00.01'];
    expect(around.map((field) => read(field) - 86400)).toEqual(
      [-0.02, 0, -0.01, 0.01].map((t) => expect.closeTo(t, 6)),
    );
  });
});

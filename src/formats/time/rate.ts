/** The sampling rate of rows with time stamps. */
import type { Gap } from '../parsed.ts';
import { gapsFromTimeStamps } from './gaps.ts';
import { periodOf } from './period.ts';
import { medianStep } from './steps.ts';

/** Rates of EEG amplifiers and eye trackers. */
const COMMON_HZ = [
  30, 50, 60, 75, 90, 100, 120, 125, 128, 150, 160, 200, 220, 240, 250, 256, 300, 500, 512, 600, 1000, 1024, 1200, 1250,
  2000, 2048,
];
/** Clocks of devices and computers differ by less than this. */
const CLOCK_TOLERANCE = 5e-4;
/** A declared rate that differs by more than this from the stamps is contradicted by them. */
const DECLARED_TOLERANCE = 0.02;
/** A larger difference between the median step and the rate is reported. */
const STEP_TOLERANCE = 0.05;
/** A rate that is less certain than this is reported. */
const CERTAIN = 0.01;

/** From the measured and the declared rate. */
export type RateRule = (measuredHz: number, declaredHz: number | undefined) => number;

export interface StampedRows {
  /** NaN without two rows, and not positive where the stamps do not rise. */
  readonly rateHz: number;
  readonly gaps: readonly Gap[];
  /** Doubts about the rate, each with both figures. */
  readonly notices: readonly string[];
}

/**
 * Rate and losses of stamped rows. The stamps decide; a declared rate is taken where they agree with it within 2 %.
 * @param timesS [rows] in order
 * @param rule gives the rate where a device has a rule of its own
 */
export function rateFromTimeStamps(timesS: Float64Array, declaredHz?: number, rule?: RateRule): StampedRows {
  const period = periodOf(timesS);
  const measuredHz = 1 / period.seconds;
  if (!(measuredHz > 0 && Number.isFinite(measuredHz)))
    return { rateHz: declaredHz ?? measuredHz, gaps: [], notices: [] };
  const agrees =
    declaredHz !== undefined &&
    Math.abs(measuredHz / declaredHz - 1) <= Math.max(DECLARED_TOLERANCE, period.uncertainty);
  const rateHz = rule?.(measuredHz, declaredHz) ?? (agrees ? declaredHz : nearestRate(measuredHz, period.uncertainty));
  const isDeclared = rateHz === declaredHz;
  const difference = Math.abs(measuredHz / rateHz - 1);
  return {
    rateHz,
    gaps: gapsFromTimeStamps(timesS, {
      seconds: 1 / rateHz,
      uncertainty: Math.max(period.uncertainty, difference),
    }),
    notices: [
      ...(isDeclared || declaredHz === undefined
        ? []
        : [`${hz(declaredHz)} is declared, but the time stamps show ${used(measuredHz, rateHz)}. ${SETTLE}`]),
      ...(isDeclared ? [] : irregular(timesS, rateHz)),
      ...(!isDeclared && period.uncertainty > CERTAIN
        ? [
            `the time stamps show the rate only within ${(100 * period.uncertainty).toFixed(1)} %: ${hz(rateHz)} is used. ${SETTLE}`,
          ]
        : []),
    ],
  };
}

const SETTLE = '--rate sets another';

/**
 * The rate that a measurement stands for: a common or whole one within the clocks' tolerance or the uncertainty, otherwise
 * the measured one.
 * @param uncertainty relative
 */
export function nearestRate(measuredHz: number, uncertainty: number): number {
  const isNear = (rateHz: number) => Math.abs(measuredHz / rateHz - 1) <= Math.max(CLOCK_TOLERANCE, uncertainty);
  const distance = (rateHz: number) => Math.abs(rateHz - measuredHz);
  const near = COMMON_HZ.filter(isNear).sort((a, b) => distance(a) - distance(b));
  const whole = Math.round(measuredHz);
  return near[0] ?? (isNear(whole) ? whole : measuredHz);
}

function irregular(timesS: Float64Array, rateHz: number): string[] {
  const step = medianStep(timesS);
  if (Math.abs(step * rateHz - 1) <= STEP_TOLERANCE) return [];
  const steps = step > 0 ? `most steps between rows show ${hz(1 / step)}` : 'most rows have the time of the row before';
  return [`rows come irregularly: ${steps}, the whole recording shows ${hz(rateHz)}, which is used. ${SETTLE}`];
}

function used(measuredHz: number, rateHz: number): string {
  const [measured, taken] = [hz(measuredHz), hz(rateHz)];
  return measured === taken ? `${taken}, which is used` : `${measured}: ${taken} is used`;
}

/** A rate for people, with up to two decimals. */
export function hz(rateHz: number): string {
  return `${Number(rateHz.toFixed(2))} Hz`;
}

/** The notice about samples that are missing in a recording. */
import { type ParsedFile, totalSamples } from './parsed.ts';

/**
 * Counts gaps longer than `longestFillMs`, which are not filled; breaks of unknown length do not count.
 * @returns a notice, or none
 */
export function missingTime(parsed: ParsedFile, longestFillMs: number): string[] {
  const { gaps, sampleRateHz } = parsed;
  const long = gaps.filter(({ lost, isBreak }) => !isBreak && (lost / sampleRateHz) * 1000 > longestFillMs);
  if (long.length === 0) return [];
  const seconds = (samples: number) => (samples / sampleRateHz).toFixed(1);
  const lost = seconds(long.reduce((sum, gap) => sum + gap.lost, 0));
  const whole = seconds(totalSamples(parsed));
  const longest = long.reduce((a, b) => (b.lost > a.lost ? b : a));
  const lostBefore = gaps.reduce((sum, gap) => (gap.row < longest.row ? sum + gap.lost : sum), 0);
  const after = seconds(longest.row + lostBefore);
  const where =
    long.length === 1
      ? `in 1 gap of more than ${longestFillMs} ms, after ${after} s`
      : `in ${long.length} gaps of more than ${longestFillMs} ms, the longest of ${seconds(longest.lost)} s after ${after} s`;
  return [`${lost} s of ${whole} s are missing, ${where}`];
}

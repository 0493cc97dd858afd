import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GazepointDriver } from '../../../devices/gazepoint/driver.ts';
import { NO_EYE, OpenGazeTracker } from '../../../devices/gazepoint/tracker.ts';
import type { Block } from '../../../src/samples.ts';
import { readEye } from '../../support/gaze-files.ts';
import { blocksOf, bytesOf, frameOf, TRACKER, textOf } from '../../support/gazepoint.ts';

/** All samples, by their index. */
function samplesOf(blocks: Iterable<Block>): Map<number, (number | null)[]> {
  const samples = new Map<number, (number | null)[]>();
  for (const { firstSample, length, data, info } of blocks) {
    for (let i = 0; i < length; i++) {
      const values = info.channels.map((_, c) => data[c * length + i]!);
      samples.set(
        firstSample + i,
        values.map((value) => (Number.isNaN(value) ? null : value)),
      );
    }
  }
  return samples;
}

describe('the stream of a Gazepoint tracker', () => {
  it('is the same live and from a log of its lines, with gaps and lost eyes', () => {
    const fate = fc.record({
      lost: fc.constantFrom(0, 0, 0, 0, 0, 0, 1, 2, 30),
      blind: fc.constantFrom('', '', '', 'left', 'both'),
    });
    fc.assert(
      fc.property(fc.array(fate, { minLength: 100, maxLength: 160 }), (fates) => {
        const tracker = new OpenGazeTracker(TRACKER);
        const driver = new GazepointDriver();
        let log = tracker.receive(bytesOf(textOf(driver.opened(0))));
        let n = 0;
        for (const [i, { lost, blind }] of fates.entries()) {
          // The first second gives the rate.
          n += i < 70 ? 1 : 1 + lost;
          const frame = frameOf(n, 100 + n / 60);
          log += tracker.record({
            ...frame,
            left: blind === '' ? frame.left : NO_EYE,
            right: blind === 'both' ? NO_EYE : frame.right,
          });
        }
        const live = blocksOf(driver.push(bytesOf(log), 1e6));
        const recording = readEye('log.txt', log);
        expect(recording.info).toMatchObject({
          channels: live[0]!.info.channels,
          sampleRateHz: live[0]!.info.sampleRateHz,
          geometry: live[0]!.info.geometry,
        });
        expect(samplesOf(recording.blocks())).toEqual(samplesOf(live));
      }),
      { numRuns: 40 },
    );
  });
});

/** Recordings as people have them, each with its right reading (see the README of the data's folder). */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { filter, firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { gazepointDevice } from '../../devices/gazepoint/index.ts';
import { systemClock } from '../../src/clock.ts';
import { openEegRecording, openEyeRecording } from '../../src/formats/open-recording.ts';
import type { Recording } from '../../src/formats/recording.ts';
import { extractFeatures } from '../../src/main/extract-features.ts';
import { eegPreprocessConfigSchema } from '../../src/preprocess/eeg/config.ts';
import { describeWithData, testData } from '../support/data.ts';
import { eventsOf, ofType } from '../support/gaze.ts';

const odd = (folder: string, file: string) => testData('odd-recordings', folder, file);
const EEG = { modality: 'eeg' as const, preprocess: eegPreprocessConfigSchema.parse({ hop_s: 4 }) };

/** [windows] rows of features without the settling ones. */
function rowsOf(recording: Recording): Float32Array[] {
  const { windows, states } = extractFeatures(recording, EEG);
  return windows.filter((_, w) => states[w] === 'ok').map(({ values }) => values);
}

function expectNear(rows: readonly Float32Array[], expected: readonly Float32Array[], nat: number): void {
  expect(rows).toHaveLength(expected.length);
  for (const [w, row] of rows.entries()) {
    for (const [i, value] of row.entries()) expect(Math.abs(value - expected[w]![i]!)).toBeLessThan(nat);
  }
}

/** [channels][samples], with NaN where samples are lost. */
function samplesOf(recording: Recording): Float32Array[] {
  const out = recording.info.channels.map(() => new Float32Array(recording.totalSamples).fill(Number.NaN));
  for (const { firstSample, length, data } of recording.blocks()) {
    for (const [c, channel] of out.entries()) channel.set(data.subarray(c * length, (c + 1) * length), firstSample);
  }
  return out;
}

describeWithData('odd-recordings', 'odd recordings', () => {
  it.each([
    ['steady.csv', 250, 5000],
    ['jitter.csv', 250, 5000],
    ['bursts-of-10.csv', 250, 5000],
    ['mind-monitor-bursts-of-12.csv', 256, 5120],
  ])('csv-rate-from-jittering-stamps/%s: %s Hz, nothing lost', async (file, rateHz, samples) => {
    const recording = await openEegRecording(odd('csv-rate-from-jittering-stamps', file));
    expect(recording).toMatchObject({ totalSamples: samples, info: { sampleRateHz: rateHz } });
  });

  it('csv-rate-from-jittering-stamps: the same windows from jittering and steady stamps', async () => {
    const rows = async (file: string) => rowsOf(await openEegRecording(odd('csv-rate-from-jittering-stamps', file)));
    const steady = await rows('steady.csv');
    expect(steady.length).toBeGreaterThan(3);
    for (const file of ['jitter.csv', 'bursts-of-10.csv']) expectNear(await rows(file), steady, 0.01);
  });

  it.each([
    ['one-trial.csv', 3072, []],
    ['packet-twice.csv', 3072, ['12 rows that repeat earlier ones are left out']],
    ['packets-swapped.csv', 3072, ['12 rows came late: put in order']],
    ['two-trials.csv', 6144 + 255, [/the time restarts at line 3074: 2 pieces are read/]],
    ['three-trials.csv', 9216 + 510, [/the time restarts at line 3074, line 6146: 3 pieces are read/]],
  ])('csv-time-falls-back/%s: %s samples at 256 Hz', async (file, totalSamples, notices) => {
    const recording = await openEegRecording(odd('csv-time-falls-back', file));
    expect(recording).toMatchObject({ totalSamples, info: { sampleRateHz: 256 } });
    expect(recording.notices).toEqual(
      notices.map((notice) => (typeof notice === 'string' ? notice : expect.stringMatching(notice))),
    );
  });

  it('csv-time-falls-back: packets that came twice or late are put right', async () => {
    const samples = async (file: string) => samplesOf(await openEegRecording(odd('csv-time-falls-back', file)));
    const right = await samples('one-trial.csv');
    for (const file of ['packet-twice.csv', 'packets-swapped.csv']) expect(await samples(file)).toEqual(right);
  });

  it.each([
    ['600.615-hz.edf', /600.6150297905054 Hz has no small ratio to 200 Hz: .* as 600.61\d+ Hz/],
    ['record-0.003906-s.edf', undefined],
    ['record-0.00390625-as-16.edf', undefined],
  ])('odd-rates/%s: has features', async (file, notice) => {
    const { windows, notices } = extractFeatures(await openEegRecording(odd('odd-rates', file)), EEG);
    expect(notices).toEqual(notice === undefined ? [] : [expect.stringMatching(notice)]);
    expect(windows.length).toBeGreaterThan(0);
    // A tone of 20 uV: the logarithm of its power in the alpha band.
    for (const { values } of windows.slice(1))
      expect(values[2]).toBeCloseTo(0.5 * Math.log(2 * Math.PI * Math.E * 200), 0);
  });

  it.each(['with.edf', 'reversed.edf'])('edf-dummy-channel/%s: the odd signal is left out and named', async (file) => {
    const recording = await openEegRecording(odd('edf-dummy-channel', file));
    const without = await openEegRecording(odd('edf-dummy-channel', 'without.edf'));
    expect(recording.info.channels).toEqual(without.info.channels);
    expect(samplesOf(recording)).toEqual(samplesOf(without));
    expect(recording.notices).toEqual([expect.stringMatching(/^left out, as not EEG at 256 Hz: . \(its \w+ range is/)]);
  });

  it.each(['plain.edf', 'plain-other-rate.edf', 'plus.edf'])(
    'edf-annotations-in-plain-edf/%s: 12 markers',
    async (file) => {
      const { info, markers, totalSamples, notices } = await openEegRecording(
        odd('edf-annotations-in-plain-edf', file),
      );
      expect(info.channels.map(({ label }) => label)).toEqual(['C3', 'C4', 'O1', 'O2']);
      expect([info.sampleRateHz, totalSamples, notices]).toEqual([256, 3072, []]);
      expect(markers.map(({ sample }) => sample / 256)).toEqual(Array.from({ length: 12 }, (_, i) => i + 0.5));
    },
  );

  it.each(['text.xdf', 'whole-numbers.xdf'])('xdf-markers/%s: markers at 2, 4, 6 and 8 s', async (file) => {
    const { markers, notices } = await openEegRecording(odd('xdf-markers', file));
    expect(markers.map(({ label, sample }) => [label, Math.round(sample) / 250])).toEqual([
      ['1', 2],
      ['2', 4],
      ['3', 6],
      ['4', 8],
    ]);
    expect(notices).toEqual([]);
  });

  it('xdf-markers/other-clock.xdf: markers outside of the recording are reported', async () => {
    const { markers, notices } = await openEegRecording(odd('xdf-markers', 'other-clock.xdf'));
    expect(markers).toEqual([]);
    expect(notices).toEqual([expect.stringMatching(/^4 of 4 markers are left out: they are outside of the recording/)]);
  });

  it('xdf-two-streams-of-one-name/restarted.xdf: both parts with 5 s between them', async () => {
    const recording = await openEegRecording(odd('xdf-two-streams-of-one-name', 'restarted.xdf'));
    expect(recording.totalSamples).toBe(1500 + 1250 + 1500);
    expect(recording.notices).toEqual([
      'stream "amp" was restarted: its 2 parts are read',
      '5.0 s of 17.0 s are missing, in 1 gap of more than 40 ms, after 6.0 s',
    ]);
  });

  it.each([
    ['eyelink-two-rates/only-500.asc', 500, 1000, 0, 7, 6],
    ['eyelink-two-rates/only-1000.asc', 1000, 2000, 0, 7, 6],
    ['eyelink-two-rates/500-then-1000.asc', 1000, 6000, 2000, 14, 12],
    ['eyelink-2000hz-whole-ms/half-ms.asc', 2000, 4000, 0, 7, 6],
    ['eyelink-2000hz-whole-ms/whole-ms.asc', 2000, 4000, 0, 7, 6],
  ])(
    '%s: %s Hz, %s samples, %s missing, %s fixations, %s saccades',
    async (file, rateHz, samples, lost, fixations, saccades) => {
      const recording = await openEyeRecording(odd('.', file), { screenMm: [510, 290], distanceMm: 650 });
      const blocks = [...recording.blocks()];
      expect([recording.info.sampleRateHz, recording.totalSamples]).toEqual([rateHz, samples]);
      expect(blocks.reduce((sum, { lostBefore }) => sum + lostBefore, 0)).toBe(lost);
      const events = eventsOf(blocks);
      expect([ofType(events, 'fixation').length, ofType(events, 'saccade').length]).toEqual([fixations, saccades]);
    },
  );

  describe('gazepoint-rate-live-and-offline', () => {
    const log = odd('gazepoint-rate-live-and-offline', 'records.log');

    it('has one rate, live and offline', async () => {
      const offline = await openEyeRecording(log, { screenMm: [510, 290], distanceMm: 650 });
      const probe = createServer().listen(0, '127.0.0.1');
      await once(probe, 'listening');
      const { port } = probe.address() as { port: number };
      await once(probe.close(), 'close');
      const replay = odd('gazepoint-rate-live-and-offline', 'replay_tracker.py');
      const tracker = spawn('python3', [replay, String(port), log], { stdio: ['ignore', 'pipe', 'inherit'] });
      try {
        await once(tracker.stdout, 'data');
        const { events$ } = gazepointDevice({ host: '127.0.0.1', port, clock: systemClock });
        const event = await firstValueFrom(events$.pipe(filter(({ type }) => type === 'info')));
        if (event.type !== 'info') throw new Error(event.type);
        expect(event.info.sampleRateHz).toBe(60.87);
        expect(offline.info.sampleRateHz).toBe(60.87);
      } finally {
        tracker.kill();
      }
    });
  });
});

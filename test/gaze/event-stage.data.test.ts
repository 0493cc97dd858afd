/** Event detection on published recordings with marked events, with one configuration for all trackers and rates. */
import { readdir, readFile } from 'node:fs/promises';
import { beforeAll, expect, it } from 'vitest';
import type { EyeRecordingOptions } from '../../src/formats/gaze/recording.ts';
import { openEyeRecording } from '../../src/formats/open-recording.ts';
import type { Recording } from '../../src/formats/recording.ts';
import { GAZE_EVENTS } from '../../src/gaze/config.ts';
import type { GazeEvent } from '../../src/gaze/event.ts';
import { GazeEventStage } from '../../src/gaze/event-stage.ts';
import { visualAngleDeg } from '../../src/gaze/geometry.ts';
import type { Block } from '../../src/samples.ts';
import { describeWithData, testData } from '../support/data.ts';
import { ofType } from '../support/gaze.ts';
import { addScore, f1, matched, runsOf, type Score, type Span } from '../support/gaze-score.ts';

function detect({ info, blocks }: Recording): GazeEvent[] {
  const stage = new GazeEventStage(info, GAZE_EVENTS);
  return [...[...blocks()].flatMap((block) => stage.push(block)), ...stage.flush()];
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const spanOf = ({ startSample, endSample }: GazeEvent): Span => [startSample, endSample];

describeWithData('eye-lund2013', 'gaze events on Lund 2013 (500 Hz, two coders)', () => {
  const LUND: EyeRecordingOptions = { rateHz: 500, screenPx: [1024, 768], screenMm: [380, 300], distanceMm: 670 };
  const SACCADE = 2;
  interface Trial {
    readonly name: string;
    readonly recording: Recording;
    readonly codes: { readonly MN: number[]; readonly RA: number[] };
  }
  let trials: Trial[];
  beforeAll(async () => {
    const folder = testData('eye-lund2013', 'participants_T');
    trials = await Promise.all(
      (await readdir(folder)).map(async (name) => {
        const text = await readFile(`${folder}/${name}`, 'utf8');
        const rows = text.trim().split(/\r?\n/).slice(1);
        const codes = (at: number) => rows.map((row) => Number(row.split(',')[at]));
        const recording = await openEyeRecording(`${folder}/${name}`, LUND);
        return { name, recording, codes: { MN: codes(5), RA: codes(6) } };
      }),
    );
  });
  const ofKind = (kind: string) => trials.filter(({ name }) => name.startsWith(kind));

  /** Every `500 / rateHz`-th sample, the nearest one. */
  function picked({ recording }: Trial, rateHz: number): Recording {
    const [whole] = [...recording.blocks(recording.totalSamples)] as [Block];
    const step = 500 / rateHz;
    const length = Math.ceil((whole.length - 0.5) / step);
    const data = new Float32Array(recording.info.channels.length * length);
    for (let c = 0; c < recording.info.channels.length; c++) {
      for (let i = 0; i < length; i++) data[c * length + i] = whole.data[c * whole.length + Math.round(i * step)]!;
    }
    const info = { ...recording.info, sampleRateHz: rateHz };
    return { ...recording, info, blocks: () => [{ ...whole, info, length, data }] };
  }

  it.each([
    ['img', 500, 0.9],
    ['img', 200, 0.89],
    ['img', 60, 0.86],
    ['video', 500, 0.92],
    ['video', 200, 0.92],
    ['video', 60, 0.8],
  ])('agrees with the saccades of coder MN: %s at %s Hz, F1 of at least %s', (kind, rateHz, least) => {
    const score: Score = { truePositives: 0, falsePositives: 0, falseNegatives: 0 };
    for (const trial of ofKind(kind)) {
      const saccades = ofType(detect(picked(trial, rateHz)), 'saccade').map(spanOf);
      const scale = 500 / rateHz;
      addScore(
        score,
        saccades.map(([from, to]) => [from * scale, to * scale]),
        runsOf(trial.codes.MN, SACCADE),
      );
    }
    expect(f1(score), JSON.stringify(score)).toBeGreaterThanOrEqual(least);
  });

  it('reports exactly the one marked blink', () => {
    const blinks = trials.flatMap(({ name, recording, codes }) =>
      ofType(detect(recording), 'blink').map((blink) => ({ name, blink, marked: runsOf(codes.MN, 5) })),
    );
    expect(blinks.map(({ name }) => name)).toEqual(['img_TL20_img_konijntjes.csv']);
    expect(
      matched(
        blinks.map(({ blink }) => spanOf(blink)),
        blinks[0]!.marked,
      ),
    ).toHaveLength(1);
  });

  /** Mean difference in `size` between the given spans and the spans of MN that they match. */
  function bias(
    kind: Trial[],
    code: number,
    spans: (trial: Trial) => readonly Span[],
    size: (trial: Trial, span: Span) => number,
  ) {
    return mean(
      kind.flatMap((trial) => {
        const [found, marked] = [spans(trial), runsOf(trial.codes.MN, code)];
        return matched(found, marked).map(([i, j]) => size(trial, found[i]!) - size(trial, marked[j]!));
      }),
    );
  }

  it('has a smaller bias in fixation duration from MN than the other coder', () => {
    // In img_TH34_img_vy the coders disagree about what a fixation is (kappa 0.22).
    const images = ofKind('img').filter(({ name }) => !name.includes('_vy'));
    const ms = (_: Trial, [from, to]: Span) => (to - from) * 2;
    const ours = bias(images, 1, ({ recording }) => ofType(detect(recording), 'fixation').map(spanOf), ms);
    const coders = bias(images, 1, ({ codes }) => runsOf(codes.RA, 1), ms);
    expect(Math.abs(ours)).toBeLessThanOrEqual(Math.abs(coders));
  });

  it('agrees with MN in fixation count and mean duration within 20 % in each 4 s window', () => {
    for (const { name, recording, codes } of ofKind('img').filter((trial) => !trial.name.includes('_vy'))) {
      const [found, marked] = [ofType(detect(recording), 'fixation').map(spanOf), runsOf(codes.MN, 1)];
      for (let from = 0; from + 2000 <= codes.MN.length; from += 2000) {
        const lengths = (spans: readonly Span[]) =>
          spans.filter(([, end]) => end > from && end <= from + 2000).map(([start, end]) => end - start);
        const [ours, theirs] = [lengths(found), lengths(marked)];
        expect(Math.abs(ours.length / theirs.length - 1), `${name} from ${from}`).toBeLessThanOrEqual(0.2);
        expect(Math.abs(mean(ours) / mean(theirs) - 1), `${name} from ${from}`).toBeLessThanOrEqual(0.2);
      }
    }
  });

  it('has a smaller bias in saccade amplitude from MN than the other coder', () => {
    const gaze = new Map<Trial, Block>();
    const amplitude = (trial: Trial, [from, to]: Span): number => {
      const block = gaze.get(trial) ?? [...trial.recording.blocks(1e6)][0]!;
      gaze.set(trial, block);
      const { length, data } = block;
      const deg = (i: number, c: 0 | 1) =>
        (Math.atan(((data[c * length + i]! - [512, 384][c]!) * [380 / 1024, 300 / 768][c]!) / 670) * 180) / Math.PI;
      const end = Math.min(to, length - 1);
      return visualAngleDeg(deg(from, 0), deg(from, 1), deg(end, 0), deg(end, 1));
    };
    const images = ofKind('img');
    const ours = bias(images, SACCADE, ({ recording }) => ofType(detect(recording), 'saccade').map(spanOf), amplitude);
    const coders = bias(images, SACCADE, ({ codes }) => runsOf(codes.RA, SACCADE), amplitude);
    expect(Math.abs(ours)).toBeLessThanOrEqual(Math.abs(coders));
  });
});

describeWithData('eye-tobii-tx300', 'gaze events on a Tobii TX300', () => {
  const TX300: EyeRecordingOptions = { screenPx: [1920, 1080], screenMm: [509.174, 286.411], distanceMm: 650 };
  const open = (trial: number) => openEyeRecording(testData('eye-tobii-tx300', `participant1_${trial}.tsv`), TX300);

  it('covers at least 90 % of the reference fixations', async () => {
    const text = await readFile(testData('eye-tobii-tx300', 'expected_fixations_i2mc.csv'), 'utf8');
    const rows = text
      .trim()
      .split('\n')
      .slice(1)
      .map((row) => row.split(',').map(Number));
    const coverages = await Promise.all(
      [1, 2, 3, 4, 5].map(async (trial) => {
        const found = ofType(detect(await open(trial)), 'fixation');
        const reference = rows.filter((row) => row[1] === trial).map((row): Span => [row[3]! / 1000, row[4]! / 1000]);
        const covered = reference.flatMap(([from, to]) =>
          found.map(({ startS, endS }) => Math.max(0, Math.min(to, endS) - Math.max(from, startS))),
        );
        return covered.reduce((a, b) => a + b, 0) / reference.reduce((sum, [from, to]) => sum + to - from, 0);
      }),
    );
    expect(mean(coverages), coverages.join()).toBeGreaterThanOrEqual(0.9);
  });

  it('distinguishes a blink from a track loss', async () => {
    const losses = async (trial: number) =>
      detect(await open(trial))
        .filter(({ type, startSample }) => (type === 'blink' || type === 'track_loss') && startSample > 0)
        .map(({ type, durationMs }) => [type, Math.round(durationMs / 10) * 10]);
    expect(await losses(2)).toEqual([['blink', 110]]);
    expect(await losses(3)).toEqual([['track_loss', 1480]]);
  });
});

describeWithData('eye-eyelink-asc', 'gaze events on EyeLink excerpts', () => {
  const open = (name: string) =>
    openEyeRecording(testData('eye-eyelink-asc', name), { screenMm: [530, 298], distanceMm: 900 });

  it('reports one blink and no saccade of 1 degree or more in the binocular excerpt', async () => {
    const events = detect(await open('eyelink_binocular_example.asc'));
    const [blink, ...others] = ofType(events, 'blink');
    expect(others).toEqual([]);
    expect(blink!.durationMs).toBeGreaterThanOrEqual(85);
    expect(blink!.durationMs).toBeLessThanOrEqual(97);
    expect(ofType(events, 'saccade').filter(({ amplitudeDeg }) => amplitudeDeg >= 1)).toEqual([]);
  });

  it('reports 4.6 s without a pupil as a track loss', async () => {
    const losses = detect(await open('eyelink_monocular_no_dummy_example.asc')).filter(
      ({ type }) => type === 'blink' || type === 'track_loss',
    );
    expect(losses).toMatchObject([
      { type: 'track_loss', durationMs: 4606 },
      { type: 'blink', durationMs: 112 },
    ]);
  });
});

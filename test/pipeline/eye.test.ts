/** An eye tracker in the live pipeline: predictions, gaze events, losses and refusals. */

import { from, lastValueFrom, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Notice, StreamEvent } from '../../src/api/events.ts';
import { VirtualClock } from '../../src/clock.ts';
import type { ModelBundle } from '../../src/model/bundle.ts';
import type { PipelineOptions } from '../../src/pipeline/device-stream.ts';
import { pipeline } from '../../src/pipeline/pipeline.ts';
import { eyePreprocessConfigSchema } from '../../src/preprocess/eye/config.ts';
import { eyeFeatures } from '../../src/preprocess/eye/features.ts';
import { createEyePreprocessor } from '../../src/preprocess/eye/preprocessor.ts';
import { type PreprocessorOutput, windowsOf } from '../../src/preprocess/preprocessor.ts';
import type { Block, DeviceEvent, StreamInfo } from '../../src/samples.ts';
import { createGazeGenerator } from '../../src/simulation/gaze/generator.ts';
import { eyeInfo, SCREEN } from '../support/gaze.ts';
import { blockOf, cutEvenly, loseSamples } from '../support/signals.ts';

const RATE_HZ = 120;
const preprocess = eyePreprocessConfigSchema.parse({});

/** Always predicts `calm`; only the first feature has an influence. */
const model = {
  manifest: { id: 'fake', modality: 'eye', simulated: true, preprocess },
  description: { id: 'fake', modality: 'eye', labels: ['calm', 'tense'], bands: [], features: eyeFeatures(33, 'mm') },
  createPreprocessor: (info: StreamInfo) => createEyePreprocessor(preprocess, info),
  classify: async (values: Float32Array) => ({
    label: 'calm',
    labelIndex: 0,
    probs: [0.75, 0.25],
    logits: [1, 0],
    embedding: values,
  }),
  influence: async (values: Float32Array) => Array.from(values, (_, i) => (i === 0 ? 0.5 : 0)),
  close: async () => {},
} as unknown as ModelBundle;

function gaze(seconds: number): Block {
  const generator = createGazeGenerator({ seed: 11, preset: 'demo', sampleRateHz: RATE_HZ });
  const { data } = generator.next(seconds * RATE_HZ);
  return { ...blockOf(generator.info, seconds * RATE_HZ, () => 0), data };
}

/** Changes the channels whose label begins with `start`, in [fromS, toS). */
function changed(block: Block, start: string, change: (value: number) => number, fromS = 0, toS = Infinity): Block {
  const data = block.data.slice();
  for (const [c, { label }] of block.info.channels.entries()) {
    if (!label.startsWith(start)) continue;
    for (let i = Math.round(fromS * RATE_HZ); i < Math.min(block.length, toS * RATE_HZ); i++) {
      data[c * block.length + i] = change(data[c * block.length + i]!);
    }
  }
  return { ...block, data };
}

const blind = (block: Block, fromS: number, toS: number) => changed(block, '', () => Number.NaN, fromS, toS);

async function run(
  blocks: readonly Block[],
  options: Partial<PipelineOptions> = {},
  info = blocks[0]!.info,
): Promise<(StreamEvent | Notice)[]> {
  const events: DeviceEvent[] = [
    { type: 'info', info },
    ...blocks.map((block) => ({ type: 'samples', block }) as const),
  ];
  return lastValueFrom(pipeline(from(events), { model, clock: new VirtualClock(0), ...options }).pipe(toArray()));
}

function of<S extends StreamEvent['stream']>(events: readonly (StreamEvent | Notice)[], stream: S) {
  return events.filter((e): e is Extract<StreamEvent, { stream: S }> => 'stream' in e && e.stream === stream);
}

const states = (events: readonly (StreamEvent | Notice)[]) =>
  of(events, 'prediction').map(({ data }) => [data.state, ...data.reasons].join(' '));

describe('an eye tracker', () => {
  it('publishes the rows and events that the preprocessor computes from the same blocks (parity law)', async () => {
    const whole = gaze(20);
    const events = await run(cutEvenly(whole, 5));
    const preprocessor = createEyePreprocessor(preprocess, whole.info);
    const outputs = [...preprocessor.push(whole), ...preprocessor.flush()];
    const windows = windowsOf(outputs);
    const gazeEvents = outputs.flatMap((output) => (output.type === 'gaze' ? [output.event] : []));

    expect(of(events, 'features').map(({ data }) => data.values)).toEqual(windows.map(({ values }) => [...values]));
    const seen = of(events, 'gaze');
    expect(seen.map(({ data }) => [data.type, data.duration_ms])).toEqual(
      gazeEvents.map((e) => [e.type, e.durationMs]),
    );
    expect(seen.length).toBeGreaterThan(30);
    // Block times begin at 0.
    expect(seen.map(({ t }) => t.end_us)).toEqual(gazeEvents.map(({ endS }) => Math.round(endS * 1e6)));
  });

  it('reports the influence of the features with each prediction', async () => {
    const events = await run(cutEvenly(blind(gaze(16), 6, 10), 5));
    const features = of(events, 'features');
    expect(features.map(({ data }) => data.influence?.[0] ?? null)).toEqual(
      features.map(({ data }) => (data.state === 'ok' ? 0.5 : null)),
    );
    expect(new Set(features.map(({ data }) => data.state))).toEqual(new Set(['ok', 'abstain']));
    expect(of(events, 'quality').every(({ data }) => data.electrodes.length === 0 && data.eyes !== null)).toBe(true);
  });

  it('abstains with not_worn after 2 s without eyes, but not after a short loss', async () => {
    const short = await run(cutEvenly(blind(gaze(16), 6, 7), 5));
    expect(new Set(states(short))).toEqual(new Set(['ok']));
    expect(of(short, 'gaze').filter(({ data }) => data.type === 'track_loss')).toHaveLength(1);
    const long = states(await run(cutEvenly(blind(gaze(16), 6, 9), 5)));
    expect(new Set(long)).toEqual(new Set(['ok', 'abstain not_worn']));
    // The first of them ends 2 s after the loss, the last one still includes part of those 2 s.
    expect(
      long
        .map((state, i) => [i + 4, state] as const)
        .filter(([, s]) => s !== 'ok')
        .map(([endS]) => endS),
    ).toEqual([8, 9, 10, 11, 12]);
  });

  it('abstains on a signal without valid samples', async () => {
    const events = await run(cutEvenly(blind(gaze(12), 0, 12), 5));
    expect(new Set(states(events))).toEqual(new Set(['abstain not_worn']));
    expect(of(events, 'gaze').map(({ data }) => data)).toEqual([{ type: 'track_loss', duration_ms: 12_000 }]);
  });

  it('abstains with gap and emits a notice when most samples of a window are missing', async () => {
    const events = await run(loseSamples(gaze(16), [[6 * RATE_HZ, 9 * RATE_HZ]]));
    expect(states(events)).toContain('abstain gap');
    const [gap] = events.filter((e) => 'type' in e && e.name === 'gap');
    expect(gap).toMatchObject({ code: 602, message: expect.stringContaining('(3.000 s) are missing') });
    expect(states(events).at(-1)).toBe('ok');
  });

  it('predicts with one pupil', async () => {
    const left = await run(
      cutEvenly(
        changed(gaze(12), 'pupil_right', () => Number.NaN),
        5,
      ),
    );
    expect(new Set(states(left))).toEqual(new Set(['ok']));
    expect(of(left, 'prediction').at(-1)!.quality.bad_channels).toEqual(['pupil_y']);
  });

  it('warns once that left and right may be exchanged', async () => {
    const whole = gaze(25);
    const swapped = changed(whole, 'x_left', (x) => x + 200);
    const warnings = (await run(cutEvenly(swapped, 5))).filter((e) => 'type' in e && e.name === 'signal_doubt');
    expect(warnings).toMatchObject([
      { code: 604, message: expect.stringContaining('left and right may be exchanged') },
    ]);
    expect((await run(cutEvenly(whole, 5))).some((e) => 'type' in e)).toBe(false);

    // Only the first 10 s are checked, for any block size, and again after a flush.
    const early = changed(whole, 'x_left', (x) => x + 200, 0, 12);
    const preprocessor = createEyePreprocessor(preprocess, whole.info);
    const warningsIn = (outputs: readonly PreprocessorOutput[]) => outputs.filter(({ type }) => type === 'warning');
    for (const size of [1, 50, early.length]) {
      expect(warningsIn(cutEvenly(early, size).flatMap((block) => preprocessor.push(block)))).toHaveLength(1);
      expect(warningsIn(preprocessor.flush())).toEqual([]);
    }
  });

  it('refuses an unknown screen and takes the geometry from the options', async () => {
    const whole = gaze(6);
    const { geometry, ...unknown } = whole.info;
    const blocks = cutEvenly(whole, 5);
    await expect(run(blocks, {}, unknown)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('--screen-px 1920x1080 --screen-mm 510x287 --distance-mm 650'),
    });
    const half = { ...unknown, geometry: { screenPx: [1920, 1080] as const } };
    await expect(run(blocks, {}, half)).rejects.toMatchObject({
      message: expect.stringContaining('(--screen-mm 510x287 --distance-mm 650)'),
    });
    const { screenMm, distanceMm } = SCREEN;
    const events = await run(blocks, { geometry: { screenMm, distanceMm } }, half);
    expect(of(events, 'device')[0]!.data.geometry).toEqual({
      screen_px: [1920, 1080],
      screen_mm: [510, 287],
      distance_mm: 650,
    });
    expect(states(events)).toContain('ok');
  });

  it('refuses an option that contradicts the screen of the device', async () => {
    const whole = gaze(1);
    const overruled = run(cutEvenly(whole, 5), { geometry: { screenPx: [2560, 1440] } });
    await expect(overruled).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('screenPx is 1920x1080, and --screen-px says 2560x1440: leave --screen-px out'),
    });
    await run(cutEvenly(whole, 5), { geometry: { screenPx: [1920, 1080] } });
  });

  it.each([
    [['x_deg', 'y_deg'], 'CONFIG_INVALID', 'gives no pupil diameter'],
    [['x_deg', 'y_deg', 'pupil_px'], 'MODEL_MISMATCH', 'gives the pupil in px, and the features are made of mm'],
    [['x_deg', 'y_deg', 'pupil_au'], 'MODEL_MISMATCH', 'gives the pupil in au'],
    [['left', 'right'], 'CONFIG_INVALID', 'an eye tracker needs x_px and y_px'],
  ])('is refused with the channels %j (%s)', async (labels, code, message) => {
    await expect(run([], {}, eyeInfo(labels, RATE_HZ))).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });
});

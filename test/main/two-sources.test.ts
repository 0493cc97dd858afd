/** An EEG device and an eye tracker together: single and fused predictions, and losses of either device. */

import { Subject } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Notice, PredictionEvent, StreamEvent } from '../../src/api/events.ts';
import { VirtualClock } from '../../src/clock.ts';
import { AffectEdgeError } from '../../src/errors.ts';
import { type RunningService, startService } from '../../src/main/service.ts';
import type { ModelBundle } from '../../src/model/bundle.ts';
import { modelPreprocessor } from '../../src/model/feed.ts';
import { eegPreprocessConfigSchema } from '../../src/preprocess/eeg/config.ts';
import { eyePreprocessConfigSchema } from '../../src/preprocess/eye/config.ts';
import { eyeFeatures } from '../../src/preprocess/eye/features.ts';
import type { Block, DeviceEvent } from '../../src/samples.ts';
import { FAKE_MODEL, serverOptions } from '../support/fake-service.ts';
import { eyeInfo, sceneBlock, TWO_EYES } from '../support/gaze.ts';
import { cutEvenly, eegInfo, eegLike } from '../support/signals.ts';

const LABELS = ['FP1', 'FP2'];
const EEG_HZ = 200;
const EYE_HZ = 60;
const SECONDS = 12;
const EEG_BLOCKS = cutEvenly(eegLike(eegInfo(LABELS, EEG_HZ), SECONDS * EEG_HZ), EEG_HZ);
const EYE_BLOCKS = cutEvenly(
  sceneBlock({
    rateHz: EYE_HZ,
    seconds: SECONDS,
    labels: TWO_EYES,
    saccades: Array.from({ length: 20 }, (_, i) => [0.5 + i / 2, i % 2 ? 4 : -4] as const),
  }),
  EYE_HZ,
);

function fakeModel(partial: unknown, description: object, probs: number[]): ModelBundle {
  const manifest = partial as ModelBundle['manifest'];
  const labels = ['negative', 'neutral', 'positive'];
  const labelIndex = probs.indexOf(Math.max(...probs));
  return {
    manifest,
    description: { ...FAKE_MODEL, simulated: false, ...description },
    createPreprocessor: (info, hopS) => modelPreprocessor(manifest, info, hopS),
    classify: async (values) => ({ label: labels[labelIndex]!, labelIndex, probs, logits: probs, embedding: values }),
    influence: async (values) => Array.from(values, () => 0),
    close: vi.fn(async () => {}),
  };
}

const streaming: DeviceEvent = { type: 'status', state: 'streaming', message: 'receiving samples' };
const lost: DeviceEvent = { type: 'status', state: 'lost', message: 'unplugged', retryInMs: 250 };

/** Waits some turns of the event loop for the pending classifications. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

describe('an EEG device and an eye tracker', () => {
  let eeg$: Subject<DeviceEvent>;
  let eye$: Subject<DeviceEvent>;
  let seen: (StreamEvent | Notice)[];
  let clock: VirtualClock;
  let models: ModelBundle[];
  let service: RunningService;
  let run: Promise<void>;

  beforeEach(async () => {
    // Fakes the pipelines' intervals only; sockets need real timers.
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    [eeg$, eye$, seen, clock] = [new Subject(), new Subject(), [], new VirtualClock(0)];
    models = [
      fakeModel(
        {
          id: 'eeg',
          modality: 'eeg',
          simulated: false,
          preprocess: eegPreprocessConfigSchema.parse({ montage: LABELS }),
        },
        { id: 'eeg', modality: 'eeg' },
        [0.5, 0.4, 0.1],
      ),
      fakeModel(
        { id: 'eye', modality: 'eye', simulated: false, preprocess: eyePreprocessConfigSchema.parse({}) },
        { id: 'eye', modality: 'eye', montage: [], bands: [], features: eyeFeatures(33, 'mm') },
        [0.1, 0.6, 0.3],
      ),
    ];
    service = await startService({
      sources: [
        { device: { name: 'amplifier', events$: eeg$ }, model: models[0]!, simulated: false },
        { device: { name: 'tracker', events$: eye$ }, model: models[1]!, simulated: false },
      ],
      clock,
      server: serverOptions(),
      onEvent: (event) => seen.push(event),
    });
    run = service.run();
    eeg$.next({ type: 'info', info: EEG_BLOCKS[0]!.info });
    eye$.next({ type: 'info', info: eyeInfo(TWO_EYES, EYE_HZ) });
    for (const device$ of [eeg$, eye$]) device$.next(streaming);
  });
  afterEach(async () => {
    vi.useRealTimers();
    await service.close();
  });

  /** Plays the blocks of the given devices second by second. */
  async function play(fromS: number, toS: number, devices: readonly ('eeg' | 'eye')[] = ['eeg', 'eye']): Promise<void> {
    for (let second = fromS; second < toS; second++) {
      const startUs = clock.monoUs();
      clock.advanceTo(startUs + 1e6);
      const send = (device$: Subject<DeviceEvent>, block: Block): void =>
        device$.next({ type: 'samples', block: { ...block, hostTimeUs: startUs } });
      if (devices.includes('eeg')) send(eeg$, EEG_BLOCKS[second]!);
      if (devices.includes('eye')) send(eye$, EYE_BLOCKS[second]!);
      await settled();
    }
  }

  const predictions = (source: PredictionEvent['source']): PredictionEvent[] =>
    seen.filter((e): e is PredictionEvent => 'stream' in e && e.stream === 'prediction' && e.source === source);

  it('predict separately and together', async () => {
    await play(0, 10);
    expect(predictions('eeg').at(-1)!.data).toMatchObject({ state: 'ok', label: 'negative' });
    expect(predictions('eye').at(-1)!.data).toMatchObject({ state: 'ok', label: 'neutral' });
    const fused = predictions('fusion').at(-1)!;
    expect(fused.fused).toEqual(['eeg', 'eye']);
    expect(fused.data.label).toBe('neutral');
    expect(fused.data.probs!.map((p) => p.toFixed(6))).toEqual(['0.300000', '0.500000', '0.200000']);
    // Once per hop.
    expect(predictions('fusion')).toHaveLength(predictions('eeg').length);
  });

  it.each([
    ['eeg', 'eye', 'neutral'],
    ['eye', 'eeg', 'negative'],
  ] as const)('continue and emit a notice when the %s device is lost', async (gone, other, label) => {
    await play(0, 8);
    (gone === 'eeg' ? eeg$ : eye$).next(lost);
    await settled();
    expect(seen.find((event) => 'type' in event)).toMatchObject({ name: 'device_lost', source: gone });
    await play(8, 11, [other]);
    await vi.advanceTimersByTimeAsync(1000);
    const stale = predictions(gone).at(-1)!;
    expect(stale.data).toEqual({
      state: 'abstain',
      reasons: ['stale'],
      label: null,
      probs: null,
      probs_by_label: null,
    });
    expect(predictions('fusion').at(-1)).toMatchObject({ fused: [other], data: { state: 'ok', label } });
    const ready = await fetch(`${service.httpUrl}/readyz`);
    expect(ready.status).toBe(200);
    // With both lost the fusion abstains.
    (other === 'eeg' ? eeg$ : eye$).next(lost);
    clock.advanceTo(30e6);
    await vi.advanceTimersByTimeAsync(2000);
    expect(predictions('fusion').at(-1)).toMatchObject({ fused: [], data: { state: 'abstain', reasons: ['stale'] } });
    expect((await fetch(`${service.httpUrl}/readyz`)).status).toBe(503);
  });

  it('continue when one of them fails, and retry it', async () => {
    vi.useRealTimers();
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] });
    await play(0, 8);
    // Another tracker that the model refuses takes its place.
    const { createPreprocessor } = models[1]!;
    models[1]!.createPreprocessor = () => {
      throw new AffectEdgeError('MODEL_MISMATCH', 'pupils in px');
    };
    eye$.next({ type: 'info', info: { ...eyeInfo(TWO_EYES, EYE_HZ), deviceId: 'other' } });
    await settled();
    const lostNotice = seen.findLast((event): event is Notice => 'type' in event);
    expect(lostNotice).toMatchObject({
      name: 'device_lost',
      source: 'eye',
      message: 'pupils in px',
      retry_in_ms: 10_000,
    });
    await play(8, 11, ['eeg']);
    await vi.advanceTimersByTimeAsync(1000);
    expect(predictions('eye').at(-1)!.data.reasons).toEqual(['stale']);
    expect(predictions('fusion').at(-1)).toMatchObject({ fused: ['eeg'], data: { state: 'ok' } });

    models[1]!.createPreprocessor = createPreprocessor;
    const count = predictions('eye').filter(({ data }) => data.state === 'ok').length;
    await vi.advanceTimersByTimeAsync(10_000);
    eye$.next({ type: 'info', info: eyeInfo(TWO_EYES, EYE_HZ) });
    eye$.next(streaming);
    await play(0, 8, ['eye']);
    expect(predictions('eye').filter(({ data }) => data.state === 'ok').length).toBeGreaterThan(count);
  });

  it.each([
    ['MODEL_MISMATCH', true],
    ['HOST_UNREACHABLE', false],
  ] as const)('end the service when one fails at the start with %s: %s', async (code, ends) => {
    eye$.error(new AffectEdgeError(code, 'the tracker fails'));
    if (ends) return expect(run).rejects.toMatchObject({ code });
    await play(0, 8, ['eeg']);
    expect(predictions('fusion').at(-1)).toMatchObject({ fused: ['eeg'], data: { state: 'ok' } });
  });

  it('end the service when both are missing at the start', async () => {
    eeg$.error(new AffectEdgeError('PORT_NOT_FOUND', 'no amplifier'));
    eye$.error(new AffectEdgeError('HOST_UNREACHABLE', 'no tracker'));
    await expect(run).rejects.toMatchObject({ code: 'HOST_UNREACHABLE' });
  });

  it('end together and close both models', async () => {
    await play(0, 2);
    eeg$.complete();
    eye$.complete();
    await run;
    await service.close();
    for (const model of models) expect(model.close).toHaveBeenCalledTimes(1);
  });

  it('are refused when their models have different classes', async () => {
    const other = { ...models[1]!, description: { ...models[1]!.description, labels: ['calm', 'tense'] } };
    const sources = [
      { device: { name: 'amplifier', events$: eeg$ }, model: models[0]!, simulated: false },
      { device: { name: 'tracker', events$: eye$ }, model: other, simulated: false },
    ] as const;
    await expect(startService({ sources, clock, server: serverOptions() })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('have different lists of classes'),
    });
  });
});

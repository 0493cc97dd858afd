import { lastValueFrom, Observable, of, Subject, tap, toArray } from 'rxjs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Notice, StreamEvent } from '../../src/api/events.ts';
import { VirtualClock } from '../../src/clock.ts';
import { AffectEdgeError } from '../../src/errors.ts';
import type { ModelBundle } from '../../src/model/bundle.ts';
import { pipeline } from '../../src/pipeline/pipeline.ts';
import { eegPreprocessConfigSchema } from '../../src/preprocess/eeg/config.ts';
import { createEegPreprocessor } from '../../src/preprocess/eeg/preprocessor.ts';
import type { Block, DeviceEvent, StreamInfo } from '../../src/samples.ts';
import { allWindows } from '../support/preprocessing.ts';

const RATE_HZ = 250;
const info: StreamInfo = {
  deviceId: 'test',
  modality: 'eeg',
  channels: ['FP1', 'FP2'].map((label) => ({ label, unit: 'uV' })),
  sampleRateHz: RATE_HZ,
  simulated: false,
};
const preprocess = eegPreprocessConfigSchema.parse({ montage: ['FP1', 'FP2'] });

/** Predicts `a` or `b` by the sign of the first feature and counts its calls. */
function fakeModel(): ModelBundle & { classified: number } {
  const model = {
    classified: 0,
    manifest: { id: 'fake', modality: 'eeg', simulated: false, preprocess },
    description: { id: 'fake', labels: ['a', 'b'], features: [], bands: preprocess.bands },
    createPreprocessor: (described: StreamInfo) => createEegPreprocessor(preprocess, described),
    async classify(values: Float32Array) {
      model.classified++;
      const labelIndex = values[0]! > 0 ? 0 : 1;
      return { label: 'ab'[labelIndex]!, labelIndex, probs: [0.75, 0.25], logits: [1, 0], embedding: values };
    },
    async close() {},
  };
  return model as unknown as ModelBundle & { classified: number };
}

/** Seeded noise in blocks of 20 ms, without the blocks in `gap`. */
function signal(seconds: number, gap?: { atS: number; lengthS: number }): DeviceEvent[] {
  const step = RATE_HZ / 50;
  let state = 1;
  const noise = (): number => {
    state = (state * 48271) % 2147483647;
    return (state / 2147483647 - 0.5) * 100;
  };
  const events: DeviceEvent[] = [{ type: 'info', info }];
  let lostBefore = 0;
  for (let first = 0; first < seconds * RATE_HZ; first += step) {
    const data = Float32Array.from({ length: 2 * step }, noise);
    const timeS = first / RATE_HZ;
    if (gap !== undefined && timeS >= gap.atS && timeS < gap.atS + gap.lengthS) {
      lostBefore += step;
      continue;
    }
    const timeUs = timeS * 1e6;
    const block: Block = {
      info,
      firstSample: first,
      length: step,
      data,
      lostBefore,
      deviceTimeUs: timeUs,
      hostTimeUs: timeUs,
      clockErrUs: 5,
    };
    events.push({ type: 'samples', block });
    lostBefore = 0;
  }
  return events;
}

function collect(events: readonly DeviceEvent[], model = fakeModel()): Promise<(StreamEvent | Notice)[]> {
  return lastValueFrom(pipeline(of(...events), { model, clock: new VirtualClock(1e15) }).pipe(toArray()));
}

function predictions(events: readonly (StreamEvent | Notice)[]) {
  return events.filter((event) => 'stream' in event && event.stream === 'prediction');
}

afterEach(() => {
  vi.useRealTimers();
});

describe('pipeline', () => {
  it('is in warm-up, then predicts once per hop, with the times of the window', async () => {
    const model = fakeModel();
    const found = predictions(await collect(signal(10), model));
    expect(found.map(({ data }) => data.state)).toEqual(['warmup', 'warmup', 'ok', 'ok', 'ok', 'ok', 'ok']);
    expect(model.classified).toBe(5);
    expect(found.map(({ t }) => t.start_us - 1e15)).toEqual([0, 1e6, 2e6, 3e6, 4e6, 5e6, 6e6]);
    expect(found.every(({ t }) => t.end_us - t.start_us === 4e6 && t.clock_err_us === 5)).toBe(true);
    expect(found[2]!.data).toMatchObject({
      label: 'a',
      probs: [0.75, 0.25],
      probs_by_label: { a: 0.75, b: 0.25 },
      reasons: [],
    });
    expect(found[0]!.data).toMatchObject({ label: null, probs: null, probs_by_label: null });
    expect(found.map(({ t }) => t.mono_us)).toEqual(found.map(({ t }) => t.end_us - 1e15));
  });

  it('abstains after a gap, emits a notice, and continues', async () => {
    const events = await collect(signal(16, { atS: 7, lengthS: 0.5 }));
    const notices = events.filter((event) => 'type' in event);
    expect(notices).toMatchObject([{ name: 'gap', message: expect.stringContaining('125 samples') }]);
    const found = predictions(events);
    const touched = found.filter(({ data }) => data.reasons.includes('gap'));
    // The gap and 2 s of settling, 7.0 to 9.5 s, touch the windows that start after 3 s and before 9.5 s.
    expect(touched.map(({ t }) => (t.start_us - 1e15) / 1e6)).toEqual([4, 5, 6, 7, 8, 9]);
    expect(touched.every(({ data, quality }) => data.label === null && quality.coverage < 1)).toBe(true);
    expect(found.reduce((sum, { quality }) => Math.max(sum, quality.lost), 0)).toBe(125);
    expect(found.at(-1)!.data.state).toBe('ok');
  });

  it('publishes the rows that the preprocessor computes from the same blocks (parity law)', async () => {
    const blocks = signal(12).flatMap((event) => (event.type === 'samples' ? [event.block] : []));
    const preprocessor = createEegPreprocessor(preprocess, info);
    const rows = allWindows(preprocessor, blocks);
    const live = (await collect(signal(12))).filter((event) => 'stream' in event && event.stream === 'features');
    expect(live.map(({ data }) => data.values)).toEqual(rows.map(({ values }) => Array.from(values)));
    expect(rows.length).toBe(9);
  });

  it('has its own state for every subscriber', async () => {
    const output$ = pipeline(of(...signal(8)), { model: fakeModel(), clock: new VirtualClock(0) });
    const first = await lastValueFrom(output$.pipe(toArray()));
    const second = await lastValueFrom(output$.pipe(toArray()));
    expect(second).toEqual(first);
    expect(predictions(first).length).toBe(5);
  });

  it('continues a stream that is described again without a change', async () => {
    const events = signal(10);
    const middle = events.length >> 1;
    const again: DeviceEvent[] = [...events.slice(0, middle), { type: 'info', info }, ...events.slice(middle)];
    expect(predictions(await collect(again))).toEqual(predictions(await collect(events)));
  });

  it('fails with the error of the device or of the model', async () => {
    const failing = new Observable<DeviceEvent>((out) => out.error(new AffectEdgeError('PORT_BUSY', 'taken')));
    const options = { model: fakeModel(), clock: new VirtualClock(0) };
    await expect(lastValueFrom(pipeline(failing, options))).rejects.toThrow('taken');
    const picky = fakeModel();
    picky.createPreprocessor = () => {
      throw new AffectEdgeError('MONTAGE_MISSING_ELECTRODE', 'no O1');
    };
    await expect(lastValueFrom(pipeline(of(...signal(1)), { ...options, model: picky }))).rejects.toThrow('no O1');
  });

  it('releases the device on unsubscribe', () => {
    let closed = 0;
    const device$ = new Observable<DeviceEvent>(() => () => closed++);
    pipeline(device$, { model: fakeModel(), clock: new VirtualClock(0) })
      .subscribe()
      .unsubscribe();
    expect(closed).toBe(1);
  });

  it('abstains with stale each second while the device is lost', () => {
    vi.useFakeTimers();
    const device$ = new Subject<DeviceEvent>();
    const seen: (StreamEvent | Notice)[] = [];
    const subscription = pipeline(device$, { model: fakeModel(), clock: new VirtualClock(0) }).subscribe((event) =>
      seen.push(event),
    );
    device$.next({ type: 'info', info });
    device$.next({ type: 'status', state: 'lost', message: 'unplugged', retryInMs: 250 });
    vi.advanceTimersByTime(100);
    expect(predictions(seen).map(({ data }) => data.reasons)).toEqual([['stale']]);
    device$.next({ type: 'status', state: 'connecting', message: 'trying' });
    vi.advanceTimersByTime(1500);
    device$.next({ type: 'status', state: 'lost', message: 'still unplugged', retryInMs: 500 });
    vi.advanceTimersByTime(1500);
    expect(predictions(seen).map(({ data }) => data.reasons)).toEqual([['stale'], ['stale'], ['stale'], ['stale']]);
    device$.next({ type: 'status', state: 'streaming', message: 'back' });
    vi.advanceTimersByTime(3000);
    expect(predictions(seen)).toHaveLength(4);
    subscription.unsubscribe();
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([0.5, 2])(
    'emits a notice and no prediction where the samples come %s times as fast as declared',
    async (speed) => {
      const clock = new VirtualClock(1e15);
      const events$ = of(...signal(60)).pipe(
        tap((event) => {
          if (event.type === 'samples') clock.advanceTo((event.block.hostTimeUs + 20_000) / speed);
        }),
      );
      const model = fakeModel();
      const events = await lastValueFrom(pipeline(events$, { model, clock }).pipe(toArray()));
      const figures = new RegExp(`declares 250 Hz, but .* ${speed * 250}\\.0 samples a second`);
      const notices = events.filter((event) => 'type' in event);
      expect(notices).toMatchObject([{ code: 605, name: 'rate_mismatch', message: expect.stringMatching(figures) }]);
      expect(new Set(predictions(events).map(({ data }) => data.reasons[0]))).toContain('rate_mismatch');
      expect(predictions(events).filter(({ data }) => data.state === 'ok')).toEqual([]);
      expect(model.classified).toBe(0);
    },
  );

  it('emits notices when the device is lost and when it is back', async () => {
    const status = (state: 'streaming' | 'lost'): DeviceEvent => ({ type: 'status', state, message: state });
    const events = await collect([{ type: 'info', info }, status('streaming'), status('lost'), status('streaming')]);
    expect(events.filter((event) => 'type' in event).map(({ name }) => name)).toEqual(['device_lost', 'device_back']);
  });

  it('classifies no window that is not ok', async () => {
    const model = fakeModel();
    await collect(signal(5), model);
    expect(model.classified).toBe(0);
  });
});

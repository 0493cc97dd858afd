import fc from 'fast-check';
import { Subject } from 'rxjs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Notice, PredictionEvent, StreamEvent } from '../../src/api/events.ts';
import { VirtualClock } from '../../src/clock.ts';
import type { ModelBundle } from '../../src/model/bundle.ts';
import { pipeline } from '../../src/pipeline/pipeline.ts';
import { eegPreprocessConfigSchema } from '../../src/preprocess/eeg/config.ts';
import { createEegPreprocessor } from '../../src/preprocess/eeg/preprocessor.ts';
import type { DeviceEvent, StreamInfo } from '../../src/samples.ts';
import { eegInfo, eegLike } from '../support/signals.ts';

const RATE_HZ = 200;
const INFO = eegInfo(['FP1', 'FP2'], RATE_HZ);
const preprocess = eegPreprocessConfigSchema.parse({ montage: ['FP1', 'FP2'] });
const manifest = { id: 'fake', modality: 'eeg', simulated: false, preprocess } as ModelBundle['manifest'];
const model = {
  manifest,
  description: { id: 'fake', labels: ['a', 'b'], features: [], bands: preprocess.bands },
  createPreprocessor: (info: StreamInfo) => createEegPreprocessor(preprocess, info),
  classify: async (values: Float32Array) => ({
    label: 'a',
    labelIndex: 0,
    probs: [0.75, 0.25],
    logits: [1, 0],
    embedding: values,
  }),
} as unknown as ModelBundle;
const SECOND = eegLike(INFO, RATE_HZ);

const status = (state: 'streaming' | 'lost'): DeviceEvent => ({ type: 'status', state, message: state });

/** A device whose clock, timers and samples pass second by second. */
function setUp() {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const device$ = new Subject<DeviceEvent>();
  const clock = new VirtualClock(1e15);
  const predictions: PredictionEvent[] = [];
  const keep = (event: StreamEvent | Notice): void => {
    if ('stream' in event && event.stream === 'prediction') predictions.push(event);
  };
  pipeline(device$, { model, clock }).subscribe(keep);
  device$.next({ type: 'info', info: INFO });
  device$.next(status('streaming'));
  let second = 0;
  let lostBefore = 0;
  const pass = async (arrives: boolean): Promise<void> => {
    const hostTimeUs = clock.monoUs();
    for (let ms = 100; ms <= 1000; ms += 100) {
      clock.advanceTo(hostTimeUs + ms * 1000);
      vi.advanceTimersByTime(100);
    }
    if (arrives) {
      const firstSample = second * RATE_HZ;
      const block = { ...SECOND, firstSample, lostBefore, hostTimeUs, deviceTimeUs: hostTimeUs };
      device$.next({ type: 'samples', block });
    }
    lostBefore = arrives ? 0 : lostBefore + RATE_HZ;
    second++;
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  };
  return { device$, predictions, pass };
}

afterEach(() => {
  vi.useRealTimers();
});

describe('predictions over outages', () => {
  it('never go back in time, and repeat the time of the last window while none comes', async () => {
    const phase = fc.record({
      seconds: fc.integer({ min: 1, max: 7 }),
      outage: fc.constantFrom('none', 'silent', 'lost'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(phase, { maxLength: 6 }), async (phases) => {
        const { device$, predictions, pass } = setUp();
        for (const { seconds, outage } of phases) {
          if (outage === 'lost') device$.next(status('lost'));
          for (let i = 0; i < seconds; i++) await pass(outage === 'none');
          if (outage === 'lost') device$.next(status('streaming'));
        }
        for (let i = 1; i < predictions.length; i++) {
          const [before, after] = [predictions[i - 1]!, predictions[i]!];
          expect(after.t.end_us).toBeGreaterThanOrEqual(before.t.end_us);
          expect(after.t.mono_us - after.t.end_us).toBe(before.t.mono_us - before.t.end_us);
        }
        device$.complete();
        vi.useRealTimers();
      }),
      { numRuns: 30 },
    );
  });

  it('become stale when one hop is missed, and ok again with the next whole windows', async () => {
    const { predictions, pass } = setUp();
    const seen = () => predictions.splice(0).map(({ data }) => data.reasons[0] ?? data.state);
    for (let i = 0; i < 8; i++) await pass(true);
    expect(seen()).toEqual(['warmup', 'warmup', 'ok', 'ok', 'ok']);
    await pass(false);
    expect(seen()).toEqual([]);
    for (let i = 0; i < 3; i++) await pass(false);
    expect(seen()).toEqual(['stale', 'stale', 'stale']);
    for (let i = 0; i < 10; i++) await pass(true);
    // Once more by the timer, then the windows that the outage delayed.
    const [stale, gap, ok] = [new Array(4).fill('stale'), new Array(5).fill('gap'), new Array(5).fill('ok')];
    expect(seen()).toEqual([...stale, ...gap, ...ok]);
  });

  it('are not stale before the first window', async () => {
    const { predictions, pass } = setUp();
    await pass(true);
    for (let i = 0; i < 5; i++) await pass(false);
    expect(predictions).toEqual([]);
  });
});

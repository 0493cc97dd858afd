import { type Observable, Subject, throwError } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Notice, StreamEvent } from '../../src/api/events.ts';
import { CLOSE_CODE } from '../../src/api/protocol.ts';
import { steadyClock, VirtualClock } from '../../src/clock.ts';
import { AffectEdgeError } from '../../src/errors.ts';
import { type RunningService, type ServiceParts, startService } from '../../src/main/service.ts';
import type { ModelBundle } from '../../src/model/bundle.ts';
import { modelPreprocessor } from '../../src/model/feed.ts';
import { eegPreprocessConfigSchema } from '../../src/preprocess/eeg/config.ts';
import type { DeviceEvent, StreamInfo } from '../../src/samples.ts';
import { FAKE_MODEL, serverOptions } from '../support/fake-service.ts';
import { cutEvenly, eegInfo, eegLike } from '../support/signals.ts';
import { TestClient } from '../support/test-client.ts';

const LABELS = ['FP1', 'FP2'];
const INFO: StreamInfo = { ...eegInfo(LABELS, 200), simulated: false };
const STREAMING: DeviceEvent = { type: 'status', state: 'streaming', message: 'receiving samples' };
const LOST: DeviceEvent = { type: 'status', state: 'lost', message: 'unplugged', retryInMs: 250 };

function samplesOf(info: StreamInfo, seconds: number): DeviceEvent[] {
  return cutEvenly(eegLike(info, seconds * 200), 20).map((block) => ({ type: 'samples', block }));
}

function fakeModel(): ModelBundle & { close: ReturnType<typeof vi.fn> } {
  const preprocess = eegPreprocessConfigSchema.parse({ montage: LABELS });
  const manifest = { id: 'fake', modality: 'eeg', simulated: false, preprocess } as ModelBundle['manifest'];
  return {
    manifest,
    description: { ...FAKE_MODEL, simulated: false },
    createPreprocessor: (info, hopS) => modelPreprocessor(manifest, info, hopS),
    classify: async (values) => ({
      label: 'neutral',
      labelIndex: 1,
      probs: [0.1, 0.8, 0.1],
      logits: [0, 2, 0],
      embedding: values,
    }),
    influence: async (values) => Array.from(values, () => 0),
    close: vi.fn(async () => {}),
  };
}

describe('service', () => {
  let device$: Subject<DeviceEvent>;
  let model: ReturnType<typeof fakeModel>;
  let seen: (StreamEvent | Notice)[];
  let service: RunningService | undefined;
  beforeEach(() => {
    device$ = new Subject();
    model = fakeModel();
    seen = [];
  });
  afterEach(async () => {
    vi.useRealTimers();
    await service?.close();
  });

  async function start(
    events$: Observable<DeviceEvent> = device$,
    parts: Partial<ServiceParts> = {},
  ): Promise<RunningService> {
    service = await startService({
      sources: [{ device: { name: 'fake', events$ }, model, simulated: false }],
      clock: new VirtualClock(0),
      server: serverOptions(),
      onEvent: (event) => seen.push(event),
      ...parts,
    });
    return service;
  }

  const ready = async ({ httpUrl }: RunningService): Promise<[status: number, reason: string]> => {
    const response = await fetch(`${httpUrl}/readyz`);
    return [response.status, (await response.text()).trim()];
  };

  it('listens before it opens the device, and is ready only while the device streams', async () => {
    const running = await start();
    expect(device$.observed).toBe(false);
    expect(await ready(running)).toEqual([503, 'waiting for fake']);
    void running.run();
    expect(device$.observed).toBe(true);
    expect((await ready(running))[0]).toBe(503);
    device$.next({ type: 'info', info: INFO });
    device$.next(STREAMING);
    await vi.waitFor(async () => expect((await ready(running))[0]).toBe(200));
    device$.next(LOST);
    await vi.waitFor(async () => expect(await ready(running)).toEqual([503, 'unplugged']));
    device$.next(STREAMING);
    await vi.waitFor(async () => expect((await ready(running))[0]).toBe(200));
  });

  it('runs to the end of a recording, including its last window', async () => {
    const running = await start();
    const run = running.run();
    for (const event of [{ type: 'info', info: INFO } as const, STREAMING, ...samplesOf(INFO, 10)]) device$.next(event);
    device$.complete();
    await run;
    const predictions = seen.filter((event) => 'stream' in event && event.stream === 'prediction');
    expect(predictions.map(({ data }) => data.state)).toEqual(['warmup', 'warmup', 'ok', 'ok', 'ok', 'ok', 'ok']);
    expect(predictions.at(-1)).toMatchObject({ data: { label: 'neutral' }, simulated: false });
  });

  it('reports a step of the wall clock once, in a notice and in the uncertainty of later events', async () => {
    let wallUs = 1e15;
    const clock = steadyClock(
      () => 0,
      () => wallUs,
    );
    const running = await start(device$, { clock });
    const run = running.run();
    const events = [{ type: 'info', info: INFO } as const, STREAMING, ...samplesOf(INFO, 8)];
    for (const [i, event] of events.entries()) {
      if (i === Math.floor(events.length / 2)) wallUs -= 3600e6;
      device$.next(event);
    }
    device$.complete();
    await run;
    const steps = seen.filter((event) => 'type' in event && event.name === 'clock_step');
    expect(steps).toMatchObject([{ code: 606, message: expect.stringContaining('was set by 3600.0 s') }]);
    const raw = seen.filter((event) => 'stream' in event && event.stream === 'raw');
    expect(raw.at(-1)!.t.clock_err_us - raw[0]!.t.clock_err_us).toBe(3600e6);
    for (let i = 1; i < raw.length; i++) expect(raw[i]!.t.end_us).toBeGreaterThanOrEqual(raw[i - 1]!.t.end_us);
  });

  it('rejects its run with the error of the device', async () => {
    const refusal = new AffectEdgeError('PORT_BUSY', 'the port is taken');
    await expect((await start(throwError(() => refusal))).run()).rejects.toBe(refusal);
  });

  it('rejects its run with the error of the model and releases the device', async () => {
    const refusal = new AffectEdgeError('MONTAGE_MISSING_ELECTRODE', 'O2 is missing');
    model.createPreprocessor = () => {
      throw refusal;
    };
    const run = (await start()).run();
    device$.next({ type: 'info', info: INFO });
    await expect(run).rejects.toBe(refusal);
    expect(device$.observed).toBe(false);
  });

  it('reports simulated as soon as the signal is', async () => {
    const running = await start();
    void running.run();
    const helloOf = async () => {
      const talk = new TestClient(running.wsUrl);
      const hello = await talk.next();
      await talk.end();
      return hello;
    };
    expect(await helloOf()).toMatchObject({ simulated: false });
    const info = { ...INFO, simulated: true };
    for (const event of [{ type: 'info', info } as const, ...samplesOf(info, 1)]) device$.next(event);
    await vi.waitFor(async () => expect(await helloOf()).toMatchObject({ simulated: true }));
  });

  it('sends the marker of a client to all clients', async () => {
    const running = await start();
    const [one, other] = [new TestClient(running.wsUrl), new TestClient(running.wsUrl)];
    await Promise.all([one.next(), other.next()]);
    await other.ask({ id: 1, type: 'subscribe', stream: 'marker' });
    await one.ask({ id: 1, type: 'marker', label: 'button' });
    const data = { label: 'button', origin: 'client' };
    expect(await other.next()).toMatchObject({ stream: 'marker', data });
    expect(seen).toMatchObject([{ stream: 'marker', data }]);
    await Promise.all([one.end(), other.end()]);
  });

  it('closes once: resolves run, notifies clients, releases port, device and model', async () => {
    const running = await start();
    const run = running.run();
    const talk = new TestClient(running.wsUrl);
    await talk.next();
    await Promise.all([running.close(), running.close()]);
    await running.close();
    await run;
    expect(model.close).toHaveBeenCalledTimes(1);
    expect(device$.observed).toBe(false);
    expect(await talk.next()).toMatchObject({ type: 'notice', name: 'shutting_down' });
    expect(await talk.closed).toMatchObject({ code: CLOSE_CODE.goingAway });
    await expect(fetch(`${running.httpUrl}/healthz`)).rejects.toThrow();
  });

  it('leaves no timer when it is closed while the device is lost', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] });
    const running = await start();
    void running.run();
    device$.next({ type: 'info', info: INFO });
    device$.next(LOST);
    expect(vi.getTimerCount()).toBeGreaterThan(0);
    await running.close();
    expect(vi.getTimerCount()).toBe(0);
    device$.next(STREAMING);
    const count = seen.length;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(seen).toHaveLength(count);
  });

  it('can be closed before it runs', async () => {
    const running = await start();
    await running.close();
    await running.run();
    expect(model.close).toHaveBeenCalledTimes(1);
    expect(device$.observed).toBe(false);
  });
});

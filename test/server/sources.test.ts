/** Which events a subscription gets from a server with several models. */
import { afterEach, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import type { ModelDescription, PredictionEvent } from '../../src/api/events.ts';
import { ERROR_CODE } from '../../src/api/protocol.ts';
import { RAW_HEADER } from '../../src/api/raw-header.ts';
import type { serverConfigSchema } from '../../src/server/config.ts';
import { startServer } from '../../src/server/server.ts';
import {
  deviceEvent,
  FAKE_EYE_MODEL,
  FAKE_MODEL,
  FAKE_STREAM,
  FakeService,
  gazeEvent,
  markerEvent,
  predictionEvent,
  rawEvent,
  serverOptions,
} from '../support/fake-service.ts';
import { TestClient } from '../support/test-client.ts';

const EOG_MODEL = { ...FAKE_EYE_MODEL, id: 'fake-eog', modality: 'eog' } as const;
const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

type Config = z.input<typeof serverConfigSchema>;
type Models = readonly [ModelDescription, ...ModelDescription[]];

async function start({ models = [FAKE_MODEL, FAKE_EYE_MODEL], ...config }: Config & { models?: Models } = {}) {
  const service = new FakeService('session-1', models);
  const server = await startServer(service, serverOptions(config));
  const client = new TestClient(server.wsUrl);
  open.push(server.close, () => client.end());
  return { service, server, client, hello: await client.next() };
}

const of = (source: PredictionEvent['source']): PredictionEvent => ({ ...predictionEvent(), source });

it('lists every model and every source in hello', async () => {
  const { hello } = await start();
  expect(hello).toMatchObject({
    model: FAKE_MODEL,
    models: [FAKE_MODEL, FAKE_EYE_MODEL],
    sources: ['eeg', 'eye', 'fusion'],
  });
});

it('delivers the events of the requested source, and describes its model', async () => {
  const { service, client } = await start();
  const asked = await client.ask({ id: 1, type: 'subscribe', stream: 'prediction', source: 'eye' });
  expect(asked).toMatchObject({ result: { sub: 1, model: { id: 'fake-eye', modality: 'eye' } } });
  await client.ask({ id: 2, type: 'subscribe', stream: 'prediction', source: 'fusion' });
  service.publish(of('eeg'), of('eye'), { ...of('fusion'), fused: ['eye'] as const });
  expect(await client.next()).toMatchObject({ sub: 1, seq: 1, source: 'eye', dropped: 0 });
  expect(await client.next()).toMatchObject({ sub: 2, seq: 1, source: 'fusion', fused: ['eye'] });
});

it("frames each device's samples separately", async () => {
  const { service, client } = await start();
  await client.ask({ id: 1, type: 'subscribe', stream: 'raw', source: 'eye' });
  const info = { ...FAKE_STREAM, modality: 'eye', sampleRateHz: 100 } as const;
  // 20 ms of each device. Neither ends the other's frame.
  service.publish(rawEvent(0, 1, 0, info), rawEvent(0, 20), rawEvent(1, 1, 0, info));
  const frame = await client.nextBinary();
  const view = new DataView(frame.buffer, frame.byteOffset);
  expect(view.getUint16(RAW_HEADER.samples, true)).toBe(2);
  expect((view.getUint32(RAW_HEADER.flags, true) >> 8) & 0xff).toBe(1);
});

it('sends markers to every subscription', async () => {
  const { service, client } = await start();
  await client.ask({ id: 1, type: 'subscribe', stream: 'marker', source: 'eye' });
  service.publish(markerEvent('go'));
  expect(await client.next()).toMatchObject({ stream: 'marker', data: { label: 'go' } });
});

describe('a stream of several sources', () => {
  const eye = (received: number) => ({ ...deviceEvent(received), source: 'eye' }) as const;
  const receive = async (client: TestClient, count: number): Promise<unknown[]> => {
    const events: unknown[] = [];
    for (let i = 0; i < count; i++) {
      const { source, seq, dropped } = await client.next();
      events.push([source, seq, dropped]);
    }
    return events;
  };

  it('is numbered separately for each source, without gaps', async () => {
    const { service, client } = await start();
    await client.ask({ id: 1, type: 'subscribe', stream: 'prediction' });
    service.publish(of('eeg'), of('eye'), of('eeg'), of('eye'), of('eye'));
    expect(await receive(client, 5)).toEqual([
      ['eeg', 1, 0],
      ['eye', 1, 0],
      ['eeg', 2, 0],
      ['eye', 2, 0],
      ['eye', 3, 0],
    ]);
  });

  it('is thinned separately for each source: one event a period, and always the newest', async () => {
    const { service, server, client } = await start();
    await client.ask({ id: 1, type: 'subscribe', stream: 'prediction', policy: 'latest', min_period_ms: 100 });
    for (let i = 0; i < 5; i++) service.publish(of('eeg'), of('eye'), of('fusion'));
    expect(await receive(client, 6)).toEqual([
      ['eeg', 1, 0],
      ['eye', 1, 0],
      ['fusion', 1, 0],
      ['eeg', 5, 0],
      ['eye', 5, 0],
      ['fusion', 5, 0],
    ]);
    expect(server.stats.sent.prediction).toBe(6);
  });

  it('resumes separately for each source: in order, without counting events of other sources as missed', async () => {
    const { service, client } = await start({ limits: { replay_events: 6 } });
    service.publish(of('eeg'));
    for (let i = 0; i < 20; i++) service.publish(of('eye'));
    service.publish(of('eeg'), of('eye'), of('eeg'));
    const resume = async (last_seq: unknown, rest: object = {}) => {
      const point = { session: 'session-1', last_seq };
      const asked = await client.ask({ id: 1, type: 'subscribe', stream: 'prediction', resume: point, ...rest });
      const resumed = (asked['result'] as { resume: { replayed: number; missed: number | null } }).resume;
      const events = await receive(client, resumed.replayed);
      return { missed: resumed.missed, events: events.map((event) => (event as unknown[]).slice(0, 2)) };
    };
    expect(await resume(1, { source: 'eeg' })).toEqual({
      missed: 0,
      events: [
        ['eeg', 2],
        ['eeg', 3],
      ],
    });
    expect(await resume({ eeg: 1, eye: 19 })).toEqual({
      missed: 0,
      events: [
        ['eye', 20],
        ['eeg', 2],
        ['eye', 21],
        ['eeg', 3],
      ],
    });
    expect(await resume({ eeg: 1, eye: 10 }, { policy: 'latest' })).toEqual({
      missed: 5,
      events: [
        ['eye', 21],
        ['eeg', 3],
      ],
    });
    expect(await resume({ eeg: 2 })).toEqual({ missed: 0, events: [['eeg', 3]] }); // a source without a number starts anew
    expect(await resume({ eeg: 4, eye: 21 })).toEqual({ missed: null, events: [] });
    expect(await resume(1)).toEqual({ missed: null, events: [] }); // ambiguous: two sources
  });

  it('sends the newest state of each device to a new subscriber and to one that resumes', async () => {
    const { service, client } = await start();
    service.publish(deviceEvent(1), eye(1), deviceEvent(2), eye(2), deviceEvent(3));
    await client.ask({ id: 1, type: 'subscribe', stream: 'device', policy: 'latest' });
    expect(await receive(client, 2)).toEqual([
      ['eeg', 3, 0],
      ['eye', 2, 0],
    ]);
    const resumed = async (last_seq: unknown, session = 'session-1') => {
      const command = { id: 2, type: 'subscribe', stream: 'device', policy: 'latest', resume: { session, last_seq } };
      const asked = await client.ask(command);
      return [(asked['result'] as { resume: unknown }).resume, ...(await receive(client, 2))];
    };
    expect(await resumed({ eeg: 1, eye: 1 })).toEqual([{ replayed: 2, missed: 0 }, ['eye', 2, 0], ['eeg', 3, 0]]);
    expect(await resumed({ eeg: 1 })).toEqual([{ replayed: 1, missed: 0 }, ['eeg', 3, 0], ['eye', 2, 0]]);
    expect(await resumed(1, 'session-0')).toEqual([{ replayed: 0, missed: null }, ['eeg', 3, 0], ['eye', 2, 0]]);
  });
});

it('never replaces a gaze event by a newer one', async () => {
  const { service, client } = await start();
  await client.ask({ id: 1, type: 'subscribe', stream: 'gaze', policy: 'latest', min_period_ms: 3_600_000 });
  service.publish(gazeEvent({ type: 'blink', duration_ms: 160 }), gazeEvent({ type: 'track_loss', duration_ms: 900 }));
  expect(await client.next()).toMatchObject({ seq: 1, data: { type: 'blink' } });
  expect(await client.next()).toMatchObject({ seq: 2, data: { type: 'track_loss' } });
});

describe('a source that does not emit a stream', () => {
  const offered = (hello: Record<string, unknown>) =>
    Object.fromEntries(
      (hello['streams'] as { name: string; sources: string[] | null }[]).map(({ name, sources }) => [name, sources]),
    );

  it('is not offered', async () => {
    expect(offered((await start()).hello)).toEqual({
      prediction: ['eeg', 'eye', 'fusion'],
      features: ['eeg'], // the fake eye tracker has no features
      quality: ['eeg', 'eye'],
      gaze: ['eye'],
      device: ['eeg', 'eye'],
      marker: null,
      raw: ['eeg', 'eye'],
    });
    expect(offered((await start({ models: [EOG_MODEL] })).hello)).toMatchObject({
      prediction: ['eog'],
      features: [],
      quality: ['eog'],
      gaze: [],
    });
  });

  it.each([
    ['prediction', 'eog', 'there is no source "eog"; this server has eeg, eye, fusion'],
    ['features', 'fusion', 'source "fusion" does not emit features; on this server it comes from eeg'],
    ['quality', 'fusion', 'source "fusion" does not emit quality; on this server it comes from eeg, eye'],
    ['raw', 'fusion', 'source "fusion" does not emit raw; on this server it comes from eeg, eye'],
    ['device', 'fusion', 'source "fusion" does not emit device; on this server it comes from eeg, eye'],
    ['gaze', 'eeg', 'source "eeg" does not emit gaze; on this server it comes from eye'],
    ['marker', 'eog', 'there is no source "eog"; this server has eeg, eye, fusion'],
  ])('is refused: %s from %s', async (stream, source, message) => {
    const { client } = await start();
    expect(await client.ask({ id: 2, type: 'subscribe', stream, source })).toMatchObject({
      ok: false,
      error: { code: ERROR_CODE.invalidCommand, message },
    });
  });

  it.each(['features', 'gaze'])('is refused: %s from an EOG device alone', async (stream) => {
    const { client } = await start({ models: [EOG_MODEL] });
    const message = `this server emits no ${stream}; it emits prediction, quality, device, marker, raw`;
    for (const source of [undefined, 'eog']) {
      expect(await client.ask({ id: 1, type: 'subscribe', stream, source })).toMatchObject({
        ok: false,
        error: { code: ERROR_CODE.invalidCommand, message },
      });
    }
  });
});

it.each([
  ['prediction', undefined, 'fake-8ch'],
  ['prediction', 'eeg', 'fake-8ch'],
  ['prediction', 'eye', 'fake-eye'],
  ['prediction', 'fusion', 'fake-8ch'],
  ['gaze', undefined, 'fake-eye'],
  ['gaze', 'eye', 'fake-eye'],
  ['marker', undefined, 'fake-8ch'],
])('describes the model of %s from %s, with its own labels and window', async (stream, source, id) => {
  const other = { ...FAKE_EYE_MODEL, labels: ['calm', 'tense'], window_ms: 2000 };
  const { client } = await start({ models: [FAKE_MODEL, other] });
  const { labels, window_ms } = id === other.id ? other : FAKE_MODEL;
  expect(await client.ask({ id: 1, type: 'subscribe', stream, source })).toMatchObject({
    result: { model: { id }, labels, window_ms },
  });
});

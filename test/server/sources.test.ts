/** Several models behind one server: whose events a subscription gets. */
import { afterEach, expect, it } from 'vitest';
import type { PredictionEvent } from '../../src/events.ts';
import { ERROR_CODE, RAW_HEADER } from '../../src/protocol.ts';
import { startServer } from '../../src/server/server.ts';
import {
  deviceEvent,
  FAKE_MODEL,
  FAKE_STREAM,
  FakeService,
  markerEvent,
  predictionEvent,
  rawEvent,
  serverOptions,
} from '../support/fake-service.ts';
import { Talk } from './talk.ts';

const EYE_MODEL = { ...FAKE_MODEL, id: 'fake-eye', modality: 'eye', montage: [], bands: [] } as const;
const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function start(): Promise<{ service: FakeService; client: Talk; hello: Record<string, unknown> }> {
  const service = new FakeService('session-1', [FAKE_MODEL, EYE_MODEL]);
  const server = await startServer(service, serverOptions());
  const client = new Talk(server.wsUrl);
  open.push(server.close, () => client.end());
  return { service, client, hello: await client.next() };
}

const of = (source: PredictionEvent['source']): PredictionEvent => ({ ...predictionEvent(), source });

it('greets with every model and every source', async () => {
  const { hello } = await start();
  expect(hello).toMatchObject({
    model: FAKE_MODEL,
    models: [FAKE_MODEL, EYE_MODEL],
    sources: ['eeg', 'eye', 'fusion'],
  });
});

it('delivers what the source says that was asked for, and tells its model', async () => {
  const { service, client } = await start();
  const asked = await client.ask({ id: 1, type: 'subscribe', stream: 'prediction', source: 'eye' });
  expect(asked).toMatchObject({ result: { sub: 1, model: { id: 'fake-eye', modality: 'eye' } } });
  await client.ask({ id: 2, type: 'subscribe', stream: 'prediction', source: 'fusion' });
  service.publish(of('eeg'), of('eye'), { ...of('fusion'), fused: ['eye'] });
  expect(await client.next()).toMatchObject({ sub: 1, seq: 2, source: 'eye', dropped: 0 });
  expect(await client.next()).toMatchObject({ sub: 2, seq: 3, source: 'fusion', fused: ['eye'] });
});

it('replays what it was asked for, and tells a newcomer of each device', async () => {
  const { service, client } = await start();
  service.publish(of('eeg'), of('eye'), of('eeg'), deviceEvent(), { ...deviceEvent(), source: 'eye' });
  const resume = { session: 'session-1', last_seq: 0 };
  const answer = await client.ask({ id: 1, type: 'subscribe', stream: 'prediction', source: 'eye', resume });
  expect(answer).toMatchObject({ result: { resume: { replayed: 1, missed: 0 } } });
  expect(await client.next()).toMatchObject({ seq: 2, source: 'eye' });
  await client.ask({ id: 2, type: 'subscribe', stream: 'device' });
  expect([await client.next(), await client.next()].map(({ source }) => source)).toEqual(['eeg', 'eye']);
});

it('frames each device’s samples by themselves', async () => {
  const { service, client } = await start();
  await client.ask({ id: 1, type: 'subscribe', stream: 'raw', source: 'eye' });
  const info = { ...FAKE_STREAM, modality: 'eye', sampleRateHz: 100 } as const;
  // 20 ms of either: neither ends the other's frame.
  service.publish(rawEvent(0, 1, 0, info), rawEvent(0, 20), rawEvent(1, 1, 0, info));
  const frame = await client.nextBinary();
  const view = new DataView(frame.buffer, frame.byteOffset);
  expect(view.getUint16(RAW_HEADER.samples, true)).toBe(2);
  expect((view.getUint32(RAW_HEADER.flags, true) >> 8) & 0xff).toBe(1);
});

it('gives markers to every subscription, and refuses a source that is not there', async () => {
  const { service, client } = await start();
  await client.ask({ id: 1, type: 'subscribe', stream: 'marker', source: 'eye' });
  service.publish(markerEvent('go'));
  expect(await client.next()).toMatchObject({ stream: 'marker', data: { label: 'go' } });
  expect(await client.ask({ id: 2, type: 'subscribe', stream: 'prediction', source: 'eog' })).toMatchObject({
    ok: false,
    error: {
      code: ERROR_CODE.invalidCommand,
      message: 'there is no source "eog"; this server has eeg, eye, fusion',
    },
  });
});

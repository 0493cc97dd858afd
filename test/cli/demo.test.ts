import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../../src/client/index.ts';
import { EEG62 } from '../../src/montage.ts';
import { type RunningCli, runCli, startCli } from '../support/cli.ts';
import { type Observer, observe } from '../support/events.ts';
import { TestClient } from '../support/test-client.ts';

const CLASSES = ['negative', 'neutral', 'positive'];
const QUALITY = { coverage: 1, lost: 0, bad_channels: [], score: 1 };
const TIME = {
  start_us: expect.any(Number),
  end_us: expect.any(Number),
  emit_us: expect.any(Number),
  mono_us: expect.any(Number),
  clock_err_us: expect.any(Number),
};

describe('demo', () => {
  let demo: RunningCli;
  let ws: string;
  let http: string;
  let client: Client;
  let first: Observer['first'];

  beforeAll(async () => {
    demo = startCli('demo', '--http-port', '0', '--no-open');
    ({ ws, http } = await demo.listening());
    ({ client, first } = observe(ws));
  });
  afterAll(async () => {
    client?.close();
    await demo?.stop();
  });

  it('says first of all where it listens', () => {
    expect(demo.lines[0]).toMatchObject({
      event: 'listening',
      ws: expect.stringMatching(/^ws:\/\/127\.0\.0\.1:\d+\/v1\/stream$/),
      http: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    });
  });

  it('says in its hello that all of it is simulated', async () => {
    expect(await client.opened()).toMatchObject({
      type: 'hello',
      protocol: '1.1',
      auth: 'none',
      simulated: true,
      model: {
        id: 'demo-eeg62-cmcrd',
        labels: CLASSES,
        montage: EEG62,
        window_ms: 4000,
        hop_ms: 1000,
        simulated: true,
      },
    });
  });

  it('has its first prediction within 10 s of the first sample', async () => {
    const raw = await first('raw');
    const prediction = await first('prediction', ({ data }) => data.state === 'ok');
    expect(prediction).toMatchObject({ t: TIME, quality: QUALITY, source: 'eeg', profile: null, simulated: true });
    expect(prediction.data).toEqual({
      state: 'ok',
      reasons: [],
      label: expect.toBeOneOf(CLASSES),
      probs: [expect.any(Number), expect.any(Number), expect.any(Number)],
      probs_by_label: Object.fromEntries(CLASSES.map((name, i) => [name, prediction.data.probs![i]])),
    });
    const probs = prediction.data.probs!;
    expect(probs.reduce((sum, p) => sum + p)).toBeCloseTo(1, 5);
    expect(CLASSES[probs.indexOf(Math.max(...probs))]).toBe(prediction.data.label);
    const { start_us, end_us, emit_us } = prediction.t;
    expect(end_us - start_us).toBe(4e6);
    expect(emit_us).toBeGreaterThan(end_us);
    const firstSampleUs = raw.info.startUs - (raw.info.firstSample / raw.info.sampleRateHz) * 1e6;
    expect(end_us - firstSampleUs).toBeLessThan(10e6);
  });

  it('says warmup until then', async () => {
    const { data, quality } = await first('prediction');
    expect(data).toEqual({ state: 'warmup', reasons: [], label: null, probs: null, probs_by_label: null });
    expect(quality.coverage).toBeLessThan(1);
  });

  it('publishes features, quality, device and raw samples in their shapes', async () => {
    const [features, quality, device, raw] = await Promise.all([
      first('features', ({ data }) => data.state === 'ok'),
      first('quality'),
      first('device', ({ data }) => data.state === 'streaming'),
      first('raw'),
    ]);
    expect(features.data.values).toHaveLength(EEG62.length * 5);
    expect(features.data.values.every(Number.isFinite)).toBe(true);
    expect(quality.data.electrodes.map(({ label }) => label)).toEqual(EEG62);
    expect(quality.data.electrodes[0]).toEqual({
      label: 'FP1',
      bad: null,
      interpolated: false,
      rms_uv: expect.any(Number),
    });
    expect(device.data).toMatchObject({ channels: EEG62, sample_rate_hz: 1000, samples_lost: 0, bytes_discarded: 0 });
    expect(raw.info).toMatchObject({ channels: 62, sampleRateHz: 1000, simulated: true, lostBefore: 0 });
    expect(raw.data).toHaveLength(62 * raw.info.samples);
  });

  it("tells the simulated person's true state, to whoever resumes from the start", async () => {
    await first('raw');
    const talk = new TestClient(ws);
    const { session } = await talk.next();
    const resume = { session, last_seq: 0 };
    await talk.ask({ id: 1, type: 'subscribe', stream: 'marker', resume });
    expect(await talk.next()).toMatchObject({
      stream: 'marker',
      seq: 1,
      dropped: 0,
      t: TIME,
      data: { label: expect.stringMatching(/^state:(negative|neutral|positive)$/), origin: 'device' },
    });
    await talk.end();
  });

  it('puts a marker of a client on the time line', async () => {
    await client.marker('button');
    expect((await first('marker', ({ data }) => data.origin === 'client')).data.label).toBe('button');
  });

  it('answers the questions of whoever runs it', async () => {
    await first('device', ({ data }) => data.state === 'streaming');
    const get = (path: string): Promise<Response> => fetch(http + path);
    expect((await get('/healthz')).status).toBe(200);
    expect((await get('/readyz')).status).toBe(200);
    expect(await (await get('/metrics')).text()).toMatch(/^affect_edge_\w+(\{.*\})? \d/m);
    expect(await (await get('/asyncapi.json')).json()).toMatchObject({ asyncapi: expect.stringMatching(/^3\./) });
    expect(await (await get('/client.js')).text()).toMatch(/export \{[^}]*\bconnect\b/);
  });

  it('leaves no port to a second one, which says so', async () => {
    const port = new URL(http).port;
    const { code, lines } = await runCli('demo', '--http-port', port, '--no-open');
    expect(code).toBe(6);
    expect(lines).toEqual([
      {
        event: 'error',
        code: 'ADDRESS_IN_USE',
        message: expect.stringMatching(new RegExp(`${port}.*--http-port 0`)),
      },
    ]);
  });

  it('ends on Ctrl-C with exit code 0, a goodbye, and a free port', async () => {
    const goodbye = new Promise((resolve) => client.onNotice(({ name }) => resolve(name)));
    expect(await demo.stop()).toBe(0);
    expect(await goodbye).toBe('shutting_down');
    const next = startCli('demo', '--http-port', new URL(http).port, '--no-open');
    expect((await next.listening()).http).toBe(http);
    expect(await next.stop()).toBe(0);
  });
});

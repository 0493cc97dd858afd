import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningServer, startServer } from '../../src/server/server.ts';
import {
  deviceEvent,
  FAKE_EYE_MODEL,
  FAKE_MODEL,
  FakeService,
  predictionEvent,
  serverOptions,
} from '../support/fake-service.ts';

const service = new FakeService();
let server: RunningServer;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dashboard-'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html>page');
  writeFileSync(join(folder, 'main.js'), 'export {};');
  writeFileSync(join(folder, 'private.txt'), 'a type that is not served');
  server = await startServer(service, serverOptions({}, { dashboardDir: folder }));
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: string;
}

/** Sends the path unchanged, including dots. */
function get(path: string, method = 'GET', headers: Record<string, string> = {}): Promise<Answer> {
  const { port } = new URL(server.httpUrl);
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body }));
    });
    sent.on('error', reject);
    sent.end();
  });
}

describe('health', () => {
  it('/healthz always answers ok, and /readyz reports the readiness of the service', async () => {
    expect(await get('/healthz')).toMatchObject({ status: 200, body: 'ok\n' });
    expect(await get('/readyz')).toMatchObject({ status: 200, body: 'ready\n' });
    service.ready = { ready: false, reason: 'waiting for the device' };
    expect(await get('/readyz')).toMatchObject({ status: 503, body: 'waiting for the device\n' });
    expect((await get('/metrics')).body).toContain('affect_edge_ready 0\n');
    service.ready = { ready: true, reason: 'ready' };
  });
});

describe('metrics', () => {
  it('are well-formed and count events', async () => {
    service.publish(predictionEvent(), predictionEvent(), deviceEvent(1234)); // each emitted 8 ms after its window's end
    const { body, headers } = await get('/metrics');
    expect(headers['content-type']).toContain('version=0.0.4');
    const values = new Map<string, number>();
    const typed = new Set<string>();
    for (const line of body.trimEnd().split('\n')) {
      const type = /^# TYPE (\w+) (?:counter|gauge|histogram)$/.exec(line);
      if (type !== null) typed.add(type[1]!);
      if (line.startsWith('#')) continue;
      const [, name, labels = '', value] = /^(\w+)(\{\w+="[^"]*"\})? (\S+)$/.exec(line)!;
      expect(typed).toContain(name!.replace(/_(bucket|sum|count)$/, ''));
      values.set(name! + labels, Number(value));
    }
    expect([...values.values()].every(Number.isFinite)).toBe(true);
    expect(Object.fromEntries(values)).toMatchObject({
      'affect_edge_build_info{version="1.2.3"}': 1,
      'affect_edge_events_total{stream="prediction"}': 2,
      'affect_edge_predictions_total{state="ok"}': 2,
      'affect_edge_device_received_bytes_total{source="eeg"}': 8 * 1234,
      'affect_edge_device_discarded_bytes_total{source="eeg"}': 3,
      'affect_edge_samples_received_total{source="eeg"}': 1234,
      'affect_edge_samples_lost_total{source="eeg"}': 2,
      'affect_edge_samples_interpolated_total{source="eeg"}': 1,
      'affect_edge_prediction_latency_seconds_bucket{le="0.005"}': 0,
      'affect_edge_prediction_latency_seconds_bucket{le="0.01"}': 2,
      'affect_edge_prediction_latency_seconds_bucket{le="+Inf"}': 2,
      affect_edge_prediction_latency_seconds_count: 2,
      affect_edge_prediction_latency_seconds_sum: 0.016,
    });
    expect(values.get('process_resident_memory_bytes')).toBeGreaterThan(1e7);
    expect(body).not.toContain('positive'); // metrics need no token, so they contain no emotion
  });
});

describe('metrics of several devices', () => {
  it('show which one streams', async () => {
    const both = new FakeService('session-1', [FAKE_MODEL, FAKE_EYE_MODEL]);
    const running = await startServer(both, serverOptions());
    const streaming = async () => {
      const body = await (await fetch(`${running.httpUrl}/metrics`)).text();
      return [...body.matchAll(/^affect_edge_device_streaming\{source="(\w+)"\} (\d)$/gm)].map(
        ([, ...sample]) => sample,
      );
    };
    const away = deviceEvent();
    expect(await streaming()).toEqual([
      ['eeg', '0'],
      ['eye', '0'],
    ]);
    both.publish(deviceEvent(), { ...deviceEvent(), source: 'eye' });
    both.publish({ ...away, data: { ...away.data, state: 'lost' as const } });
    expect(await streaming()).toEqual([
      ['eeg', '0'],
      ['eye', '1'],
    ]);
    await running.close();
  });
});

describe('pages', () => {
  it('serves the dashboard with strict headers', async () => {
    const page = await get('/');
    expect(page).toMatchObject({ status: 200, body: '<!doctype html>page' });
    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'content-security-policy': expect.stringMatching(/^default-src 'self';.*frame-ancestors 'none'/),
    });
    expect((await get('/main.js?v=1')).headers['content-type']).toBe('text/javascript; charset=utf-8');
    expect(await get('/main.js', 'HEAD')).toMatchObject({ status: 200, body: '', headers: { 'content-length': '10' } });
  });

  it.each([
    '/../http.test.ts',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/..%2fpackage.json',
    '/....//etc/passwd',
    '//etc/passwd',
    '/index.html%00',
    '/private.txt',
    '/constructor',
    '/__proto__',
    '/.',
    '/nothing',
    'http://evil.example/etc/passwd',
  ])('has nothing at %s', async (path) => {
    const answer = await get(path);
    expect(answer).toMatchObject({ status: 404, body: 'not found\n' });
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
  });

  it('answers only GET and HEAD, and requires an upgrade at the path of the stream', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      expect(await get('/', method)).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
    }
    expect(await get('/v1/stream')).toMatchObject({
      status: 426,
      headers: { upgrade: 'websocket', connection: 'Upgrade' },
    });
  });

  it('answers over HTTP/1.1 when a client offers another protocol', async () => {
    const offer = { Connection: 'Upgrade, HTTP2-Settings', Upgrade: 'h2c', 'HTTP2-Settings': '' };
    expect(await get('/healthz', 'GET', offer)).toMatchObject({
      status: 200,
      body: 'ok\n',
      headers: { connection: 'close' },
    });
    expect((await get('/healthz', 'GET', { ...offer, Host: 'evil.example' })).status).toBe(403);
  });

  it('refuses a foreign host name that resolves to this server', async () => {
    expect((await get('/metrics', 'GET', { Host: 'evil.example' })).status).toBe(403);
    expect((await get('/', 'GET', { Host: 'localhost:1' })).status).toBe(200);
  });

  it('has no page if there is no dashboard', async () => {
    const bare = await startServer(new FakeService(), serverOptions({}, { dashboardDir: join(folder, 'absent') }));
    expect((await fetch(bare.httpUrl)).status).toBe(404);
    await bare.close();
  });
});

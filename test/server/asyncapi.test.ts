import { readFileSync } from 'node:fs';
import specs from '@asyncapi/specs';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { CLOSE_CODE, ERROR_CODE, NOTICE_CODE, SCOPES, STREAM_NAMES } from '../../src/api/protocol.ts';
import { parseMessage } from '../../src/server/commands.ts';
import { startServer } from '../../src/server/server.ts';
import {
  deviceEvent,
  FAKE_EYE_MODEL,
  FAKE_MODEL,
  FakeService,
  featuresEvent,
  gazeEvent,
  noticeEvent,
  predictionEvent,
  qualityEvent,
  serverOptions,
} from '../support/fake-service.ts';
import { TestClient } from '../support/test-client.ts';

interface Document {
  readonly asyncapi: '3.0.0';
  readonly channels: { readonly stream: { readonly description: string; readonly messages: Record<string, unknown> } };
  readonly components: {
    readonly messages: Record<string, unknown>;
    readonly schemas: Record<
      string,
      { readonly properties: Record<string, { readonly enum: unknown[]; readonly description: string }> }
    > &
      Record<'StreamName' | 'Scope', { readonly enum: unknown[] }>;
  };
}

const document = JSON.parse(readFileSync('src/server/asyncapi.json', 'utf8')) as Document;

// `strict: false`, because asyncapi, channels and others are not keywords of JSON Schema.
const ajv = new Ajv({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addSchema(document, 'document');

function violations(message: string, value: unknown): unknown {
  const validate = ajv.getSchema(`document#/components/messages/${message}/payload`)!;
  return validate(value) ? [] : validate.errors;
}

describe('the AsyncAPI document', () => {
  it('is valid AsyncAPI 3', () => {
    const validate = ajv.compile(specs.schemasWithoutId['3.0.0'] as object);
    expect(validate(document) ? [] : validate.errors).toEqual([]);
  });

  it('defines everything that it refers to', () => {
    for (const [, pointer] of JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)) {
      const target = pointer!
        .split('/')
        .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], document);
      expect(target, pointer).toBeDefined();
    }
    expect(Object.keys(document.channels.stream.messages)).toEqual(Object.keys(document.components.messages));
  });

  it('names the same streams, scopes and numbers as the code', () => {
    const { schemas } = document.components;
    expect(schemas.StreamName.enum).toEqual(STREAM_NAMES);
    expect(schemas.Scope.enum).toEqual(SCOPES);
    expect(schemas['Error']!.properties['code']!.enum).toEqual(Object.values(ERROR_CODE));
    expect(schemas['Notice']!.properties['code']!.enum).toEqual(Object.values(NOTICE_CODE));
    expect(schemas['Notice']!.properties['name']!.enum).toEqual(Object.keys(NOTICE_CODE));
    const { description } = document.channels.stream;
    for (const code of Object.values(CLOSE_CODE)) expect(description).toContain(`${code} `);
    for (const scope of SCOPES) expect(description.slice(description.indexOf('Scopes:'))).toContain(scope);
  });

  it('describes the default limits', () => {
    const { limits } = serverOptions();
    const described = [
      `${limits.max_message_bytes / 1024} KiB a message`,
      `${limits.max_frame_bytes / 1024} KiB a frame`,
      `${limits.max_commands_per_s} commands a second`,
      `${limits.max_bytes_per_s / 1024} KiB of messages a second`,
      `${limits.max_subscriptions} subscriptions`,
      `${limits.max_clients} clients`,
      `${limits.auth_timeout_ms / 1000} s to authenticate`,
      `${limits.garbage_limit} refused messages, of which one is forgiven every 5 s`,
      `with ${limits.latest_policy_bytes / 1024} KiB unsent, events of policy latest wait`,
      `with ${limits.drop_raw_bytes / 1024} KiB, raw frames are dropped`,
      `with ${limits.latest_wins_bytes / 1024} KiB, gaze events are dropped, and of every subscription`,
      `with ${limits.cut_bytes / 2 ** 20} MiB, or ${limits.cut_ms / 1000} s without progress`,
      `${limits.replay_events} events a stream and source are kept`,
    ];
    for (const limit of described) expect(document.channels.stream.description).toContain(limit);
    const errors = document.components.schemas['Error']!.properties['code']!.description;
    expect(errors).toContain(`104 a message longer than max_message_bytes (${limits.max_message_bytes / 1024} KiB`);
    expect(errors).toContain(`105 more than max_commands_per_s commands in a second (${limits.max_commands_per_s})`);
    expect(errors).toContain(`subscriptions of one connection (${limits.max_subscriptions})`);
  });
});

describe('commands', () => {
  it('are valid in the document exactly if the server accepts them', () => {
    const odd = fc.oneof(fc.integer({ min: -1, max: 2 }), fc.constantFrom(0.5, 2 ** 53, '', 'x', null, true));
    const field = <T>(value: fc.Arbitrary<T>) =>
      fc.option(fc.oneof({ weight: 4, arbitrary: value }, odd), { nil: undefined, freq: 4 });
    const positive = fc.integer({ min: 1, max: 9 });
    const seqs = fc.dictionary(fc.constantFrom('eeg', 'eye', 'fusion', 'x'), fc.oneof(fc.nat(), odd), { maxKeys: 2 });
    const lastSeq = fc.oneof(fc.nat(), seqs);
    const resume = fc.record({ session: field(fc.constant('s')), last_seq: field(lastSeq) });
    const message = fc.record({
      id: field(positive),
      type: fc.constantFrom('subscribe', 'unsubscribe', 'ping', 'marker'),
      stream: field(fc.constantFrom(...STREAM_NAMES)),
      source: field(fc.constantFrom('eeg', 'fusion')),
      policy: field(fc.constant('latest')),
      min_period_ms: field(fc.nat(1000)),
      resume: fc.option(field(resume), { nil: undefined, freq: 2 }),
      sub: field(positive),
      label: field(fc.constantFrom('go', 'x'.repeat(256), 'x'.repeat(257))),
    });
    // Each message keeps only the fields of its command, sometimes with one that belongs to another.
    const own: Record<string, string[]> = {
      subscribe: ['stream', 'source', 'policy', 'min_period_ms', 'resume'],
      unsubscribe: ['sub'],
      ping: [],
      marker: ['label'],
    };
    const seen = { allowed: 0, refused: 0 };
    fc.assert(
      fc.property(message, fc.option(fc.constantFrom('sub', 'label'), { freq: 9 }), (fields, surplus) => {
        const keys = ['id', 'type', ...own[fields.type]!, ...(surplus === null ? [] : [surplus])];
        const text = JSON.stringify(fields, keys.concat('session', 'last_seq', 'eeg', 'eye', 'fusion', 'x'));
        const command = JSON.parse(text) as Record<string, unknown>;
        fc.pre(command['policy'] === 'latest' || !command['min_period_ms']); // a rule between two fields, which the document does not express
        const allowed = (violations(fields.type, command) as unknown[]).length === 0;
        expect(parseMessage(text).kind, text).toBe(allowed ? 'command' : 'refused');
        seen[allowed ? 'allowed' : 'refused']++;
      }),
      { numRuns: 500 },
    );
    expect(Math.min(seen.allowed, seen.refused)).toBeGreaterThan(50);
  });
});

const GAZE = [
  { type: 'fixation', duration_ms: 250, x_deg: -1.5, y_deg: 2, dispersion_x_deg: 0.4, dispersion_y_deg: 0.3 },
  { type: 'saccade', duration_ms: 32, amplitude_deg: 5, peak_deg_s: null },
  { type: 'blink', duration_ms: 160 },
] as const;

describe('the messages of a running server', () => {
  const messages: { message: string; value: unknown }[] = [];
  let served: unknown;

  beforeAll(async () => {
    const service = new FakeService('session-1', [FAKE_MODEL, FAKE_EYE_MODEL]);
    const sha256 = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'; // of "test"
    const server = await startServer(service, serverOptions({ tokens: [{ name: 'a', sha256, scopes: ['admin'] }] }));
    const client = new TestClient(server.wsUrl);
    const receive = async (message: string) => messages.push({ message, value: await client.next() });
    const ask = async (message: unknown, answer = 'result') => {
      client.send(message);
      await receive(answer);
    };
    await receive('hello');
    await ask({ type: 'auth', token: 'test' }, 'authOk');
    const resume = { session: 'session-0', last_seq: 4 };
    for (const stream of ['prediction', 'features', 'quality', 'gaze', 'device', 'marker']) {
      await ask({ id: 1, type: 'subscribe', stream, resume });
    }
    const { t, quality, source, profile, simulated } = predictionEvent();
    const data = {
      state: 'abstain',
      reasons: ['gap', 'not_worn'],
      label: null,
      probs: null,
      probs_by_label: null,
    } as const;
    service.publish(predictionEvent(), { stream: 'prediction', t, quality, source, profile, simulated, data });
    service.publish({ ...predictionEvent(), source: 'fusion', fused: ['eye'] });
    service.publish(featuresEvent(), qualityEvent());
    for (const gaze of GAZE) service.publish(gazeEvent(gaze));
    service.publish(deviceEvent(), noticeEvent());
    const gazes = GAZE.map(() => 'gaze');
    for (const name of [
      'prediction',
      'prediction',
      'prediction',
      'features',
      'quality',
      ...gazes,
      'device',
      'notice',
    ]) {
      await receive(name);
    }
    await ask({ id: 2, type: 'marker', label: 'x' }, 'deviceMarker');
    await receive('result');
    await ask({ id: 3, type: 'unsubscribe', sub: 1 });
    await ask({ id: 4, type: 'ping' });
    await ask({ id: 5, type: 'model.load' });
    await ask('garbage');
    served = await (await fetch(`${server.httpUrl}/asyncapi.json`)).json();
    const closed = server.close();
    await receive('notice');
    await closed;
  });

  it('conform to the document', () => {
    expect(messages.length).toBe(25);
    for (const { message, value } of messages) expect(violations(message, value), JSON.stringify(value)).toEqual([]);
  });

  it('do not conform to the schema of another message (the schemas are strict)', () => {
    for (const { message, value } of messages) {
      const other = message === 'prediction' ? 'features' : 'prediction';
      expect(violations(other, value)).not.toEqual([]);
      expect(violations(message, { ...(value as object), surplus: 1 })).not.toEqual([]);
    }
  });

  it('include the document itself at /asyncapi.json', () => {
    expect(served).toEqual(document);
  });
});

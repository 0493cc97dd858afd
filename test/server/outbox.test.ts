import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import type { Source } from '../../src/api/events.ts';
import type { Policy } from '../../src/api/messages.ts';
import { systemClock } from '../../src/clock.ts';
import { type Limits, serverConfigSchema } from '../../src/server/config.ts';
import { Outbox } from '../../src/server/outbox.ts';
import { type Publication, publishJson } from '../../src/server/publication.ts';
import { ServerStats } from '../../src/server/stats.ts';
import { Subscription } from '../../src/server/subscription.ts';
import { featuresEvent, gazeEvent, markerEvent, predictionEvent } from '../support/fake-service.ts';

/** A socket whose peer takes a message when the test calls `read`. */
class FakeSocket {
  readonly OPEN = 1;
  readyState = 1;
  bufferedAmount = 0;
  closedWith: number | null = null;
  readonly received: { sub: number; seq: number; dropped: number; source: Source }[] = [];
  private readonly queue: { message: Uint8Array; sent: () => void }[] = [];

  send(message: Uint8Array, _: unknown, sent: () => void): void {
    this.bufferedAmount += message.length;
    this.queue.push({ message, sent });
  }

  close(code: number): void {
    this.readyState = 2;
    this.closedWith = code;
  }

  read(): boolean {
    const next = this.queue.shift();
    if (next === undefined) return false;
    this.bufferedAmount -= next.message.length;
    this.received.push(JSON.parse(Buffer.from(next.message).toString()));
    next.sent();
    return true;
  }
}

function setUp(limits: Partial<Limits>, clock = systemClock) {
  const socket = new FakeSocket();
  const stats = new ServerStats();
  const all = { ...serverConfigSchema.parse({}).limits, ...limits };
  const outbox = new Outbox(socket as unknown as WebSocket, all, clock, stats);
  const subscription = (
    id: number,
    stream: Publication['stream'],
    policy: Policy = 'all',
    sources: Publication['source'][] = [stream === 'marker' ? null : 'eeg'],
  ) => new Subscription(id, { stream, policy, min_period_ms: 0 }, sources, outbox, all, clock, stats);
  return { socket, stats, outbox, subscription };
}

describe('the back-pressure guard', () => {
  it('bounds the unsent bytes, loses no marker, counts every dropped event and sends the newest of each source', () => {
    const step = fc.oneof(
      fc.record({
        kind: fc.constant('features' as const),
        values: fc.integer({ min: 0, max: 40 }),
        source: fc.constantFrom('eeg' as const, 'eye' as const),
      }),
      fc.record({ kind: fc.constant('marker' as const) }),
      fc.record({ kind: fc.constant('read' as const) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), fc.integer({ min: 0, max: 5000 }), (steps, limit) => {
        const { socket, stats, subscription } = setUp({ latest_wins_bytes: limit });
        const features = [1, 2].map((id) => subscription(id, 'features', 'all', ['eeg', 'eye']));
        const markers = subscription(3, 'marker');
        const seq = { eeg: 0, eye: 0 };
        let marked = 0;
        for (const action of steps) {
          if (action.kind === 'read') socket.read();
          else if (action.kind === 'marker') {
            markers.offer(publishJson(markerEvent('m'), ++marked));
          } else {
            const before = socket.bufferedAmount;
            const { values, source } = action;
            const publication = publishJson({ ...featuresEvent(values), source }, ++seq[source]);
            for (const subscription of features) subscription.offer(publication);
            const size = publication.encode(9, 999).length;
            expect(socket.bufferedAmount).toBeLessThanOrEqual(Math.max(before, limit + size));
          }
        }
        while (socket.read());
        const of = (sub: number) => socket.received.filter((message) => message.sub === sub);
        expect(of(3).map((message) => message.seq)).toEqual(Array.from({ length: marked }, (_, i) => i + 1));
        let dropped = 0;
        for (const sub of [1, 2]) {
          const accounted: Partial<Record<Source, number>> = { eeg: 0, eye: 0 };
          for (const message of of(sub)) {
            const expected = accounted[message.source]! + 1 + message.dropped;
            expect(message.seq).toBe(expected);
            accounted[message.source] = expected;
            dropped += message.dropped;
          }
          expect(accounted).toEqual(seq);
        }
        expect(stats.dropped.features).toBe(dropped);
      }),
    );
  });

  it('holds the newest event of each source back, and counts dropped events of each source separately', () => {
    const { socket, stats, subscription } = setUp({ latest_wins_bytes: 1 });
    const both = subscription(1, 'prediction', 'all', ['eeg', 'eye']);
    for (let seq = 1; seq <= 9; seq++) {
      both.offer(publishJson(predictionEvent(), seq));
      if (seq % 3 === 0) both.offer(publishJson({ ...predictionEvent(), source: 'eye' }, seq / 3));
    }
    while (socket.read());
    expect(socket.received.map(({ source, seq, dropped }) => [source, seq, dropped])).toEqual([
      ['eeg', 1, 0],
      ['eeg', 9, 7],
      ['eye', 3, 2],
    ]);
    expect(stats.dropped.prediction).toBe(9);
  });

  it('sends every gaze event below the limit, and counts those dropped above it', () => {
    const { socket, stats, subscription } = setUp({ latest_wins_bytes: 1000, latest_policy_bytes: 1 });
    const gaze = subscription(1, 'gaze', 'latest', ['eye']);
    const blink = (seq: number) => publishJson(gazeEvent({ type: 'blink', duration_ms: 160 }), seq);
    for (let seq = 1; seq <= 9; seq++) gaze.offer(blink(seq));
    const unsent = socket.bufferedAmount;
    while (socket.read());
    gaze.offer(blink(10));
    while (socket.read());
    const seqs = socket.received.map(({ seq }) => seq);
    const sent = seqs.length - 1;
    expect(unsent).toBeGreaterThan(1000);
    expect(unsent).toBeLessThan(1000 + blink(1).encode(9, 999).length);
    expect(seqs).toEqual([...Array.from({ length: sent }, (_, i) => i + 1), 10]);
    expect(socket.received.at(-1)).toMatchObject({ dropped: 9 - sent });
    expect(stats.dropped.gaze).toBe(9 - sent);
  });

  it('keeps a subscription with policy latest fresh while others queue', () => {
    const { socket, subscription } = setUp({ latest_policy_bytes: 1, latest_wins_bytes: 1e6 });
    const [latest, all] = [subscription(1, 'prediction', 'latest'), subscription(2, 'prediction')];
    for (let seq = 1; seq <= 9; seq++) for (const s of [latest, all]) s.offer(publishJson(predictionEvent(), seq));
    while (socket.read());
    const received = (sub: number) =>
      socket.received.filter((m) => m.sub === sub).map(({ seq, dropped }) => [seq, dropped]);
    expect(received(1)).toEqual([
      [1, 0],
      [9, 7],
    ]);
    expect(received(2).length).toBe(9);
  });

  it('disconnects above cut_bytes and sends nothing afterwards', () => {
    const { socket, stats, subscription } = setUp({ cut_bytes: 1000 });
    const markers = subscription(1, 'marker');
    for (let i = 0; i < 100; i++) markers.offer(publishJson(markerEvent('m'), i));
    expect(socket.closedWith).toBe(4429);
    expect(socket.bufferedAmount).toBeLessThan(1300);
    expect(stats.cut).toBe(1);
  });

  it('disconnects after cut_ms without progress, counted from the last sent message', () => {
    let nowUs = 0;
    const { socket, outbox } = setUp({ cut_ms: 100 }, { monoUs: () => nowUs, unixUs: () => 0, steppedUs: () => 0 });
    nowUs = 1e9;
    outbox.send(Buffer.from('{}'));
    outbox.send(Buffer.from('{}'));
    nowUs += 90_000;
    socket.read();
    nowUs += 90_000;
    outbox.checkProgress();
    expect(socket.closedWith).toBeNull();
    nowUs += 20_000;
    outbox.checkProgress();
    expect(socket.closedWith).toBe(4429);
  });

  it('never disconnects a client without unsent bytes', () => {
    let nowUs = 0;
    const { socket, outbox } = setUp({ cut_ms: 100 }, { monoUs: () => nowUs, unixUs: () => 0, steppedUs: () => 0 });
    outbox.send(Buffer.from('{}'));
    socket.read();
    nowUs = 1e12;
    outbox.checkProgress();
    expect(socket.closedWith).toBeNull();
  });
});

import { describe, expect, it } from 'vitest';
import { predictionEvent, rawEvent } from '../support/fake-service.ts';
import { closeAfterEach, startFake } from '../support/running-server.ts';

closeAfterEach();

describe('policy latest', () => {
  it('sends one event per period and always the newest', async () => {
    const { service, server, connect } = await startFake();
    const client = await connect();
    await client.ask({ id: 1, type: 'subscribe', stream: 'prediction', policy: 'latest', min_period_ms: 100 });
    for (let i = 0; i < 10; i++) service.publish(predictionEvent());
    expect(await client.next()).toMatchObject({ seq: 1, dropped: 0 });
    expect(await client.next()).toMatchObject({ seq: 10, dropped: 0 });
    expect(server.stats.sent.prediction).toBe(2);
    expect(server.stats.dropped.prediction).toBe(0);
  });
});

describe('resume', () => {
  it('replays kept events, counts lost ones, and detects another session', async () => {
    const { service, connect } = await startFake({ limits: { replay_events: 3 } });
    for (let i = 0; i < 10; i++) service.publish(predictionEvent());
    const client = await connect();
    const resume = async (session: string, last_seq: number, policy = 'all') => {
      const command = { id: 1, type: 'subscribe', stream: 'prediction', policy, resume: { session, last_seq } };
      const { result } = await client.ask(command);
      const resumed = (result as { resume: { replayed: number; missed: number | null } }).resume;
      const seqs: unknown[] = [];
      for (let i = 0; i < resumed.replayed; i++) seqs.push((await client.next())['seq']);
      return { ...resumed, seqs };
    };
    expect(await resume('session-1', 8)).toEqual({ replayed: 2, missed: 0, seqs: [9, 10] });
    expect(await resume('session-1', 4)).toEqual({ replayed: 3, missed: 3, seqs: [8, 9, 10] });
    expect(await resume('session-1', 10)).toEqual({ replayed: 0, missed: 0, seqs: [] });
    expect(await resume('session-1', 4, 'latest')).toEqual({ replayed: 1, missed: 3, seqs: [10] });
    expect(await resume('session-1', 11)).toEqual({ replayed: 0, missed: null, seqs: [] });
    expect(await resume('session-0', 8)).toEqual({ replayed: 0, missed: null, seqs: [] });
  });
});

describe('raw', () => {
  it('is sent as binary frames only', async () => {
    const { service, connect } = await startFake();
    const client = await connect();
    await client.ask({ id: 1, type: 'subscribe', stream: 'raw' });
    service.publish(rawEvent(100, 20, 3));
    const frame = await client.nextBinary();
    expect(frame.subarray(0, 4).toString('latin1')).toBe('AER1');
    expect(frame.length).toBe(60 + 2 * 20 * 4);
    expect([frame.readUInt32LE(4), frame.readUInt32LE(8), frame.readUInt32LE(48)]).toEqual([1, 1, 3]);
    expect(frame.readDoubleLE(16)).toBe(100);
    expect(frame.readFloatLE(60 + 4 * 21)).toBe(1101); // channel 1, sample 101
  });
});

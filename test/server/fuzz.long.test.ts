/** Messages of clients on changed text: every one is parsed or refused, and none throws. */
import { expect, it } from 'vitest';
import { parseMessage } from '../../src/server/commands.ts';
import { fuzz } from '../support/fuzz.ts';

const MESSAGES = [
  { type: 'auth', token: 'secret' },
  { id: 1, type: 'subscribe', stream: 'prediction', policy: 'latest', min_period_ms: 250 },
  { id: 2, type: 'subscribe', stream: 'marker', resume: { session: 'a', last_seq: 4 } },
  { id: 3, type: 'unsubscribe', sub: 7 },
  { id: 4, type: 'marker', label: 'go' },
  { id: 5, type: 'ping' },
];

it('fuzzed messages of clients are parsed or refused', { timeout: 600_000 }, () => {
  const seeds = MESSAGES.map((message) => Buffer.from(JSON.stringify(message)));
  const kinds = new Set<string>();
  fuzz('messages', seeds, (bytes) => kinds.add(parseMessage(bytes.toString('utf8')).kind));
  expect([...kinds].sort()).toEqual(['auth', 'command', 'refused']);
});

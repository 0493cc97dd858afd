/** Replays a conversation on the wire: lines of JSON, `>` sent, `<` received. */
import { expect } from 'vitest';
import { TestClient } from '../support/test-client.ts';

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Fields whose values must be those of the document; of others, the kind of value. */
const EXACT = [
  'type',
  'id',
  'ok',
  'protocol',
  'auth',
  'schema',
  'stream',
  'source',
  'state',
  'simulated',
  'labels',
  'code',
];

/** Fails unless the server at `url` answers with the fields that the transcript shows. */
export async function replay(transcript: string, url: string): Promise<void> {
  const talk = new TestClient(url);
  try {
    // A server greets first, whether the transcript shows it or not.
    const greeting = await talk.next();
    for (const line of transcript.split('\n')) {
      const message = JSON.parse(line.slice(1)) as Record<string, Json>;
      if (line.startsWith('>')) talk.send(message);
      else if (message['type'] === 'hello') expect(greeting).toMatchObject(patternOf(message));
      else expect(await nextLike(talk, message)).toMatchObject(patternOf(message));
    }
  } finally {
    await talk.end();
  }
}

/** Predictions come in between, at first without a label. */
async function nextLike(talk: TestClient, { type, id, data }: Record<string, Json>): Promise<unknown> {
  for (;;) {
    const message = await talk.next();
    if (message.type !== type || (id !== undefined && message['id'] !== id)) continue;
    if (data === undefined || stateOf(message['data']) === stateOf(data)) return message;
  }
}

function stateOf(data: unknown): unknown {
  return (data as { state?: unknown }).state;
}

function patternOf(shown: { readonly [key: string]: Json }): Record<string, unknown> {
  const entries = Object.entries(shown).map(([key, value]) => [key, EXACT.includes(key) ? value : kindOf(value)]);
  return Object.fromEntries(entries);
}

function kindOf(value: Json): unknown {
  if (value === null) return null;
  if (Array.isArray(value)) return expect.any(Array);
  if (typeof value === 'object') return patternOf(value as { readonly [key: string]: Json });
  return expect.any({ boolean: Boolean, number: Number, string: String }[typeof value as 'string']);
}

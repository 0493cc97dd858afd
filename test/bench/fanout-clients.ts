/**
 * The clients of the fan-out benchmark, in a process of their own: COUNT clients that read everything. The process sends
 * `ready` to its parent, and after the message {total} the latencies once `total` messages have arrived.
 */
import { WebSocket } from 'ws';
import { percentiles } from './percentile.ts';

export interface Expectation {
  readonly total: number;
}
export type Report = 'ready' | { readonly latencyMs: { p50: number; p99: number } };

const EMIT = /"emit_us":(\d+(?:\.\d+)?)/;
const [url, count] = [process.argv[2]!, Number(process.argv[3])];
const latenciesMs: number[] = [];
let total = Number.POSITIVE_INFINITY;

const report = (message: Report): void => void process.send!(message);

function settle(): void {
  if (latenciesMs.length < total) return;
  report({ latencyMs: percentiles(latenciesMs) });
  latenciesMs.length = 0;
  total = Number.POSITIVE_INFINITY;
}

function receive(text: string): void {
  const nowUs = Number(process.hrtime.bigint() / 1000n);
  latenciesMs.push((nowUs - Number(EMIT.exec(text)![1])) / 1000);
  settle();
}

async function join(): Promise<void> {
  const socket = new WebSocket(url);
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('message', (data: Buffer) => {
      const text = data.toString();
      if (text.startsWith('{"type":"event"')) receive(text);
      else if (text.startsWith('{"type":"hello"')) socket.send('{"id":1,"type":"subscribe","stream":"features"}');
      else resolve();
    });
  });
}

process.on('message', (expectation: Expectation) => {
  total = expectation.total;
  settle();
});
process.on('disconnect', () => process.exit());
for (let i = 0; i < count; i++) await join();
report('ready');

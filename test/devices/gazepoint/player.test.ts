import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { filter, firstValueFrom, lastValueFrom, map, ReplaySubject, Subject, share, take, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { gazepointDevice } from '../../../devices/gazepoint/index.ts';
import { playTracker } from '../../../devices/gazepoint/player.ts';
import type { PlayerProgress } from '../../../devices/simulator/player.ts';
import { generatorSource, type SampleSource } from '../../../devices/simulator/source.ts';
import { type Clock, systemClock } from '../../../src/clock.ts';
import type { Block, DeviceEvent } from '../../../src/samples.ts';
import { createGazeGenerator } from '../../../src/simulation/gaze/generator.ts';

const person = () => createGazeGenerator({ seed: 7, preset: 'demo', sampleRateHz: 150 });
/** Four times real time. */
const fast: Clock = { ...systemClock, monoUs: () => 4 * systemClock.monoUs() };

async function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

describe('a simulated Gazepoint tracker', () => {
  it("sends the generator's samples over TCP, to the precision of its decimals, as a simulated tracker", async () => {
    const port = await freePort();
    const player$ = playTracker({ source: generatorSource(person()), port, clock: fast }).pipe(share());
    const playing = player$.subscribe();
    await firstValueFrom(player$);
    const { events$ } = gazepointDevice({ host: '127.0.0.1', port, clock: systemClock });
    const isBlock = (event: DeviceEvent): event is Extract<DeviceEvent, { type: 'samples' }> =>
      event.type === 'samples';
    const blocks: Block[] = await firstValueFrom(
      events$.pipe(
        filter(isBlock),
        map(({ block }) => block),
        take(600),
        toArray(),
      ),
    );
    playing.unsubscribe();

    expect(blocks[0]!.info).toEqual({
      ...person().info,
      deviceId: 'gazepoint-simulator',
      geometry: { screenPx: person().info.geometry!.screenPx },
    });
    const made = person().next(20_000).data;
    const rowOf = (sample: number): number[] => Array.from({ length: 6 }, (_, c) => made[c * 20_000 + sample]!);
    const isRow = (block: Block, sample: number): boolean =>
      rowOf(sample).every((value, c) =>
        Number.isNaN(value) ? Number.isNaN(block.data[c]!) : Math.abs(value - block.data[c]!) < 0.02,
      );
    const first = Array.from({ length: 10_000 }, (_, sample) => sample).find((sample) =>
      blocks.slice(0, 5).every((block) => isRow(block, sample + block.firstSample)),
    )!;
    expect(blocks.filter((block) => !isRow(block, first + block.firstSample))).toEqual([]);
  });

  it('holds a recording until a client asks for data, plays all of it, and completes', async () => {
    const port = await freePort();
    let [left, ticks] = [90, 0];
    const { info, next } = generatorSource(person());
    const source: SampleSource = {
      info,
      next(wanted) {
        const length = Math.min(wanted, left);
        left -= length;
        return length === 0 ? undefined : next(length);
      },
    };
    const tick$ = new Subject<void>();
    const pace = (tick: () => void): (() => void) => {
      const ticking = tick$.subscribe(tick);
      return () => ticking.unsubscribe();
    };
    /** A tick advances the clock by 0.1 s. */
    const clock: Clock = { ...systemClock, monoUs: () => ticks * 1e5 };
    const play = (times: number): void => {
      for (let i = 0; i < times; i++) {
        ticks++;
        tick$.next();
      }
    };
    const reports$ = new ReplaySubject<PlayerProgress>();
    playTracker({ source, port, clock, pace }).subscribe(reports$);
    await firstValueFrom(reports$);
    const client = connect(port, '127.0.0.1');
    const heard: string[] = [];
    client.on('data', (bytes) => heard.push(bytes.toString('latin1')));
    await once(client, 'connect');
    // A connected client has not asked for data yet.
    play(100);
    client.write(['COUNTER', 'DATA'].map((what) => `<SET ID="ENABLE_SEND_${what}" STATE="1" />\r\n`).join(''));
    await once(client, 'data');
    play(8);
    const last = await lastValueFrom(reports$);
    await once(client, 'close');

    expect(left).toBe(0);
    expect(last).toMatchObject({ made: 90, delivered: 90, dropped: 0, damaged: 0, late: 0 });
    const counts = [...heard.join('').matchAll(/<REC CNT="(\d+)"/g)].map(([, count]) => Number(count));
    expect(counts).toEqual(Array.from({ length: 90 }, (_, i) => i + 1));
  });

  it('is refused for a source without a screen', () => {
    const source = generatorSource(person());
    const { geometry: _, ...info } = source.info;
    expect(() => playTracker({ source: { ...source, info }, port: 0, clock: fast })).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining('--screen-px') }),
    );
  });
});

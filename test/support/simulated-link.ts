/** A simulated device and the host's protocol driver, connected without a port and run as fast as possible. */
import { Observable } from 'rxjs';
import type { SerialProtocol } from '../../devices/serial/protocol.ts';
import { createAmplifier } from '../../devices/simulator/amplifier.ts';
import { parseFaults } from '../../devices/simulator/faults.ts';
import type { SampleSource } from '../../devices/simulator/source.ts';
import type { VirtualClock } from '../../src/clock.ts';
import type { DeviceEvent } from '../../src/samples.ts';

export interface SimulatedLinkOptions {
  readonly protocol: SerialProtocol;
  readonly source: SampleSource;
  /** Seed of the random faults. */
  readonly seed: number;
  readonly seconds: number;
  readonly clock: VirtualClock;
  readonly faults?: string;
}

const STEP_US = 20_000;
const STEPS_PER_TURN = 50;

/** Emits the events of a simulated device; the clock advances by 20 ms a step. */
export function simulatedLink(options: SimulatedLinkOptions): Observable<DeviceEvent> {
  const { protocol, clock, source, seed, seconds, faults = '' } = options;
  return new Observable((subscriber) => {
    const amplifier = createAmplifier({
      protocol: protocol.name === 'biosignal' ? 'biosignal' : 'openbci-cyton',
      source,
      faults: parseFaults(faults),
      seed,
    });
    const driver = protocol.createDriver({ baud: protocol.defaultBaud });
    const write = (chunks: readonly Uint8Array[]): void => {
      for (const bytes of chunks) amplifier.receive(bytes);
    };
    amplifier.advance(0);
    write(driver.opened(0));
    const turn = (): void => {
      for (let step = 0; step < STEPS_PER_TURN && !subscriber.closed; step++) {
        const nowUs = clock.monoUs() + STEP_US;
        clock.advanceTo(nowUs);
        for (const event of driver.push(amplifier.advance(nowUs), nowUs)) subscriber.next(event);
        for (const event of driver.tick(nowUs)) subscriber.next(event);
        write(driver.takeWrites());
        if (nowUs >= seconds * 1e6) {
          subscriber.complete();
          return;
        }
      }
      if (!subscriber.closed) setImmediate(turn);
    };
    turn();
  });
}

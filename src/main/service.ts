/** The composition of a running service: device -> pipeline -> server. */
import { randomUUID } from 'node:crypto';
import { Subject, type Subscription } from 'rxjs';
import type { Device } from '../../devices/device.ts';
import type { Clock } from '../clock.ts';
import type { Notice, StreamEvent } from '../events.ts';
import { given } from '../given.ts';
import type { ModelBundle } from '../model/bundle.ts';
import { pipeline } from '../pipeline.ts';
import { momentOf } from '../pipeline-session.ts';
import { type ServerOptions, startServer } from '../server/server.ts';
import type { Service } from '../service.ts';

export interface RunningService {
  readonly wsUrl: string;
  readonly httpUrl: string;
  /** Subscribes to the device: resolves at a recording's end, rejects with what the device or the model can't mend. */
  run(): Promise<void>;
  close(): Promise<void>;
}

export interface ServiceParts {
  readonly device: Device;
  readonly model: ModelBundle;
  readonly clock: Clock;
  readonly server: ServerOptions;
  readonly hopS?: number;
  /** True where the signal is known to be simulated before the device says so. */
  readonly simulated: boolean;
  /** Sees every event as the clients do. */
  readonly onEvent?: (event: StreamEvent | Notice) => void;
}

/** Listens at once; nothing is read from the device before `run`. */
export async function startService(parts: ServiceParts): Promise<RunningService> {
  const { device, model, clock } = parts;
  const events$ = new Subject<StreamEvent | Notice>();
  let readiness = { ready: false, reason: `waiting for ${device.name}` };
  let simulatedSignal = parts.simulated;
  let subscription: Subscription | null = null;
  let stop: () => void = () => {};

  const publish = (event: StreamEvent | Notice): void => {
    if ('stream' in event && event.stream === 'device') {
      readiness = { ready: event.data.state === 'streaming', reason: event.data.message };
    } else if ('stream' in event && event.stream === 'raw') {
      simulatedSignal = event.block.info.simulated;
    }
    parts.onEvent?.(event);
    events$.next(event);
  };

  const service: Service = {
    session: randomUUID(),
    events$: events$.asObservable(),
    model: { ...model.description, ...(parts.hopS === undefined ? {} : { hop_ms: parts.hopS * 1000 }) },
    get simulated() {
      return simulatedSignal || model.description.simulated;
    },
    readiness: () => readiness,
    mark(label) {
      publish({ stream: 'marker', t: momentOf(clock), data: { label, origin: 'client' } });
    },
  };
  const server = await startServer(service, parts.server);

  const close = async (): Promise<void> => {
    subscription?.unsubscribe();
    stop();
    events$.complete();
    await server.close();
    await model.close();
  };
  let closing: Promise<void> | undefined;

  return {
    wsUrl: server.wsUrl,
    httpUrl: server.httpUrl,
    run: () =>
      new Promise((resolve, reject) => {
        if (closing !== undefined) return resolve();
        stop = resolve;
        subscription = pipeline(device.events$, { model, clock, ...given({ hopS: parts.hopS }) }).subscribe({
          next: publish,
          error: reject,
          complete: resolve,
        });
      }),
    close() {
      closing ??= close();
      return closing;
    },
  };
}

/** The composition of a running service: devices -> pipelines -> fusion -> server. */
import { randomUUID } from 'node:crypto';
import { merge, mergeMap, type Observable, Subject, type Subscription } from 'rxjs';
import type { Device } from '../../devices/device.ts';
import type { ModelDescription, Notice, Source, StreamEvent } from '../api/events.ts';
import type { Service } from '../api/service.ts';
import type { Clock } from '../clock.ts';
import { given } from '../given.ts';
import type { ModelBundle } from '../model/bundle.ts';
import { Fusion } from '../pipeline/fusion.ts';
import { Company, persistentPipeline } from '../pipeline/persistent.ts';
import { pipeline } from '../pipeline/pipeline.ts';
import { momentOf } from '../pipeline/session.ts';
import { withHop } from '../preprocess/index.ts';
import type { Modality, StreamInfo } from '../samples.ts';
import { type ServerOptions, startServer } from '../server/server.ts';

export interface RunningService {
  readonly wsUrl: string;
  readonly httpUrl: string;
  /** Subscribes to the devices: resolves at a recording's end, rejects with what a device or a model can't mend. */
  run(): Promise<void>;
  close(): Promise<void>;
}

/** A device and the model that listens to it. */
export interface ServiceSource {
  readonly device: Device;
  readonly model: ModelBundle;
  /** True where the signal is known to be simulated before the device says so. */
  readonly simulated: boolean;
  /** Of an eye tracker's screen, as far as the user says it. */
  readonly geometry?: StreamInfo['geometry'];
}

export interface ServiceParts {
  /** Of different modalities; the first is the main one. */
  readonly sources: readonly [ServiceSource, ...ServiceSource[]];
  readonly clock: Clock;
  readonly server: ServerOptions;
  readonly hopS?: number;
  /** Sees every event as the clients do. */
  readonly onEvent?: (event: StreamEvent | Notice) => void;
}

/** Listens at once; nothing is read from the devices before `run`. Throws CONFIG_INVALID for sources that can't be fused. */
export async function startService(parts: ServiceParts): Promise<RunningService> {
  const { sources, clock, hopS } = parts;
  // A hop that a modality can't have is refused before anybody listens.
  for (const { model } of sources) withHop(model.manifest, hopS);
  const events$ = new Subject<StreamEvent | Notice>();
  const described = ({ model }: ServiceSource): ModelDescription => ({
    ...model.description,
    ...given({ hop_ms: hopS === undefined ? undefined : hopS * 1000 }),
  });
  const [first, ...others] = sources;
  const models = [described(first), ...others.map(described)] as const;
  const fusion = models.length > 1 ? new Fusion(models) : null;
  const modalities = models.map(({ modality }) => modality);
  const readiness = new Map(
    sources.map(({ device, model }) => [
      model.description.modality,
      { ready: false, reason: `waiting for ${device.name}` },
    ]),
  );
  const simulatedSignals = new Map<Modality, boolean>(
    sources.map(({ model, simulated }) => [model.description.modality, simulated]),
  );
  let subscription: Subscription | null = null;
  let stop: () => void = () => {};

  const publish = (event: StreamEvent | Notice): void => {
    if ('stream' in event && event.stream === 'device') {
      readiness.set(event.source, { ready: event.data.state === 'streaming', reason: event.data.message });
    } else if ('stream' in event && event.stream === 'raw') {
      simulatedSignals.set(event.source, event.block.info.simulated);
    }
    parts.onEvent?.(event);
    events$.next(event);
  };

  const service: Service = {
    session: randomUUID(),
    events$: events$.asObservable(),
    models,
    sources: fusion === null ? modalities : [...modalities, 'fusion' satisfies Source],
    get simulated() {
      return [...simulatedSignals.values()].some(Boolean) || models.some(({ simulated }) => simulated);
    },
    // One device of several is enough to predict.
    readiness: () => [...readiness.values()].find(({ ready }) => ready) ?? readiness.get(models[0].modality)!,
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
    await Promise.all(sources.map(({ model }) => model.close()));
  };
  let closing: Promise<void> | undefined;

  return {
    wsUrl: server.wsUrl,
    httpUrl: server.httpUrl,
    run: () =>
      new Promise((resolve, reject) => {
        if (closing !== undefined) return resolve();
        stop = resolve;
        // A device that fails alone ends the service; beside another one it is away.
        const company = new Company(sources.length);
        const streams = sources.map(({ device, model, geometry }) => {
          const options = { model, clock, ...given({ hopS, geometry }) };
          return sources.length > 1
            ? persistentPipeline(device.events$, options, company)
            : pipeline(device.events$, options);
        });
        subscription = fused(merge(...streams), fusion).subscribe({ next: publish, error: reject, complete: resolve });
      }),
    close() {
      closing ??= close();
      return closing;
    },
  };
}

/** Behind each prediction, what it means together with the other sources'. */
function fused(events$: Observable<StreamEvent | Notice>, fusion: Fusion | null): Observable<StreamEvent | Notice> {
  if (fusion === null) return events$;
  return events$.pipe(
    mergeMap((event) => {
      const together = 'stream' in event && event.stream === 'prediction' ? fusion.push(event) : null;
      return together === null ? [event] : [event, together];
    }),
  );
}

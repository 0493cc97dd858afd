/** The composition of a running service: devices -> pipelines -> fusion -> server. */
import { randomUUID } from 'node:crypto';
import {
  defer,
  firstValueFrom,
  ignoreElements,
  lastValueFrom,
  merge,
  mergeMap,
  type Observable,
  ReplaySubject,
  Subject,
  shareReplay,
  takeUntil,
  tap,
} from 'rxjs';
import type { Device } from '../../devices/device.ts';
import type { ModelDescription, Notice, StreamEvent } from '../api/events.ts';
import type { Service } from '../api/service.ts';
import type { Clock } from '../clock.ts';
import { given } from '../given.ts';
import type { ModelBundle } from '../model/bundle.ts';
import { EventOrder } from '../pipeline/event-order.ts';
import { Fusion } from '../pipeline/fusion.ts';
import { persistentPipeline, SourceGroup } from '../pipeline/persistent.ts';
import { pipeline } from '../pipeline/pipeline.ts';
import { timeOfNow } from '../pipeline/stream-clock.ts';
import { withHop } from '../preprocess/index.ts';
import type { StreamInfo } from '../samples.ts';
import type { ServerOptions } from '../server/config.ts';
import { startServer } from '../server/server.ts';
import { ClockSteps } from './clock-steps.ts';
import { SourceStates } from './source-states.ts';

export interface RunningService {
  readonly wsUrl: string;
  readonly httpUrl: string;
  /** Subscribes to the devices. Resolves at a recording's end, rejects with a fatal error of a device or a model. */
  run(): Promise<void>;
  close(): Promise<void>;
}

/** A device and the model that it feeds. */
export interface ServiceSource {
  readonly device: Device;
  readonly model: ModelBundle;
  /** Whether the signal is known to be simulated before the device reports it. */
  readonly simulated: boolean;
  /** The screen of an eye tracker, as far as the user states it. */
  readonly geometry?: StreamInfo['geometry'];
}

export interface ServiceParts {
  /** One per modality; the first is the main one. */
  readonly sources: readonly [ServiceSource, ...ServiceSource[]];
  readonly clock: Clock;
  readonly server: ServerOptions;
  readonly hopS?: number;
  /** Called for every event, in the clients' order. */
  readonly onEvent?: (event: StreamEvent | Notice) => void;
}

/**
 * Listens at once; nothing is read from the devices before `run`. Throws CONFIG_INVALID for a hop that a model's modality
 * can't have and for sources that can't be fused.
 */
export async function startService(parts: ServiceParts): Promise<RunningService> {
  const { sources, clock, hopS, onEvent } = parts;
  for (const { model } of sources) withHop(model.manifest, hopS);
  const described = ({ model }: ServiceSource): ModelDescription => ({
    ...model.description,
    ...given({ hop_ms: hopS === undefined ? undefined : hopS * 1000 }),
  });
  const [first, ...others] = sources;
  const models = [described(first), ...others.map(described)] as const;
  const fusion = models.length > 1 ? new Fusion(models) : null;
  const state = new SourceStates(sources);
  const events$ = new Subject<StreamEvent | Notice>();
  const order = new EventOrder();
  const steps = new ClockSteps(clock);
  const pass = (event: StreamEvent | Notice): void => {
    state.update(event);
    onEvent?.(event);
    events$.next(event);
  };
  const publish = (event: StreamEvent | Notice): void => {
    const step = steps.check();
    if (step !== null) pass(step);
    pass('stream' in event ? order.follow(event) : event);
  };

  const service: Service = {
    session: randomUUID(),
    events$: events$.asObservable(),
    models,
    sources: [...models.map(({ modality }) => modality), ...(fusion === null ? [] : (['fusion'] as const))],
    get simulated() {
      return state.simulated || models.some(({ simulated }) => simulated);
    },
    readiness: () => state.readiness,
    mark: (label) =>
      publish({ stream: 'marker', t: timeOfNow(clock), source: null, data: { label, origin: 'client' } }),
  };
  const server = await startServer(service, parts.server);

  const closed$ = new ReplaySubject<void>(1);
  const closing$ = defer(async () => {
    closed$.next();
    events$.complete();
    await server.close();
    await Promise.all(sources.map(({ model }) => model.close()));
  }).pipe(shareReplay(1));

  return {
    wsUrl: server.wsUrl,
    httpUrl: server.httpUrl,
    run: () =>
      lastValueFrom(eventsOf(parts, fusion).pipe(tap(publish), takeUntil(closed$), ignoreElements()), {
        defaultValue: undefined,
      }),
    close: () => firstValueFrom(closing$),
  };
}

/** The events of all devices. A device that fails alone is an error; beside another one it is away and is tried again. */
function eventsOf({ sources, clock, hopS }: ServiceParts, fusion: Fusion | null): Observable<StreamEvent | Notice> {
  const group = new SourceGroup(sources.length);
  const streams = sources.map(({ device, model, geometry }) => {
    const options = { model, clock, ...given({ hopS, geometry }) };
    return sources.length > 1 ? persistentPipeline(device.events$, options, group) : pipeline(device.events$, options);
  });
  return merge(...streams).pipe(
    mergeMap((event) => {
      const isPrediction = 'stream' in event && event.stream === 'prediction';
      const fused = isPrediction ? fusion?.push(event) : null;
      return fused ? [event, fused] : [event];
    }),
  );
}

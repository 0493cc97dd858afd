/** Composes the stages with RxJS: device events in, stream events out. All state is created per subscription. */
import {
  concat,
  concatAll,
  concatMap,
  connect,
  defer,
  distinctUntilChanged,
  EMPTY,
  filter,
  last,
  map,
  merge,
  mergeMap,
  type Observable,
  Subject,
  switchMap,
  takeUntil,
  tap,
  timer,
} from 'rxjs';
import type { Notice, StreamEvent } from '../api/events.ts';
import { withHop } from '../preprocess/index.ts';
import type { DeviceEvent } from '../samples.ts';
import { DeviceStream, type PipelineOptions } from './device-stream.ts';
import { Inference } from './inference.ts';
import { stalePrediction } from './to-events.ts';

/** A window is overdue this long after its hop and the stated delay. */
const OVERDUE_MS = 500;
/** A timer may fire this much early by the monotonic clock. */
const TIMER_EARLY_US = 20_000;

/**
 * Errors with `MODEL_MISMATCH` or `MONTAGE_MISSING_ELECTRODE` where the device can't feed the model, and with whatever
 * the device errors with. Completes with the device, after the last window.
 */
export function pipeline(device$: Observable<DeviceEvent>, options: PipelineOptions): Observable<StreamEvent | Notice> {
  return defer(() => {
    const { model, clock } = options;
    const stream = new DeviceStream(options);
    const inference = new Inference(model, clock);
    const windows$ = new Subject<void>();
    // Preprocessing runs on arrival; only windows queue for the model, so that no block waits in memory.
    const live = (shared$: Observable<DeviceEvent>) =>
      concat(
        shared$.pipe(mergeMap((event) => stream.on(event))),
        defer(() => stream.finish()),
      ).pipe(
        tap((item) => {
          if ('window' in item) windows$.next();
        }),
        concatMap(async (item) => ('window' in item ? inference.run(item) : [item])),
        concatAll(),
      );
    const hopMs = hopMsOf(options);
    /** Emits once the next window is overdue by the clock, which stands still while a replay has no data. */
    const overdue = (): Observable<unknown> => {
      const waitMs = hopMs + OVERDUE_MS + stream.delayUs / 1000;
      const sinceUs = clock.monoUs();
      return timer(waitMs, hopMs).pipe(filter(() => clock.monoUs() - sinceUs >= waitMs * 1000 - TIMER_EARLY_US));
    };
    // While the device is away, attempts to reconnect included, or is silent, a timer keeps reporting `stale`.
    const stale = (shared$: Observable<DeviceEvent>) =>
      merge(
        windows$.pipe(map(() => 'window' as const)),
        shared$.pipe(
          filter((event) => event.type === 'status'),
          map(({ state }) => state),
          filter((state) => state !== 'connecting'),
          distinctUntilChanged(),
        ),
      ).pipe(
        switchMap((state) => (state === 'lost' ? timer(0, hopMs) : state === 'window' ? overdue() : EMPTY)),
        map(() => stalePrediction(model.manifest, clock, stream.lastWindow, stream.simulated)),
        takeUntil(shared$.pipe(last(null, null))),
      );
    return device$.pipe(connect((shared$) => merge(live(shared$), stale(shared$))));
  });
}

/** Milliseconds between predictions. */
export function hopMsOf({ model, hopS }: PipelineOptions): number {
  return withHop(model.manifest, hopS).preprocess.hop_s * 1000;
}

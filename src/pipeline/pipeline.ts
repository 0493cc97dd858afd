/** RxJS composes what the stages compute: device events in, stream events out; all state is born per subscription. */
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
  switchMap,
  takeUntil,
  timer,
} from 'rxjs';
import type { Notice, StreamEvent } from '../api/events.ts';
import type { DeviceEvent } from '../samples.ts';
import { type PipelineOptions, PipelineSession } from './session.ts';

/**
 * Errors with `MODEL_MISMATCH` or `MONTAGE_MISSING_ELECTRODE` where the device can't feed the model, and with whatever
 * the device errors with. Completes with the device, after the last window.
 */
export function pipeline(device$: Observable<DeviceEvent>, options: PipelineOptions): Observable<StreamEvent | Notice> {
  return defer(() => {
    const session = new PipelineSession(options);
    // Preprocessing runs on arrival; only windows queue for the model, so that no block waits in memory.
    const live = (shared$: Observable<DeviceEvent>) =>
      concat(
        shared$.pipe(mergeMap((event) => session.on(event))),
        defer(() => session.finish()),
      ).pipe(
        concatMap((item) => session.complete(item)),
        concatAll(),
      );
    // While the device is away nothing arrives, so the stream itself keeps saying that its last word is stale, attempts
    // to connect again included.
    const stale = (shared$: Observable<DeviceEvent>) =>
      shared$.pipe(
        filter((event) => event.type === 'status'),
        map(({ state }) => state),
        filter((state) => state !== 'connecting'),
        distinctUntilChanged(),
        switchMap((state) => (state === 'lost' ? timer(0, session.hopMs) : EMPTY)),
        map(() => session.stale()),
        takeUntil(shared$.pipe(last(null, null))),
      );
    return device$.pipe(connect((shared$) => merge(live(shared$), stale(shared$))));
  });
}

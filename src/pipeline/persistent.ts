/** One source among several: when it fails the others go on, so it reports that it is away and tries again. */
import {
  concat,
  defer,
  finalize,
  from,
  map,
  merge,
  type Observable,
  retry,
  Subject,
  switchMap,
  takeUntil,
  tap,
  throwError,
  timer,
} from 'rxjs';
import type { Notice, StreamEvent } from '../api/events.ts';
import { type ErrorCode, isAffectEdgeError, messageOf } from '../errors.ts';
import type { DeviceEvent } from '../samples.ts';
import { DeviceStatus } from './device-status.ts';
import type { PipelineOptions } from './device-stream.ts';
import { hopMsOf, pipeline } from './pipeline.ts';
import type { SpanTime } from './stream-clock.ts';
import { stalePrediction } from './to-events.ts';

const RETRY_MS = 10_000;
/** Errors that only the user can fix. They end the service, unless this source has worked before. */
const USER_ERRORS: readonly ErrorCode[] = [
  'CONFIG_INVALID',
  'MODEL_MISMATCH',
  'MODEL_INVALID',
  'MONTAGE_MISSING_ELECTRODE',
  'RATE_UNSUPPORTED',
];

/** Which of a service's sources have failed before they ever worked. */
export class SourceGroup {
  readonly #size: number;
  readonly #failed = new Set<object>();

  constructor(size: number) {
    this.#size = size;
  }

  /** Returns whether another source is left that may go on. */
  addFailure(source: object): boolean {
    this.#failed.add(source);
    return this.#failed.size < this.#size;
  }

  removeFailure(source: object): void {
    this.#failed.delete(source);
  }
}

/**
 * As `pipeline`, but after an error it reports the device as lost and tries again every 10 s. Before its first sample it
 * errors with what only the user can fix, and when all sources of its group have failed.
 */
export function persistentPipeline(
  device$: Observable<DeviceEvent>,
  options: PipelineOptions,
  group: SourceGroup,
): Observable<StreamEvent | Notice> {
  return defer(() => {
    const failures$ = new Subject<unknown>();
    const source = {};
    let hasWorked = false;
    let last: SpanTime | null = null;
    const main$ = pipeline(device$, options).pipe(
      tap((event) => {
        if ('stream' in event && event.stream === 'prediction') last = event.t;
        if (hasWorked || !('stream' in event) || event.stream !== 'raw') return;
        hasWorked = true;
        group.removeFailure(source);
      }),
      retry({
        delay: (error) => {
          const isUserError = USER_ERRORS.some((code) => isAffectEdgeError(error, code));
          if (!hasWorked && (isUserError || !group.addFailure(source))) return throwError(() => error);
          failures$.next(error);
          return timer(RETRY_MS);
        },
      }),
      finalize(() => failures$.complete()),
    );
    const away$ = failures$.pipe(switchMap((error) => away(error, options, last)));
    return merge(away$, main$);
  });
}

/** The events until the next attempt. */
function away(error: unknown, options: PipelineOptions, last: SpanTime | null): Observable<StreamEvent | Notice> {
  const { model, clock } = options;
  const status = new DeviceStatus(model.manifest.modality, clock);
  const stale$ = timer(0, hopMsOf(options)).pipe(
    map(() => stalePrediction(model.manifest, clock, last, false)),
    takeUntil(timer(RETRY_MS)),
  );
  return concat(from(status.change('lost', messageOf(error), RETRY_MS)), stale$);
}

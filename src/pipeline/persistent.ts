/** A source among several: where it fails the others go on, so it says that it is away and tries again. */
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
import { pipeline } from './pipeline.ts';
import { type PipelineOptions, PipelineSession } from './session.ts';

const RETRY_MS = 10_000;
/** What whoever started the service has to mend, and not time: it ends everything, as long as this source never worked. */
const TO_BE_MENDED: readonly ErrorCode[] = [
  'CONFIG_INVALID',
  'MODEL_MISMATCH',
  'MODEL_INVALID',
  'MONTAGE_MISSING_ELECTRODE',
  'RATE_UNSUPPORTED',
];

/** The sources of one service, as far as each has to know of the others: who failed before it ever worked. */
export class Company {
  readonly #size: number;
  readonly #failed = new Set<object>();

  constructor(size: number) {
    this.#size = size;
  }

  /** False: nobody is left who could go on. */
  failed(member: object): boolean {
    this.#failed.add(member);
    return this.#failed.size < this.#size;
  }

  works(member: object): void {
    this.#failed.delete(member);
  }
}

/** As `pipeline`; before the first sample errors with what has to be mended, and where all of its company has failed. */
export function persistentPipeline(
  device$: Observable<DeviceEvent>,
  options: PipelineOptions,
  company: Company,
): Observable<StreamEvent | Notice> {
  return defer(() => {
    const failures$ = new Subject<unknown>();
    const member = {};
    let hasWorked = false;
    const main$ = pipeline(device$, options).pipe(
      tap((event) => {
        if (hasWorked || !('stream' in event) || event.stream !== 'raw') return;
        hasWorked = true;
        company.works(member);
      }),
      retry({
        delay: (error) => {
          const isToBeMended = TO_BE_MENDED.some((code) => isAffectEdgeError(error, code));
          if (!hasWorked && (isToBeMended || !company.failed(member))) return throwError(() => error);
          failures$.next(error);
          return timer(RETRY_MS);
        },
      }),
      finalize(() => failures$.complete()),
    );
    const away$ = failures$.pipe(switchMap((error) => away(error, options)));
    return merge(away$, main$);
  });
}

/** What is said until the next attempt. */
function away(error: unknown, options: PipelineOptions): Observable<StreamEvent | Notice> {
  const session = new PipelineSession(options);
  const lost = session.on({ type: 'status', state: 'lost', message: messageOf(error), retryInMs: RETRY_MS });
  const stale$ = timer(0, session.hopMs).pipe(
    map(() => session.stale()),
    takeUntil(timer(RETRY_MS)),
  );
  // A status leads to events alone, and to no window.
  return concat(from(lost as (StreamEvent | Notice)[]), stale$);
}

import { Observable } from 'rxjs';
import type { Clock } from '../../src/clock.ts';
import { AffectEdgeError } from '../../src/errors.ts';
import { gazeLayout } from '../../src/gaze/geometry.ts';
import type { StreamInfo } from '../../src/samples.ts';
import { everyMs, type Pace } from '../simulator/pace.ts';
import type { PlayerProgress } from '../simulator/player.ts';
import type { SampleSource, SourceChunk } from '../simulator/source.ts';
import type { TrackedEye } from './tracker.ts';
import { TrackerServer } from './tracker-server.ts';

export interface TrackerPlayerOptions {
  /** Gaze in pixels; its info has the size of the screen. */
  readonly source: SampleSource;
  readonly port: number;
  /** Address to listen on; default: this computer only. */
  readonly host?: string;
  readonly clock: Clock;
  readonly pace?: Pace;
}

const REPORT_US = 1e6;

/**
 * Plays a source as a Gazepoint tracker does, in real time, to all clients. Emits progress once it listens and then
 * about once a second, and completes at a recording's end. A recording waits for the first client that asks for data;
 * later frames without a client are dropped. Errors are ADDRESS_IN_USE and PORT_FAILED.
 *
 * @throws CONFIG_INVALID for a source without gaze in pixels.
 */
export function playTracker(options: TrackerPlayerOptions): Observable<PlayerProgress> {
  const { source, port, host = '127.0.0.1', clock, pace = everyMs(5) } = options;
  const { sampleRateHz, simulated } = source.info;
  const { screenPx, eyesOf } = trackerOf(source.info);
  return new Observable((subscriber) => {
    const server = new TrackerServer({ rateHz: sampleRateHz, screenPx, ...(simulated ? {} : { product: 'GP3' }) });
    const counts = { made: 0, delivered: 0, dropped: 0, damaged: 0, late: 0 };
    /** Frames since the tracker started. */
    let frames = 0;
    let stop = (): void => undefined;

    const report = (): void =>
      subscriber.next({ ...counts, bytesSent: server.bytes.sent, bytesReceived: server.bytes.received });

    const play = (chunk: SourceChunk): void => {
      frames += chunk.lostBefore;
      for (let i = 0; i < chunk.length; i++) {
        frames++;
        const isSent = server.send({ count: frames, timeS: frames / sampleRateHz, ...eyesOf(chunk, i) });
        counts.made++;
        counts[isSent ? 'delivered' : 'dropped']++;
      }
    };

    const start = (): void => {
      if (subscriber.closed) return;
      let startedUs = clock.monoUs();
      let reportedUs = startedUs;
      let isWaiting = !source.endless;
      report();
      stop = pace(() => {
        const nowUs = clock.monoUs();
        if (isWaiting) {
          startedUs = nowUs;
          isWaiting = !server.streaming;
        }
        const due = Math.floor(((nowUs - startedUs) * sampleRateHz) / 1e6);
        while (frames < due) {
          const chunk = source.next(due - frames);
          if (!chunk) {
            report();
            subscriber.complete();
            return;
          }
          play(chunk);
        }
        if (nowUs - reportedUs < REPORT_US) return;
        reportedUs = nowUs;
        report();
      });
    };

    const listening = server.listen(port, host);
    listening.then(start, (error: unknown) => subscriber.error(error));
    return () => {
      stop();
      listening.then(() => server.close()).catch(() => undefined);
    };
  });
}

/** Maps a source's channels to a tracker's values; where the source has one gaze or pupil, it is used for both eyes. */
function trackerOf(info: StreamInfo) {
  const { unit, eyes, pupils, pupilUnit } = gazeLayout(info);
  const screenPx = info.geometry?.screenPx;
  if (unit !== 'px' || !screenPx) {
    throw new AffectEdgeError(
      'CONFIG_INVALID',
      `${info.deviceId} gives gaze in ${unit}${unit === 'px' ? ' without the size of its screen' : ''}: a Gazepoint ` +
        'tracker sends fractions of the screen, so give gaze in pixels and --screen-px (as 1920x1080)',
    );
  }
  const eyeOf = ({ data, length }: SourceChunk, i: number, e: 0 | 1): TrackedEye => {
    const value = (channel: number | undefined): number =>
      channel === undefined ? Number.NaN : data[channel * length + i]!;
    const { x, y } = eyes[e] ?? eyes[0]!;
    const pupil = value(pupils[e] ?? pupils[0]);
    return {
      x: value(x) / screenPx[0],
      y: value(y) / screenPx[1],
      pupilMm: pupilUnit === 'mm' ? pupil : Number.NaN,
      pupilPx: pupilUnit === 'px' ? pupil : Number.NaN,
    };
  };
  const eyesOf = (chunk: SourceChunk, i: number) => ({ left: eyeOf(chunk, i, 0), right: eyeOf(chunk, i, 1) });
  return { screenPx, eyesOf };
}

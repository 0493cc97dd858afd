/** A recording in place of a device, with the clock that belongs to its speed. */
import { tap } from 'rxjs';
import type { Device } from '../../devices/device.ts';
import { replayDevice } from '../../devices/replay/replay.ts';
import { type Clock, systemClock, VirtualClock } from '../clock.ts';
import type { Recording } from '../formats/recording.ts';

/** At full speed the recording's own time runs the clock, so that the events of two runs are the same. */
export function createReplay(recording: Recording, speed: number | 'max'): { device: Device; clock: Clock } {
  const device = replayDevice({ recording, speed, clock: systemClock });
  if (speed !== 'max') return { device, clock: systemClock };
  const clock = new VirtualClock(recording.startUnixUs ?? 0);
  const events$ = device.events$.pipe(
    tap((event) => {
      if (event.type !== 'samples') return;
      const { hostTimeUs, length, info } = event.block;
      clock.advanceTo(hostTimeUs + (length * 1e6) / info.sampleRateHz);
    }),
  );
  return { device: { ...device, events$ }, clock };
}

/** A recording as a device, with its own clock. */
import { map } from 'rxjs';
import type { Device } from '../../devices/device.ts';
import { replayDevice } from '../../devices/replay/replay.ts';
import { type Clock, systemClock, VirtualClock } from '../clock.ts';
import type { Recording } from '../formats/recording.ts';

/**
 * The clock follows the recording's own time at every speed. It starts now; at full speed it starts at the recording's own
 * start, so that two runs give the same events.
 */
export function createReplay(recording: Recording, speed: number | 'max'): { device: Device; clock: Clock } {
  const device = replayDevice({ recording, speed, clock: systemClock });
  const clock = new VirtualClock(speed === 'max' ? (recording.startUnixUs ?? 0) : Math.round(systemClock.unixUs()));
  const events$ = device.events$.pipe(
    map((event) => {
      if (event.type !== 'samples') return event;
      const { deviceTimeUs, length, info } = event.block;
      clock.advanceTo(deviceTimeUs + (length * 1e6) / info.sampleRateHz);
      return { ...event, block: { ...event.block, hostTimeUs: deviceTimeUs } };
    }),
  );
  return { device: { ...device, events$ }, clock };
}

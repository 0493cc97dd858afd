/** What every driver is to the rest: a cold stream of device events. */
import type { Observable } from 'rxjs';
import type { DeviceEvent } from '../src/samples.ts';

export interface Device {
  readonly name: string;
  /**
   * Subscribing opens, configures and starts the device; unsubscribing stops and closes it. An unplug is a `lost`
   * status followed by reconnection with backoff; only what no retry can mend (a wrong device, no permission) errors.
   */
  readonly events$: Observable<DeviceEvent>;
}

/** A device as the rest of the application sees it: a cold stream of device events. */
import type { Observable } from 'rxjs';
import type { DeviceEvent } from '../src/samples.ts';

export interface Device {
  readonly name: string;
  /**
   * Subscribing opens, configures and starts the device; unsubscribing stops and closes it. An unplug is a `lost`
   * status followed by reconnection with backoff; it errors only where a retry cannot help (wrong device, no
   * permission).
   */
  readonly events$: Observable<DeviceEvent>;
}

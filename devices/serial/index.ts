import type { Clock } from '../../src/clock.ts';
import type { Device } from '../device.ts';
import { type LinkTimeouts, linkDevice } from '../link/device.ts';
import { systemBinding } from './binding.ts';
import { serialLink } from './link.ts';
import { type PortOpener, portOpener } from './port.ts';
import type { SerialProtocol } from './protocol.ts';

export interface SerialDeviceOptions extends LinkTimeouts {
  readonly protocol: SerialProtocol;
  readonly path: string;
  /** Default: that of the protocol. */
  readonly baud?: number;
  readonly clock: Clock;
  readonly openPort?: PortOpener;
}

/**
 * A device on a serial port. Errors before the first sample are final: PORT_NOT_FOUND, PORT_BUSY, PORT_NO_PERMISSION,
 * PORT_FAILED, DEVICE_SILENT, DEVICE_WRONG, BAUD_TOO_LOW.
 */
export function serialDevice(options: SerialDeviceOptions): Device {
  const { protocol, path, baud = protocol.defaultBaud, openPort = portOpener(systemBinding), ...rest } = options;
  return linkDevice({
    ...rest,
    name: protocol.name,
    address: path,
    connecting: `opening ${path} at ${baud} baud`,
    createDriver: () => protocol.createDriver({ baud }),
    open: async () => serialLink(await openPort(path, baud)),
  });
}

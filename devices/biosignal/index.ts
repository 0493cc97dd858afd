import type { SerialProtocol } from '../serial/protocol.ts';
import { BiosignalDriver } from './driver.ts';

/**
 * The project's own protocol (PROTOCOL.md). 62 channels of 24 bits at 1000 Hz need 2 Mbaud, so the default has room.
 */
export const biosignal: SerialProtocol = {
  name: 'biosignal',
  defaultBaud: 3_000_000,
  createDriver: ({ baud }) => new BiosignalDriver(baud),
};

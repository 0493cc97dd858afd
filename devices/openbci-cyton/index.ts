import { AffectEdgeError } from '../../src/errors.ts';
import type { SerialProtocol } from '../serial/protocol.ts';
import { CytonDriver } from './driver.ts';
import { checkMontage } from './montage.ts';
import { PACKET_BYTES, PACKET_RATE_HZ } from './packet.ts';

/** Start bit, eight data bits, stop bit. */
const BITS_PER_BYTE = 10;
/** The rate of the USB dongle. */
const DONGLE_BAUD = 115_200;

/**
 * OpenBCI Cyton, with or without a Daisy. The board reports a Daisy when it is reset; without that report the montage
 * decides (16 labels: with a Daisy). `createDriver` throws BAUD_TOO_LOW.
 *
 * @throws CONFIG_INVALID for a montage without 8 or 16 different labels.
 */
export function cytonProtocol({ montage }: { readonly montage?: readonly string[] } = {}): SerialProtocol {
  if (montage) checkMontage(montage);
  return {
    name: 'openbci-cyton',
    defaultBaud: DONGLE_BAUD,
    createDriver({ baud }) {
      checkBaud(baud);
      return new CytonDriver(montage);
    },
  };
}

function checkBaud(baud: number): void {
  const neededBaud = PACKET_BYTES * PACKET_RATE_HZ * BITS_PER_BYTE;
  if (baud >= neededBaud) return;
  throw new AffectEdgeError(
    'BAUD_TOO_LOW',
    `${baud} baud is too low: the Cyton sends ${PACKET_RATE_HZ} packets of ${PACKET_BYTES} bytes a second, which need ${neededBaud} baud; use --baud ${DONGLE_BAUD}`,
  );
}

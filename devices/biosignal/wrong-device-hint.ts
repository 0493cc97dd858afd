import type { WrongDeviceHint } from '../link/wrong-device.ts';
import { HEADER, isFooter, PACKET_BYTES } from '../openbci-cyton/packet.ts';

export const wrongDeviceHint: WrongDeviceHint = {
  frameName: 'biosignal frame',
  explain(firstBytes) {
    if (looksLikeCyton(firstBytes)) return 'They look like OpenBCI packets: use --device openbci-cyton.';
    if (firstBytes.every((byte) => byte === 9 || byte === 10 || byte === 13 || (byte >= 32 && byte < 127))) {
      return 'They are text: is this the port of another device, or a boot console?';
    }
    return 'Either another device is on this port, or it runs at another --baud.';
  },
};

/** Whether two packets follow each other directly. */
function looksLikeCyton(bytes: readonly number[]): boolean {
  const packetAt = (at: number): boolean => bytes[at] === HEADER && isFooter(bytes[at + PACKET_BYTES - 1] ?? 0);
  return bytes.some((_, at) => packetAt(at) && packetAt(at + PACKET_BYTES));
}

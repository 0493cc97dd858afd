import { SYNC_0, SYNC_1 } from '../biosignal/frame.ts';
import type { WrongDeviceHint } from '../link/wrong-device.ts';

export const wrongDeviceHint: WrongDeviceHint = {
  frameName: 'OpenBCI packet',
  explain(firstBytes) {
    if (firstBytes.some((byte, i) => byte === SYNC_0 && firstBytes[i + 1] === SYNC_1)) {
      return 'They look like biosignal frames: use --device biosignal.';
    }
    return 'Either another device is on this port, or it runs at another --baud (a Cyton dongle has 115200).';
  },
};

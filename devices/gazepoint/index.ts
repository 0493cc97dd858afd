/**
 * Gazepoint GP3 and GP3 HD, by the Open Gaze API (2.0 and later) of Gazepoint Control: lines of XML over TCP, port 4242.
 *
 * - Channels: `x_left_px` `y_left_px` `x_right_px` `y_right_px` (LPOG and RPOG times the tracker's SCREEN_SIZE), and
 *   `pupil_left_mm` `pupil_right_mm` (LPMM, RPMM) or `_px` of the camera (LPD, RPD) where the tracker has no millimetres.
 *   A value whose flag says that it does not hold, and an eye without gaze, is NaN.
 * - `StreamInfo.geometry` has the screen's pixels; its millimetres and the viewing distance the tracker does not know.
 * - Sampling rate: 60 or 150 Hz, measured over the first second and held against what PRODUCT_ID states (rate.ts).
 * - Device time: TIME_TICK where its frequency is known, else TIME (device-clock.ts); sample index: CNT, and the time
 *   where the tracker's computer drops frames or begins to count anew (timeline.ts).
 */
import type { Clock } from '../../src/clock.ts';
import { given } from '../../src/given.ts';
import type { Device } from '../device.ts';
import { type LinkPatience, linkDevice } from '../link/device.ts';
import { tcpAddress, tcpOpener } from '../network/tcp.ts';
import { GazepointDriver } from './driver.ts';

/** Of Gazepoint Control, where nobody has changed it. */
const GAZEPOINT_PORT = 4242;

export interface GazepointOptions extends LinkPatience {
  readonly host: string;
  readonly port?: number;
  readonly clock: Clock;
  /** To wait for the computer's answer. */
  readonly connectMs?: number;
}

/**
 * What is final before the first sample: HOST_NOT_FOUND, HOST_UNREACHABLE, PORT_FAILED, DEVICE_SILENT, DEVICE_WRONG,
 * RATE_UNSUPPORTED.
 */
export function gazepointDevice({ host, port = GAZEPOINT_PORT, connectMs, ...rest }: GazepointOptions): Device {
  const address = tcpAddress(host, port);
  const wayOut = `Start Gazepoint Control there, and see which port its Open Gaze API has (${GAZEPOINT_PORT}, unless changed).`;
  return linkDevice({
    ...rest,
    name: 'gazepoint',
    address,
    connecting: `connecting to ${address}`,
    createDriver: () => new GazepointDriver(),
    open: tcpOpener({ host, port, wayOut, ...given({ connectMs }) }),
  });
}

/**
 * Gazepoint GP3 and GP3 HD, by the Open Gaze API (2.0 and later) of Gazepoint Control: lines of XML over TCP, port
 * 4242.
 *
 * - Channels: `x_left_px` `y_left_px` `x_right_px` `y_right_px` (LPOG and RPOG times the tracker's SCREEN_SIZE), and
 *   `pupil_left_mm` `pupil_right_mm` (LPMM, RPMM) or, where the tracker has no millimetres, `_px` of the camera (LPD,
 *   RPD). A value whose flag marks it invalid is NaN, and so are both gaze values of an eye without gaze.
 * - `StreamInfo.geometry` has the screen's pixels; the tracker does not know millimetres and viewing distance.
 * - Sampling rate: 60 or 150 Hz, measured over the first second and compared with PRODUCT_ID (rate.ts).
 * - Device time: TIME_TICK where its frequency is known, else TIME (device-clock.ts). Sample index: CNT, or the time
 *   where the tracker's computer drops frames or restarts its counter (timeline.ts).
 */
import type { Clock } from '../../src/clock.ts';
import { given } from '../../src/given.ts';
import type { Device } from '../device.ts';
import { type LinkTimeouts, linkDevice } from '../link/device.ts';
import { tcpAddress, tcpOpener } from '../network/tcp.ts';
import { GazepointDriver } from './driver.ts';

/** Default port of Gazepoint Control. */
const GAZEPOINT_PORT = 4242;

export interface GazepointOptions extends LinkTimeouts {
  readonly host: string;
  readonly port?: number;
  readonly clock: Clock;
  /** Limit for the connection to be made. */
  readonly connectMs?: number;
}

/**
 * A Gazepoint tracker. Errors before the first sample are final: HOST_NOT_FOUND, HOST_UNREACHABLE, PORT_FAILED,
 * DEVICE_SILENT, DEVICE_WRONG, RATE_UNSUPPORTED.
 */
export function gazepointDevice({ host, port = GAZEPOINT_PORT, connectMs, ...rest }: GazepointOptions): Device {
  const address = tcpAddress(host, port);
  const advice = `Start Gazepoint Control there, and check the port of its Open Gaze API (${GAZEPOINT_PORT}, unless changed).`;
  return linkDevice({
    ...rest,
    name: 'gazepoint',
    address,
    connecting: `connecting to ${address}`,
    createDriver: () => new GazepointDriver(),
    open: tcpOpener({ host, port, advice, ...given({ connectMs }) }),
  });
}

/** The registry: from a configuration to the device it names. Only src/main knows devices. */
import { biosignalProtocol } from '../../devices/biosignal/session.ts';
import type { Device } from '../../devices/device.ts';
import { cytonProtocol } from '../../devices/openbci-cyton/session.ts';
import type { SerialProtocol } from '../../devices/serial/protocol.ts';
import { serialDevice } from '../../devices/serial/serial-device.ts';
import { createAmplifier } from '../../devices/simulator/amplifier.ts';
import { parseFaults } from '../../devices/simulator/faults.ts';
import { loopbackOpener } from '../../devices/simulator/loopback.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import { AffectEdgeError } from '../errors.ts';
import { EEG62 } from '../montage.ts';
import { createEegGenerator } from '../simulation/eeg-generator.ts';

/** The simulated amplifier's cable: 62 channels of 24 bits at 1000 Hz need more than 2 Mbaud. */
const SIMULATOR_RATE_HZ = 1000;

const DEFAULT_MODEL: Record<Config['device'], string> = {
  biosignal: 'models/demo-eeg62',
  'openbci-cyton': 'models/demo-cyton8',
  simulator: 'models/demo-eeg62',
};

export interface ConnectedDevice {
  readonly device: Device;
  readonly defaultModel: string;
  readonly simulated: boolean;
}

export function createDevice(config: Config, clock: Clock): ConnectedDevice {
  const defaultModel = DEFAULT_MODEL[config.device];
  if (config.device === 'simulator') return { device: simulatedDevice(config, clock), defaultModel, simulated: true };
  if (config.port === undefined) {
    throw new AffectEdgeError(
      'CONFIG_INVALID',
      `--device ${config.device} needs --port, the serial port it is on (as /dev/ttyACM0 or COM3)`,
    );
  }
  const baud = config.baud === undefined ? {} : { baud: config.baud };
  const device = serialDevice({ protocol: serialProtocol(config), path: config.port, clock, ...baud });
  return { device, defaultModel, simulated: false };
}

function serialProtocol(config: Config): SerialProtocol {
  if (config.device === 'biosignal') return biosignalProtocol();
  return cytonProtocol(config.montage === undefined ? {} : { montage: config.montage });
}

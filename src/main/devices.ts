/** The registry: from a configuration to the device it names. Only src/main knows devices. */
import { biosignal } from '../../devices/biosignal/index.ts';
import type { Device } from '../../devices/device.ts';
import { cytonProtocol } from '../../devices/openbci-cyton/index.ts';
import { serialDevice } from '../../devices/serial/index.ts';
import type { SerialProtocol } from '../../devices/serial/protocol.ts';
import { createAmplifier } from '../../devices/simulator/amplifier.ts';
import { parseFaults } from '../../devices/simulator/faults.ts';
import { loopbackOpener } from '../../devices/simulator/loopback.ts';
import { generatorSource } from '../../devices/simulator/source.ts';
import type { Clock } from '../clock.ts';
import type { Config, SerialDeviceName } from '../config.ts';
import { AffectEdgeError } from '../errors.ts';
import { given } from '../given.ts';
import { EEG62 } from '../montage.ts';
import { createEegGenerator } from '../simulation/eeg-generator.ts';

/** Of the simulated 62-channel amplifier. */
export const SIMULATOR_RATE_HZ = 1000;
const SIMULATOR_PATH = 'simulator';

const DEFAULT_MODEL: Record<Config['device'], string> = {
  biosignal: 'models/demo-eeg62-cmcrd',
  'openbci-cyton': 'models/demo-cyton8-cmcrd',
  simulator: 'models/demo-eeg62-cmcrd',
};

export interface ConnectedDevice {
  readonly device: Device;
  readonly defaultModel: string;
  readonly simulated: boolean;
}

/** Throws CONFIG_INVALID where the configuration lacks what the device needs. */
export function createDevice(config: Config, clock: Clock): ConnectedDevice {
  const defaultModel = DEFAULT_MODEL[config.device];
  if (config.device === 'simulator') return { device: simulatedDevice(config, clock), defaultModel, simulated: true };
  if (config.port === undefined) {
    throw new AffectEdgeError(
      'CONFIG_INVALID',
      `--device ${config.device} needs --port, the serial port it is on (as /dev/ttyACM0 or COM3)`,
    );
  }
  if (config.device === 'biosignal' && config.montage !== undefined) {
    throw new AffectEdgeError(
      'CONFIG_INVALID',
      `--montage is ${config.montage.join(',')}, but a biosignal device names its own channels: leave it out`,
    );
  }
  const device = serialDevice({
    protocol: protocolOf(config.device, config.montage),
    path: config.port,
    clock,
    ...given({ baud: config.baud }),
  });
  return { device, defaultModel, simulated: false };
}

export function protocolOf(device: SerialDeviceName, montage?: readonly string[]): SerialProtocol {
  return device === 'biosignal' ? biosignal : cytonProtocol(given({ montage }));
}

/** The amplifier at the other end of an in-process cable, behind the same transport and protocol as a real one. */
function simulatedDevice({ seed, faults }: Config, clock: Clock): Device {
  const generator = createEegGenerator({ seed, preset: 'demo', montage: EEG62, sampleRateHz: SIMULATOR_RATE_HZ });
  const amplifier = createAmplifier({
    protocol: 'biosignal',
    source: generatorSource(generator),
    seed,
    faults: parseFaults(faults ?? ''),
  });
  const openPort = loopbackOpener({ amplifier, clock, path: SIMULATOR_PATH });
  return serialDevice({ protocol: biosignal, path: SIMULATOR_PATH, clock, openPort });
}

/** The registry: from a configuration to the devices it names. Only src/main knows devices. */
import { biosignal } from '../../devices/biosignal/index.ts';
import type { Device } from '../../devices/device.ts';
import { gazepointDevice } from '../../devices/gazepoint/index.ts';
import { cytonProtocol } from '../../devices/openbci-cyton/index.ts';
import { serialDevice } from '../../devices/serial/index.ts';
import type { SerialProtocol } from '../../devices/serial/protocol.ts';
import { createAmplifier } from '../../devices/simulator/amplifier.ts';
import { parseFaults } from '../../devices/simulator/faults.ts';
import { loopbackOpener } from '../../devices/simulator/loopback.ts';
import type { Clock } from '../clock.ts';
import { AffectEdgeError } from '../errors.ts';
import { given } from '../given.ts';
import type { Modality, StreamInfo } from '../samples.ts';
import { type Config, geometryOf, parseTcpPort, type SerialDeviceName } from './config.ts';
import { simulatedPerson } from './simulated.ts';

const SIMULATOR_PATH = 'simulator';

/** What is served where nobody names a model. */
const DEMO_MODEL: Readonly<Record<Modality, string>> = {
  eeg: 'models/demo-eeg62-cmcrd',
  eye: 'models/demo-eye33-cmcrd',
  eog: 'models/demo-eog2-valence',
};
const DEVICE_MODEL: Readonly<Record<Exclude<Config['device'], 'simulator'>, string>> = {
  biosignal: DEMO_MODEL.eeg,
  'openbci-cyton': 'models/demo-cyton8-cmcrd',
  gazepoint: DEMO_MODEL.eye,
};

export interface ConnectedDevice {
  readonly device: Device;
  /** Folder of the bundle. */
  readonly model: string;
  readonly simulated: boolean;
  /** Of an eye tracker's screen, as the user says it. */
  readonly geometry: StreamInfo['geometry'];
}

/** A device as the configuration names it: the main one, or the eye tracker beside it. */
interface Wanted extends Pick<Config, 'port' | 'baud' | 'host' | 'montage' | 'model'> {
  readonly device: Config['device'];
  /** Before its flags: `--port`, or `--eye-port`. */
  readonly prefix: '' | 'eye-';
}

/** The device and, where there is one, the eye tracker beside it. Throws CONFIG_INVALID where one lacks what it needs. */
export function createDevices(config: Config, clock: Clock): [ConnectedDevice, ...ConnectedDevice[]] {
  const { device, modality, eye } = config;
  if (modality !== undefined && device !== 'simulator') {
    throw new AffectEdgeError(
      'CONFIG_INVALID',
      `--modality is ${modality}, which is for the simulator: what ${device} gives it says itself, so leave it out`,
    );
  }
  const connect = (wanted: Wanted, played: Modality): ConnectedDevice => {
    checkUsed(wanted);
    const isSimulated = wanted.device === 'simulator';
    return {
      device: isSimulated ? simulatedDevice(played, config, clock) : connectedDevice(wanted, clock),
      model: wanted.model ?? (isSimulated || played === 'eye' ? DEMO_MODEL[played] : DEVICE_MODEL[wanted.device]),
      simulated: isSimulated,
      geometry: geometryOf(config),
    };
  };
  const main = connect({ ...config, prefix: '' }, modality === undefined || modality === 'both' ? 'eeg' : modality);
  const beside = eye ?? (modality === 'both' ? { device: 'simulator' as const } : undefined);
  return beside === undefined ? [main] : [main, connect({ ...NOTHING, ...beside, prefix: 'eye-' }, 'eye')];
}

const NOTHING = { port: undefined, baud: undefined, host: undefined, montage: undefined, model: undefined };

/** What a device of the kind can be told; the rest would be ignored silently. */
const USED: Readonly<Record<Config['device'], readonly (keyof Wanted)[]>> = {
  biosignal: ['port', 'baud'],
  'openbci-cyton': ['port', 'baud', 'montage'],
  gazepoint: ['host', 'port'],
  simulator: [],
};
const WHY: Partial<Readonly<Record<keyof Wanted, string>>> = {
  host: ' (the address to listen on is --listen)',
  montage: ', which names its own channels',
};

function checkUsed(wanted: Wanted): void {
  for (const key of ['port', 'baud', 'host', 'montage'] as const) {
    if (wanted[key] === undefined || USED[wanted.device].includes(key)) continue;
    throw new AffectEdgeError(
      'CONFIG_INVALID',
      `--${wanted.prefix}${key} is ${wanted[key]}, which says nothing to --${wanted.prefix}device ${wanted.device}` +
        `${WHY[key] ?? ''}: leave it out`,
    );
  }
}

function connectedDevice(wanted: Wanted, clock: Clock): Device {
  const { device, port, baud, montage, prefix } = wanted;
  if (device === 'gazepoint') return networkTracker(wanted, clock);
  if (port === undefined) {
    throw new AffectEdgeError(
      'CONFIG_INVALID',
      `--${prefix}device ${device} needs --${prefix}port, the serial port it is on (as /dev/ttyACM0 or COM3)`,
    );
  }
  return serialDevice({
    protocol: protocolOf(device as SerialDeviceName, montage),
    path: port,
    clock,
    ...given({ baud }),
  });
}

function networkTracker({ host, port, prefix }: Wanted, clock: Clock): Device {
  if (host === undefined) {
    throw new AffectEdgeError(
      'CONFIG_INVALID',
      `--${prefix}device gazepoint needs --${prefix}host, the name or address of the computer that Gazepoint Control runs on`,
    );
  }
  const tcpPort = port === undefined ? undefined : parseTcpPort(`--${prefix}port`, port);
  return gazepointDevice({ host, clock, ...given({ port: tcpPort }) });
}

export function protocolOf(device: SerialDeviceName, montage?: readonly string[]): SerialProtocol {
  return device === 'biosignal' ? biosignal : cytonProtocol(given({ montage }));
}

/** At the other end of an in-process cable, behind the same transport and protocol as a real one. */
function simulatedDevice(modality: Modality, { seed, faults }: Config, clock: Clock): Device {
  const amplifier = createAmplifier({
    protocol: 'biosignal',
    source: simulatedPerson({ modality, seed }),
    seed,
    faults: parseFaults(faults ?? ''),
  });
  const openPort = loopbackOpener({ amplifier, clock, path: SIMULATOR_PATH });
  return serialDevice({ protocol: biosignal, path: SIMULATOR_PATH, clock, openPort });
}

/** Creates the devices that a configuration names. Only src/main knows devices. */
import { filter } from 'rxjs';
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
import { type Config, DEVICES, geometryOf, type SerialDeviceName } from './config.ts';
import { parseTcpPort } from './parse.ts';
import { simulatedPerson } from './simulated.ts';

type DeviceName = NonNullable<Config['device']>;

const SIMULATOR_PATH = 'simulator';

/** The default model of each modality, and of each device. */
const DEMO_MODEL: Readonly<Record<Modality, string>> = {
  eeg: 'models/demo-eeg62-cmcrd',
  eye: 'models/demo-eye33-cmcrd',
  eog: 'models/demo-eog2-valence',
};
const DEVICE_MODEL: Readonly<Record<Exclude<DeviceName, 'simulator'>, string>> = {
  biosignal: DEMO_MODEL.eeg,
  'openbci-cyton': 'models/demo-cyton8-cmcrd',
  gazepoint: DEMO_MODEL.eye,
};

export interface ConnectedDevice {
  readonly device: Device;
  /** Folder of the bundle. */
  readonly model: string;
  readonly simulated: boolean;
  /** The screen of an eye tracker, as far as the user states it. */
  readonly geometry: StreamInfo['geometry'];
}

/** The settings of one device: the main one, or the eye tracker beside it. */
interface DeviceSettings extends Pick<Config, 'port' | 'baud' | 'host' | 'montage' | 'model'> {
  readonly device: DeviceName;
  /** Prefix of its flags: `--port`, or `--eye-port`. */
  readonly prefix: '' | 'eye-';
}

/** The device and, where configured, the eye tracker beside it. Throws CONFIG_INVALID for settings that are missing or useless. */
export function createDevices(config: Config, clock: Clock): [ConnectedDevice, ...ConnectedDevice[]] {
  const { modality, eye } = config;
  if (config.device === undefined) requireDevice(config);
  const device = config.device ?? 'simulator';
  if (modality !== undefined && device !== 'simulator') {
    throw new AffectEdgeError(
      'CONFIG_INVALID',
      `--modality is ${modality}, which is for the simulator; ${device} reports its own modality: leave it out`,
    );
  }
  const connect = (settings: DeviceSettings, played: Modality): ConnectedDevice => {
    refuseUseless(settings);
    const isSimulated = settings.device === 'simulator';
    return {
      device: isSimulated ? simulatedDevice(played, config, clock) : connectedDevice(settings, clock),
      model: settings.model ?? (isSimulated || played === 'eye' ? DEMO_MODEL[played] : DEVICE_MODEL[settings.device]),
      simulated: isSimulated,
      geometry: geometryOf(config),
    };
  };
  const main = connect(
    { ...config, device, prefix: '' },
    modality === undefined || modality === 'both' ? 'eeg' : modality,
  );
  const beside = eye ?? (modality === 'both' ? { device: 'simulator' as const } : undefined);
  if (beside === undefined) return [main];
  const eyes = connect({ ...NO_SETTINGS, ...beside, prefix: 'eye-' }, 'eye');
  return [main, main.simulated && eyes.simulated ? { ...eyes, device: withoutMarkers(eyes.device) } : eyes];
}

/** Two simulated devices play one person, whose state the first one already reports. */
function withoutMarkers(device: Device): Device {
  return { ...device, events$: device.events$.pipe(filter(({ type }) => type !== 'marker')) };
}

const NO_SETTINGS = { port: undefined, baud: undefined, host: undefined, montage: undefined, model: undefined };

/** A flag that belongs to a device, without the device. */
function requireDevice(config: Config): void {
  const flag = CONNECTION_KEYS.find((key) => config[key] !== undefined);
  if (flag === undefined) return;
  throw new AffectEdgeError(
    'CONFIG_INVALID',
    `--${flag} is ${config[flag]}, but --device is missing: name the device (${DEVICES.join(', ')})` +
      (flag === 'host' ? '; the address to listen on is --listen' : ''),
  );
}

const CONNECTION_KEYS = ['port', 'baud', 'host', 'montage'] as const;

/** The settings that a device uses; others are refused, because they would be ignored silently. */
const USED: Readonly<Record<DeviceName, readonly (keyof DeviceSettings)[]>> = {
  biosignal: ['port', 'baud'],
  'openbci-cyton': ['port', 'baud', 'montage'],
  gazepoint: ['host', 'port'],
  simulator: [],
};
const WHY_UNUSED: Partial<Readonly<Record<keyof DeviceSettings, string>>> = {
  host: ' (the address to listen on is --listen)',
  montage: ', which names its own channels',
};

function refuseUseless(settings: DeviceSettings): void {
  for (const key of CONNECTION_KEYS) {
    if (settings[key] === undefined || USED[settings.device].includes(key)) continue;
    throw new AffectEdgeError(
      'CONFIG_INVALID',
      `--${settings.prefix}${key} is ${settings[key]}, which has no meaning for --${settings.prefix}device ` +
        `${settings.device}${WHY_UNUSED[key] ?? ''}: leave it out`,
    );
  }
}

function connectedDevice(settings: DeviceSettings, clock: Clock): Device {
  const { device, port, baud, montage, prefix } = settings;
  if (device === 'gazepoint') return networkTracker(settings, clock);
  if (port === undefined) {
    throw new AffectEdgeError(
      'CONFIG_INVALID',
      `--${prefix}device ${device} needs --${prefix}port, its serial port (such as /dev/ttyACM0 or COM3)`,
    );
  }
  return serialDevice({
    protocol: protocolOf(device as SerialDeviceName, montage),
    path: port,
    clock,
    ...given({ baud }),
  });
}

function networkTracker({ host, port, prefix }: DeviceSettings, clock: Clock): Device {
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

/** A simulated device behind an in-process cable, with the transport and protocol of a real one. */
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

/** One configuration from three places: a file, then environment variables, then flags; the later one wins. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { AffectEdgeError, messageOf } from '../errors.ts';
import { given } from '../given.ts';
import type { GazeGeometry } from '../samples.ts';
import { serverConfigSchema } from '../server/config.ts';
import { parseLabels, parseNumber, parseSettings, parseSize } from './parse.ts';

const SERIAL_DEVICES = ['biosignal', 'openbci-cyton'] as const;
export type SerialDeviceName = (typeof SERIAL_DEVICES)[number];
export const DEVICES = [...SERIAL_DEVICES, 'gazepoint', 'simulator'] as const;
/** Devices that `simulate` can play. */
export const PLAYED_DEVICES = [...SERIAL_DEVICES, 'gazepoint'] as const;
export const EYE_DEVICES = ['biosignal', 'gazepoint', 'simulator'] as const;
/** Signals that the simulator can play. */
export const SIMULATED_MODALITIES = ['eeg', 'eye', 'eog', 'both'] as const;

const labels = z.array(z.string().min(1)).min(1);

/** A fixed default port, so that the page can be bookmarked. */
const serverSchema = serverConfigSchema.extend({ port: serverConfigSchema.shape.port.unwrap().default(8600) });

/** Where a device is and which model it feeds. */
const connectionShape = {
  /** Serial port, such as `/dev/ttyACM0` or `COM3`; TCP port of a tracker on the network. */
  port: z
    .union([z.string().min(1), z.number().int().positive()])
    .transform(String)
    .optional(),
  baud: z.number().int().positive().optional(),
  /** Name or address of a tracker on the network. */
  host: z.string().min(1).optional(),
  /** Folder of the model bundle; the default follows the device. */
  model: z.string().min(1).optional(),
};

const size = z.tuple([z.number().positive(), z.number().positive()], {
  error: 'give width and height, as [1920, 1080] in a file, 1920x1080 in an environment variable',
});

const eyeSchema = z.strictObject({
  device: z.enum(EYE_DEVICES, { error: `name the eye tracker (--eye-device ${EYE_DEVICES.join(', ')})` }),
  ...connectionShape,
});

const configSchema = z.strictObject({
  /** Default: the simulator. */
  device: z.enum(DEVICES).optional(),
  ...connectionShape,
  /** 10-20 labels in channel order, of a device that does not report its own. */
  montage: labels.optional(),
  /** An eye tracker beside the device: each has predictions, and so has their fusion. */
  eye: eyeSchema.optional(),
  /** The eye tracker's screen and viewing distance, where the tracker does not report them. */
  screen_px: size.optional(),
  screen_mm: size.optional(),
  distance_mm: z.number().positive().optional(),
  /** Signal of the simulator. */
  modality: z.enum(SIMULATED_MODALITIES).optional(),
  hop_s: z.number().min(0.25).max(4).optional(),
  /** Seed of the simulator; each seed is another wearer. */
  seed: z.number().int().nonnegative().default(1),
  /** Faults of the simulated amplifier, such as `loss=0.01,unplug=60`. */
  faults: z.string().optional(),
  open: z.boolean().default(true),
  server: serverSchema.prefault({}),
});

export type Config = z.infer<typeof configSchema>;
type RawConfig = Record<string, unknown>;

/** A setting's place in the configuration, its environment variable (after AFFECT_EDGE_) and its flag. */
interface Setting {
  readonly path: readonly [key: string] | readonly [section: string, key: string];
  readonly flag: string;
  readonly parse?: (text: string) => unknown;
}

const SETTINGS: Readonly<Record<string, Setting>> = {
  DEVICE: { path: ['device'], flag: '--device' },
  PORT: { path: ['port'], flag: '--port' },
  BAUD: { path: ['baud'], flag: '--baud', parse: parseNumber },
  HOST: { path: ['host'], flag: '--host' },
  MONTAGE: { path: ['montage'], flag: '--montage', parse: parseLabels },
  MODEL: { path: ['model'], flag: '--model' },
  EYE_DEVICE: { path: ['eye', 'device'], flag: '--eye-device' },
  EYE_PORT: { path: ['eye', 'port'], flag: '--eye-port' },
  EYE_BAUD: { path: ['eye', 'baud'], flag: '--eye-baud', parse: parseNumber },
  EYE_HOST: { path: ['eye', 'host'], flag: '--eye-host' },
  EYE_MODEL: { path: ['eye', 'model'], flag: '--eye-model' },
  SCREEN_PX: { path: ['screen_px'], flag: '--screen-px', parse: parseSize },
  SCREEN_MM: { path: ['screen_mm'], flag: '--screen-mm', parse: parseSize },
  DISTANCE_MM: { path: ['distance_mm'], flag: '--distance-mm', parse: parseNumber },
  MODALITY: { path: ['modality'], flag: '--modality' },
  HOP_S: { path: ['hop_s'], flag: '--hop', parse: parseNumber },
  SEED: { path: ['seed'], flag: '--seed', parse: parseNumber },
  FAULTS: { path: ['faults'], flag: '--faults' },
  OPEN: { path: ['open'], flag: '--no-open', parse: (text) => ({ true: true, false: false })[text] ?? text },
  LISTEN: { path: ['server', 'host'], flag: '--listen' },
  HTTP_PORT: { path: ['server', 'port'], flag: '--http-port', parse: parseNumber },
};
const PREFIX = 'AFFECT_EDGE_';
/** Variables without a place in the configuration; the last two are for the tests. */
const OTHER_VARIABLES = ['CONFIG', 'TEST_DATA', 'FUZZ_RUNS'];

/** The screen's geometry, as far as the configuration states it. */
export function geometryOf(config: Pick<Config, 'screen_px' | 'screen_mm' | 'distance_mm'>): Partial<GazeGeometry> {
  const { screen_px: screenPx, screen_mm: screenMm, distance_mm: distanceMm } = config;
  return given({ screenPx, screenMm, distanceMm });
}

/**
 * Throws `CONFIG_INVALID` (or `FILE_NOT_FOUND`). The message names the flag, the environment variable or the key of the file
 * that the value came from, the value, and what is allowed.
 */
export function loadConfig(sources: { file?: string | undefined; env: NodeJS.ProcessEnv; flags: RawConfig }): Config {
  const { env, flags } = sources;
  const file = sources.file ?? env[`${PREFIX}CONFIG`];
  const fromEnv = fromEnvironment(env);
  const merged = merge(merge(file === undefined ? {} : readConfigFile(file), fromEnv), flags);
  const nameOf = (path: readonly string[]): string | undefined => {
    const found = Object.entries(SETTINGS).find(([, setting]) => setting.path.every((key, i) => key === path[i]));
    if (found === undefined) return undefined;
    const [variable, { path: place, flag }] = found;
    if (valueAt(flags, place) !== undefined) return flag;
    return valueAt(fromEnv, place) === undefined ? undefined : `${PREFIX}${variable}`;
  };
  const known = { '': configSchema.shape, server: serverSchema.shape, eye: eyeSchema.shape };
  return parseSettings('the configuration', configSchema, merged, { nameOf, known });
}

function valueAt(config: RawConfig, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, key) => (isObject(at) ? at[key] : undefined), config);
}

function readConfigFile(path: string): RawConfig {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new AffectEdgeError('FILE_NOT_FOUND', `can't read the configuration file ${path}: ${messageOf(cause)}`, {
      cause,
    });
  }
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(text));
  } catch (cause) {
    throw new AffectEdgeError('CONFIG_INVALID', `${path} does not hold one JSON object: ${messageOf(cause)}`, {
      cause,
    });
  }
}

function fromEnvironment(env: NodeJS.ProcessEnv): RawConfig {
  const known = [...Object.keys(SETTINGS), ...OTHER_VARIABLES].map((name) => `${PREFIX}${name}`);
  const unknown = Object.keys(env).filter((name) => name.startsWith(PREFIX) && !known.includes(name));
  if (unknown.length > 0) {
    const named = [...Object.keys(SETTINGS), 'CONFIG'].map((name) => `${PREFIX}${name}`);
    throw new AffectEdgeError(
      'CONFIG_INVALID',
      `unknown environment variable ${unknown.join(', ')} (known: ${named.join(', ')})`,
    );
  }
  let config: RawConfig = {};
  for (const [name, { path, parse }] of Object.entries(SETTINGS)) {
    const text = env[`${PREFIX}${name}`];
    if (text === undefined || text === '') continue;
    const value = parse ? parse(text) : text;
    const [first, second] = path;
    config = merge(config, second === undefined ? { [first]: value } : { [first]: { [second]: value } });
  }
  return config;
}

function merge(base: RawConfig, over: RawConfig): RawConfig {
  const result: RawConfig = { ...base };
  for (const [key, value] of Object.entries(over)) {
    if (value === undefined) continue;
    const both = isObject(result[key]) && isObject(value);
    result[key] = both ? merge(result[key] as RawConfig, value) : value;
  }
  return result;
}

function isObject(value: unknown): value is RawConfig {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** One configuration from three places: a file, then environment variables, then flags; the later one wins. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { AffectEdgeError, messageOf } from '../errors.ts';
import { given } from '../given.ts';
import type { GazeGeometry } from '../samples.ts';
import { serverConfigSchema } from '../server/config.ts';

export const SERIAL_DEVICES = ['biosignal', 'openbci-cyton'] as const;
export type SerialDeviceName = (typeof SERIAL_DEVICES)[number];
export const DEVICES = [...SERIAL_DEVICES, 'gazepoint', 'simulator'] as const;
/** What `simulate` plays the other end of. */
export const PLAYED_DEVICES = [...SERIAL_DEVICES, 'gazepoint'] as const;
export const EYE_DEVICES = ['biosignal', 'gazepoint', 'simulator'] as const;
/** What the simulator plays. */
export const SIMULATED_MODALITIES = ['eeg', 'eye', 'eog', 'both'] as const;

const labels = z.array(z.string().min(1)).min(1);

/** A page that can be bookmarked: the same port every time, unless asked otherwise. */
const serverSchema = serverConfigSchema.extend({ port: serverConfigSchema.shape.port.unwrap().default(8600) });

/** Where a device is and which model listens to it. */
const connectionShape = {
  /** Serial port, as `/dev/ttyACM0` or `COM3`; of a tracker on the network its TCP port. */
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

export const configSchema = z.strictObject({
  device: z.enum(DEVICES).default('simulator'),
  ...connectionShape,
  /** 10-20 labels of a device that does not tell its own, in channel order. */
  montage: labels.optional(),
  /** An eye tracker beside the device: both predict, and so do they together. */
  eye: eyeSchema.optional(),
  /** The eye tracker's screen and the distance from the eyes to it, where the tracker does not say them. */
  screen_px: size.optional(),
  screen_mm: size.optional(),
  distance_mm: z.number().positive().optional(),
  /** What the simulator plays. */
  modality: z.enum(SIMULATED_MODALITIES).optional(),
  hop_s: z.number().min(0.25).max(4).optional(),
  /** The simulator's seed; another seed, another wearer. */
  seed: z.number().int().nonnegative().default(1),
  /** Faults of the simulated amplifier, as `loss=0.01,unplug=60`. */
  faults: z.string().optional(),
  open: z.boolean().default(true),
  server: serverSchema.prefault({}),
});

export type Config = z.infer<typeof configSchema>;
type RawConfig = Record<string, unknown>;

/** Environment variables and the place of their value in the configuration. */
const VARIABLES: Record<string, { key: string; section?: 'server' | 'eye'; parse?: (text: string) => unknown }> = {
  AFFECT_EDGE_DEVICE: { key: 'device' },
  AFFECT_EDGE_PORT: { key: 'port' },
  AFFECT_EDGE_BAUD: { key: 'baud', parse: parseNumber },
  AFFECT_EDGE_MONTAGE: { key: 'montage', parse: parseLabels },
  AFFECT_EDGE_MODEL: { key: 'model' },
  AFFECT_EDGE_HOP_S: { key: 'hop_s', parse: parseNumber },
  AFFECT_EDGE_SEED: { key: 'seed', parse: parseNumber },
  AFFECT_EDGE_FAULTS: { key: 'faults' },
  AFFECT_EDGE_OPEN: { key: 'open', parse: (text) => ({ true: true, false: false })[text] ?? text },
  AFFECT_EDGE_HOST: { key: 'host' },
  AFFECT_EDGE_EYE_DEVICE: { key: 'device', section: 'eye' },
  AFFECT_EDGE_EYE_PORT: { key: 'port', section: 'eye' },
  AFFECT_EDGE_EYE_BAUD: { key: 'baud', section: 'eye', parse: parseNumber },
  AFFECT_EDGE_EYE_HOST: { key: 'host', section: 'eye' },
  AFFECT_EDGE_EYE_MODEL: { key: 'model', section: 'eye' },
  AFFECT_EDGE_SCREEN_PX: { key: 'screen_px', parse: parseSize },
  AFFECT_EDGE_SCREEN_MM: { key: 'screen_mm', parse: parseSize },
  AFFECT_EDGE_DISTANCE_MM: { key: 'distance_mm', parse: parseNumber },
  AFFECT_EDGE_MODALITY: { key: 'modality' },
  AFFECT_EDGE_LISTEN: { key: 'host', section: 'server' },
  AFFECT_EDGE_HTTP_PORT: { key: 'port', section: 'server', parse: parseNumber },
};

/** For the tests alone. */
const TEST_VARIABLES = ['AFFECT_EDGE_TEST_DATA', 'AFFECT_EDGE_FUZZ_RUNS'];

/** A number, or the text as it is, so that the schema's refusal can show it. */
export function parseNumber(text: string): number | string {
  return text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text);
}

/** A TCP port. Throws CONFIG_INVALID. */
export function parseTcpPort(flag: string, text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new AffectEdgeError('CONFIG_INVALID', `${flag} is ${text}: give a TCP port, 1 to 65535`);
}

/** "1920x1080" -> [1920, 1080], or the text as it is. */
export function parseSize(text: string): [width: number, height: number] | string {
  const match = /^(\d+(?:\.\d+)?)x(\d+(?:\.\d+)?)$/i.exec(text.trim());
  return match ? [Number(match[1]), Number(match[2])] : text;
}

/** As far as the configuration says it. */
export function geometryOf(config: Pick<Config, 'screen_px' | 'screen_mm' | 'distance_mm'>): Partial<GazeGeometry> {
  const { screen_px: screenPx, screen_mm: screenMm, distance_mm: distanceMm } = config;
  return given({ screenPx, screenMm, distanceMm });
}

/** "FP1, FP2,C3" -> labels. */
export function parseLabels(text: string): string[] {
  return text.split(',').map((label) => label.trim());
}

/** Throws `CONFIG_INVALID` (or `FILE_NOT_FOUND`) with the key, its value and what is allowed. */
export function loadConfig(sources: { file?: string | undefined; env: NodeJS.ProcessEnv; flags: RawConfig }): Config {
  const file = sources.file ?? sources.env['AFFECT_EDGE_CONFIG'];
  const merged = merge(
    merge(file === undefined ? {} : readConfigFile(file), fromEnvironment(sources.env)),
    sources.flags,
  );
  return parseWanted('the configuration', configSchema, merged);
}

/** Throws `CONFIG_INVALID` for what is not as the schema has it; `what`: a word for the whole. */
export function parseWanted<T>(what: string, schema: z.ZodType<T>, wanted: unknown): T {
  const parsed = schema.safeParse(wanted);
  if (parsed.success) return parsed.data;
  throw new AffectEdgeError('CONFIG_INVALID', describeIssues(what, parsed.error, wanted));
}

/** "what: key `x.y` is 5: message" for every issue, and the keys that exist where one is unknown. */
function describeIssues(what: string, error: z.ZodError, input: unknown): string {
  const lines = error.issues.map((issue) => {
    const path = issue.path.map(String);
    if (issue.code === 'unrecognized_keys') {
      const keys = issue.keys.map((key) => `\`${[...path, key].join('.')}\``).join(', ');
      const shape = { '': configSchema.shape, server: serverSchema.shape, eye: eyeSchema.shape }[path.join('.')];
      return `unknown key ${keys}${shape ? ` (known: ${Object.keys(shape).sort().join(', ')})` : ''}`;
    }
    const value = path.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], input);
    return `\`${path.join('.')}\` is ${JSON.stringify(value)}: ${issue.message}`;
  });
  return `${what} is not valid: ${lines.join('; ')}`;
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
  const config: RawConfig = {};
  const known = [...Object.keys(VARIABLES), 'AFFECT_EDGE_CONFIG', ...TEST_VARIABLES];
  const stray = Object.keys(env).filter((name) => name.startsWith('AFFECT_EDGE_') && !known.includes(name));
  if (stray.length > 0) {
    throw new AffectEdgeError(
      'CONFIG_INVALID',
      `unknown environment variable ${stray.join(', ')} (known: ${Object.keys(VARIABLES).join(', ')}, AFFECT_EDGE_CONFIG)`,
    );
  }
  for (const [name, { key, section, parse }] of Object.entries(VARIABLES)) {
    const text = env[name];
    if (text === undefined || text === '') continue;
    const value = parse ? parse(text) : text;
    if (section === undefined) config[key] = value;
    else config[section] = { ...(config[section] as RawConfig | undefined), [key]: value };
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

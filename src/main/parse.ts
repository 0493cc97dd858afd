/** Parses what users type: values of flags and environment variables, and whole sets of settings. */
import type { z } from 'zod';
import { AffectEdgeError } from '../errors.ts';

/** A number, or the text itself, so that the schema's refusal can show it. */
export function parseNumber(text: string): number | string {
  return text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text);
}

/** A TCP port. Throws CONFIG_INVALID. */
export function parseTcpPort(flag: string, text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new AffectEdgeError('CONFIG_INVALID', `${flag} is ${text}: give a TCP port, 1 to 65535`);
}

/** "1920x1080" -> [1920, 1080], or the text itself. */
export function parseSize(text: string): [width: number, height: number] | string {
  const match = /^(\d+(?:\.\d+)?)x(\d+(?:\.\d+)?)$/i.exec(text.trim());
  return match ? [Number(match[1]), Number(match[2])] : text;
}

/** "FP1, FP2,C3" -> labels. */
export function parseLabels(text: string): string[] {
  return text.split(',').map((label) => label.trim());
}

interface SettingNames {
  /** What the user called the value at a path, for example a flag; undefined: the path itself is shown. */
  readonly nameOf?: (path: readonly string[]) => string | undefined;
  /** The keys of a section (by its path joined with dots), listed where one is unknown. */
  readonly known?: Readonly<Record<string, object>>;
}

/** Throws `CONFIG_INVALID` with every value that does not fit the schema. @param what names the whole in the message */
export function parseSettings<T>(what: string, schema: z.ZodType<T>, input: unknown, names: SettingNames = {}): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => describeIssue(issue, input, names));
  throw new AffectEdgeError('CONFIG_INVALID', `${what} is not valid: ${problems.join('; ')}`);
}

/** "--hop is 9: too big", or the known keys where one is unknown. */
function describeIssue(issue: z.core.$ZodIssue, input: unknown, { nameOf, known = {} }: SettingNames): string {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    const keys = issue.keys.map((key) => `\`${[...path, key].join('.')}\``).join(', ');
    const shape = known[path.join('.')];
    return `unknown key ${keys}${shape ? ` (known: ${Object.keys(shape).sort().join(', ')})` : ''}`;
  }
  const value = path.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], input);
  return `${nameOf?.(path) ?? `\`${path.join('.')}\``} is ${JSON.stringify(value)}: ${issue.message}`;
}

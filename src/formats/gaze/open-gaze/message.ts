/** Messages of Gazepoint's Open Gaze API: one XML element a line. */

export interface OpenGazeMessage {
  /** REC, ACK, NACK, CAL, UPDATE …; of a client: SET, GET. */
  readonly tag: string;
  /** As text: counters of the CPU don't fit into a number. */
  readonly attributes: ReadonlyMap<string, string>;
}

const element = /^<([A-Z_]+)((?:\s+[A-Z_0-9]+\s*=\s*"[^"<]*")*)\s*\/?>$/i;
const attribute = /([A-Z_0-9]+)\s*=\s*"([^"]*)"/gi;

/**
 * Servers write `STATE ="1"`, blanks inside the quotes, and leave the `/` out: all of that is a message.
 * @returns undefined where the line is none: cut in the middle, or not closed
 */
export function parseOpenGaze(line: string): OpenGazeMessage | undefined {
  const match = element.exec(line.trim());
  if (!match) return undefined;
  const attributes = new Map<string, string>();
  for (const [, name, value] of match[2]!.matchAll(attribute)) attributes.set(name!, value!);
  return { tag: match[1]!, attributes };
}

/** The line of a message, with its end. */
export function formatOpenGaze(tag: string, attributes: Readonly<Record<string, string | number>>): string {
  const pairs = Object.entries(attributes).map(([name, value]) => ` ${name}="${value}"`);
  return `<${tag}${pairs.join('')} />\r\n`;
}

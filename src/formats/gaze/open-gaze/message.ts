/** Messages of Gazepoint's Open Gaze API: one XML element per line. */

export interface OpenGazeMessage {
  /** The server sends REC, ACK, NACK, CAL, UPDATE …; the client sends SET and GET. */
  readonly tag: string;
  /** Values stay text: the CPU's counters are too large for a number. */
  readonly attributes: ReadonlyMap<string, string>;
}

const element = /^<([A-Z_]+)((?:\s+[A-Z_0-9]+\s*=\s*"[^"<]*")*)\s*\/?>$/i;
const attribute = /([A-Z_0-9]+)\s*=\s*"([^"]*)"/gi;

/**
 * Servers also write `STATE ="1"`, blanks inside the quotes, and elements without the final `/`.
 * @returns undefined for a line that is not a whole message
 */
export function parseOpenGaze(line: string): OpenGazeMessage | undefined {
  const match = element.exec(line.trim());
  if (!match) return undefined;
  const attributes = new Map<string, string>();
  for (const [, name, value] of match[2]!.matchAll(attribute)) attributes.set(name!, value!);
  return { tag: match[1]!, attributes };
}

/** The line of a message with CR LF. */
export function formatOpenGaze(tag: string, attributes: Readonly<Record<string, string | number>>): string {
  const pairs = Object.entries(attributes).map(([name, value]) => ` ${name}="${value}"`);
  return `<${tag}${pairs.join('')} />\r\n`;
}

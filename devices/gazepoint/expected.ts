import { AffectEdgeError } from '../../src/errors.ts';
import type { Expected } from '../link/wrong-device.ts';

const PORT_HINT = 'is this the port of Gazepoint Control (4242, unless it was changed there)?';

export const expected: Expected = {
  piece: 'Open Gaze message',
  guess: (first) => `As text: ${quoted(String.fromCharCode(...first))}. Another program listens there: ${PORT_HINT}`,
};

/** A server that says at once what it is, and closes before anybody's patience ends. */
export function knownStranger(line: string): AffectEdgeError | undefined {
  const kind = /^HTTP\//.test(line) ? 'a web server' : /^SSH-/.test(line) ? 'an SSH server' : undefined;
  if (kind === undefined) return undefined;
  return new AffectEdgeError('DEVICE_WRONG', `${kind} answers with ${quoted(line)}: ${PORT_HINT}`);
}

function quoted(text: string): string {
  return JSON.stringify(text.trim().slice(0, 60));
}

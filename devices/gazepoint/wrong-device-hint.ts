import { AffectEdgeError } from '../../src/errors.ts';
import type { WrongDeviceHint } from '../link/wrong-device.ts';

const PORT_HINT = 'is this the port of Gazepoint Control (4242, unless it was changed there)?';

export const wrongDeviceHint: WrongDeviceHint = {
  frameName: 'Open Gaze message',
  explain: (firstBytes) =>
    `As text: ${quoted(String.fromCharCode(...firstBytes))}. Another program listens there: ${PORT_HINT}`,
};

/** DEVICE_WRONG for a web or SSH server, which names itself in its first line and may close before the watch ends. */
export function otherServer(line: string): AffectEdgeError | undefined {
  const kind = /^HTTP\//.test(line) ? 'a web server' : /^SSH-/.test(line) ? 'an SSH server' : undefined;
  if (kind === undefined) return undefined;
  return new AffectEdgeError('DEVICE_WRONG', `${kind} answers with ${quoted(line)}: ${PORT_HINT}`);
}

function quoted(text: string): string {
  return JSON.stringify(text.trim().slice(0, 60));
}

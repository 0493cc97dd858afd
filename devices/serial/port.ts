import type { BindingInterface } from '@serialport/bindings-cpp';
import { SerialPortStream } from '@serialport/stream';
import { AffectEdgeError, messageOf } from '../../src/errors.ts';
import { listPorts } from './binding.ts';

/** Opens a port, 8N1, for this process alone; rejects with an `AffectEdgeError` of a PORT_ code. */
export type PortOpener = (path: string, baud: number) => Promise<SerialPortStream>;

/** An opener for the machine's own or an in-process binding, both through serialport's stream. */
export function portOpener(binding: BindingInterface): PortOpener {
  return async (path, baud) => {
    const port = new SerialPortStream({ binding, path, baudRate: baud, lock: true, autoOpen: false });
    const error = await new Promise<Error | null>((done) => port.open(done));
    if (error) throw await openError(error, path, binding);
    return port;
  };
}

/** Finds the error code in the binding's message, which is all that the binding gives. */
async function openError(error: Error, path: string, binding: BindingInterface): Promise<AffectEdgeError> {
  // "Error: Is a directory, cannot open /tmp", "Error Resource temporarily unavailable Cannot lock port"
  const reason = messageOf(error)
    .replace(/^Error:?\s+/, '')
    .replace(`, cannot open ${path}`, '');
  if (/no such file|no such device|not found|ENOENT|ENXIO|ENODEV/i.test(reason)) {
    const ports = (await listPorts(binding)).map((port) => port.path);
    const found = ports.length > 0 ? `The ports are: ${ports.join(', ')}.` : 'No serial port was found.';
    return new AffectEdgeError('PORT_NOT_FOUND', `there is no serial port ${path}. ${found}`, { cause: error });
  }
  // Windows reports "Access denied" for a port that another program uses.
  const denied = /permission denied|EACCES|EPERM|access (is )?denied/i.test(reason);
  if (/lock|busy|temporarily unavailable|EAGAIN/i.test(reason) || (denied && process.platform === 'win32')) {
    return new AffectEdgeError('PORT_BUSY', `${path} is in use: close the program that uses it (${reason})`, {
      cause: error,
    });
  }
  if (denied) {
    return new AffectEdgeError(
      'PORT_NO_PERMISSION',
      `no permission to open ${path}. On Linux add yourself to the group of the port and log in again: ` +
        'sudo usermod -aG dialout $USER',
      { cause: error },
    );
  }
  return new AffectEdgeError('PORT_FAILED', `${path} could not be opened: ${reason}`, { cause: error });
}

import { read } from 'node:fs';
import { promisify } from 'node:util';
import {
  autoDetect,
  type BindingInterface,
  type BindingPortInterface,
  type DarwinPortBinding,
  type LinuxPortBinding,
  type PortInfo,
} from '@serialport/bindings-cpp';
import { unixRead } from '@serialport/bindings-cpp/dist/unix-read.js';
import { SerialPort } from 'serialport';

const readFd = promisify(read);

const platformBinding = autoDetect();

/**
 * The machine's own serial ports. On Linux and macOS an unplugged port reads 0 bytes, and the package then reads
 * again in an endless loop; here a read of 0 bytes is an error, so the unplug is noticed.
 */
export const systemBinding: BindingInterface = {
  list: () => SerialPort.list(),
  open: async (options) => {
    // The line is always 8N1. The interface's `parity` is a string, which the platform's type does not accept.
    const { parity: _, ...common } = options;
    const port = await platformBinding.open(common);
    return process.platform === 'win32' ? port : failOnEndOfFile(port as LinuxPortBinding | DarwinPortBinding);
  },
};

function failOnEndOfFile(port: LinuxPortBinding | DarwinPortBinding): BindingPortInterface {
  port.read = (buffer, offset, length) => unixRead({ binding: port, buffer, offset, length, fsReadAsync: readOrFail });
  return port;
}

const readOrFail: typeof readFd = async (...args: Parameters<typeof readFd>) => {
  const result = await readFd(...args);
  if (result.bytesRead === 0) throw new Error('the port reads as closed');
  return result;
};

/** The machine's serial ports; empty where they cannot be listed (Linux without udevadm). */
export async function listPorts(binding: BindingInterface = systemBinding): Promise<PortInfo[]> {
  try {
    return await binding.list();
  } catch {
    return [];
  }
}

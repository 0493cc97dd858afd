import { read } from 'node:fs';
import { promisify } from 'node:util';
import type {
  BindingInterface,
  BindingPortInterface,
  DarwinPortBinding,
  LinuxPortBinding,
  PortInfo,
} from '@serialport/bindings-cpp';
import { unixRead } from '@serialport/bindings-cpp/dist/unix-read.js';
import { SerialPort } from 'serialport';

const readFd = promisify(read);

/**
 * The machine's own serial ports. On Linux and macOS an unplugged port reads 0 bytes and the package then reads again,
 * for ever, on a full core; here 0 bytes is the disconnection that it is.
 */
export const systemBinding: BindingInterface = {
  list: () => SerialPort.binding.list(),
  open: async (options) => {
    // always 8N1: the interface's `parity` is any text, the system's is not
    const { parity: _, ...common } = options;
    const port = await SerialPort.binding.open(common);
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

/** The machine's serial ports; empty where they can't be listed (Linux without udevadm). */
export async function listPorts(binding: BindingInterface = systemBinding): Promise<PortInfo[]> {
  try {
    return await binding.list();
  } catch {
    return [];
  }
}

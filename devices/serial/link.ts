import type { SerialPortStream } from '@serialport/stream';
import { messageOf } from '../../src/errors.ts';
import type { Link, LinkListener } from '../link/link.ts';

/** Link over an open port; first removes bytes of another device from the driver's buffer. */
export async function serialLink(port: SerialPortStream): Promise<Link> {
  let listener: LinkListener | undefined;
  let broken: { readonly reason: string; readonly cause: unknown } | undefined;
  // Where the driver cannot flush, the bytes are read.
  await new Promise<void>((ready) => {
    const onBreak = (error?: Error | null): void => {
      if (broken) return;
      broken = {
        reason: error ? `the device was unplugged (${messageOf(error)})` : 'the port was closed',
        cause: error,
      };
      listener?.broken(broken.reason, broken.cause);
      ready();
    };
    port.on('close', onBreak);
    port.on('error', onBreak);
    port.flush(() => ready());
  });

  return {
    listen(to) {
      listener = to;
      port.on('data', (bytes: Uint8Array) => to.bytes(bytes));
      if (broken) to.broken(broken.reason, broken.cause);
    },
    write(bytes, done) {
      // A closed port would keep the bytes and never call back.
      if (port.isOpen) port.write(bytes, done);
      else done?.();
    },
    close(done) {
      port.removeAllListeners('data').removeAllListeners('close').removeAllListeners('error');
      port.on('error', () => undefined);
      if (port.isOpen) port.close(done);
      else done();
    },
  };
}

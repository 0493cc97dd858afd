import type { Socket } from 'node:net';
import { messageOf } from '../../src/errors.ts';
import type { Link, LinkListener } from '../link/link.ts';

/** The other end gets so long to close its side. */
const CLOSING_MS = 200;

/** A socket that connects or is connected; from here on its errors are the listener's. */
export function tcpLink(socket: Socket): Link {
  let listener: LinkListener | undefined;
  let failure: Error | undefined;
  const tell = (): void => {
    const reason = failure ? `the connection failed (${messageOf(failure)})` : 'the other end closed the connection';
    listener?.broken(reason, failure);
  };
  socket.on('error', (error) => {
    failure = error;
  });
  socket.on('close', tell);

  return {
    listen(to) {
      listener = to;
      socket.on('data', (bytes: Uint8Array) => to.bytes(bytes));
      if (socket.destroyed) tell();
    },
    write(bytes, done) {
      if (socket.writable) socket.write(bytes, () => done?.());
      else done?.();
    },
    close(done) {
      listener = undefined;
      if (socket.destroyed) {
        done();
        return;
      }
      const late = setTimeout(() => socket.destroy(), CLOSING_MS);
      socket.once('close', () => {
        clearTimeout(late);
        done();
      });
      // what nobody reads would turn the goodbye into a reset, and the last command might not be heard
      socket.resume();
      socket.end();
    },
  };
}

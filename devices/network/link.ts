import type { Socket } from 'node:net';
import { messageOf } from '../../src/errors.ts';
import type { Link, LinkListener } from '../link/link.ts';

/** The other end has this time to close its side. */
const CLOSING_MS = 200;

/** Link over a socket that is connected or connecting; the listener gets its errors. */
export function tcpLink(socket: Socket): Link {
  let listener: LinkListener | undefined;
  let failure: Error | undefined;
  const reportBroken = (): void => {
    const reason = failure ? `the connection failed (${messageOf(failure)})` : 'the other end closed the connection';
    listener?.broken(reason, failure);
  };
  socket.on('error', (error) => {
    failure = error;
  });
  socket.on('close', reportBroken);

  return {
    listen(to) {
      listener = to;
      socket.on('data', (bytes: Uint8Array) => to.bytes(bytes));
      if (socket.destroyed) reportBroken();
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
      const timeout = setTimeout(() => socket.destroy(), CLOSING_MS);
      socket.once('close', () => {
        clearTimeout(timeout);
        done();
      });
      // Unread bytes would turn the close into a reset, and the last command could be lost.
      socket.resume();
      socket.end();
    },
  };
}

import { afterEach, beforeEach, expect, it } from 'vitest';
import { listPorts, systemBinding } from '../../../devices/serial/binding.ts';
import { describeWithPty, type PtyPair, ptyPair } from '../../support/pty.ts';

describeWithPty('system binding', () => {
  let pair: PtyPair;
  beforeEach(async () => {
    pair = await ptyPair();
  });
  afterEach(() => pair.remove());

  it('reports a read of 0 bytes as an unplug, where the package would read in an endless loop', async () => {
    const port = await systemBinding.open({ path: pair.host, baudRate: 115_200 });
    await pair.unplug();
    await expect(port.read(Buffer.alloc(64), 0, 64)).rejects.toThrow('reads as closed');
    await port.close();
  });

  it('lists no ports where they cannot be listed', async () => {
    expect(
      await listPorts({ ...systemBinding, list: () => Promise.reject(new Error('spawn udevadm ENOENT')) }),
    ).toEqual([]);
  });
});

import { firstValueFrom, lastValueFrom } from 'rxjs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { biosignal } from '../../../devices/biosignal/index.ts';
import { cytonProtocol } from '../../../devices/openbci-cyton/index.ts';
import { systemBinding } from '../../../devices/serial/binding.ts';
import { serialDevice } from '../../../devices/serial/index.ts';
import { portOpener } from '../../../devices/serial/port.ts';
import { createAmplifier } from '../../../devices/simulator/amplifier.ts';
import { playOnPort } from '../../../devices/simulator/player.ts';
import { systemClock } from '../../../src/clock.ts';
import type { Block } from '../../../src/samples.ts';
import { describeWithPty, type PtyPair, ptyPair } from '../../support/pty.ts';
import { countingSource, MONTAGE_8, misplaced, rowsOf } from '../../support/simulator.ts';

describeWithPty('playOnPort at a pty pair', () => {
  let pty: PtyPair;
  beforeEach(async () => {
    pty = await ptyPair();
  });
  afterEach(() => pty.remove());

  it.each([biosignal, cytonProtocol()])('plays every sample of a finite source to a $name host', async (protocol) => {
    const amplifier = createAmplifier({
      protocol: protocol.name === 'biosignal' ? 'biosignal' : 'openbci-cyton',
      source: countingSource(MONTAGE_8, 250, 250),
    });
    const openPort = portOpener(systemBinding);
    const played = lastValueFrom(
      playOnPort({ path: pty.device, baud: protocol.defaultBaud, amplifier, clock: systemClock, openPort }),
    );
    const host = serialDevice({ protocol, path: pty.host, clock: systemClock });
    const blocks: Block[] = [];
    const listening = host.events$.subscribe((event) => {
      if (event.type === 'samples') blocks.push(event.block);
    });
    const progress = await played;
    await expect.poll(() => rowsOf(blocks).length).toBe(250);
    listening.unsubscribe();
    expect(misplaced(rowsOf(blocks), 0)).toEqual([]);
    expect(progress).toMatchObject({ made: 250, delivered: 250 });
    expect(progress.bytesReceived).toBeGreaterThan(0);
  });

  it('frees the port when it is unsubscribed', async () => {
    const openPort = portOpener(systemBinding);
    for (let attempt = 0; attempt < 2; attempt++) {
      const amplifier = createAmplifier({ protocol: 'biosignal', source: countingSource(['C3'], 1000) });
      const player = playOnPort({ path: pty.device, baud: 115_200, amplifier, clock: systemClock, openPort });
      const progress = await firstValueFrom(player);
      expect(progress.made).toBe(0);
    }
  });
});

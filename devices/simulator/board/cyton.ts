import { AffectEdgeError } from '../../../src/errors.ts';
import { UV_PER_COUNT } from '../../../src/formats/eeg/openbci/board.ts';
import { encodePacket, PACKET_CHANNELS, PACKET_RATE_HZ } from '../../openbci-cyton/packet.ts';
import { formatBanner } from '../../openbci-cyton/replies.ts';
import type { SampleSource } from '../source.ts';
import type { Board } from './board.ts';

/**
 * An OpenBCI Cyton, with a Daisy where the source has 16 channels. The protocol has no markers, so the true state is
 * not sent.
 *
 * @throws CONFIG_INVALID for a source without 8 channels at 250 Hz, or 16 at 125 Hz.
 */
export function cytonBoard({ info }: SampleSource): Board {
  const daisy = info.channels.length === 2 * PACKET_CHANNELS;
  const sampleRateHz = daisy ? PACKET_RATE_HZ / 2 : PACKET_RATE_HZ;
  if ((info.channels.length !== PACKET_CHANNELS && !daisy) || info.sampleRateHz !== sampleRateHz) {
    throw new AffectEdgeError(
      'CONFIG_INVALID',
      `a Cyton sends 8 channels at 250 Hz, or 16 at 125 Hz with a Daisy, not ${info.channels.length} at ${info.sampleRateHz} Hz: play this as --device biosignal`,
    );
  }
  const banner = new TextEncoder().encode(formatBanner({ firmware: 'v3.1.2', daisy, simulated: info.simulated }));
  const counts = new Int32Array(PACKET_CHANNELS);
  let streaming = false;
  /** Index of the sample with counter 0. */
  let origin: number | undefined;

  return {
    samplesPerFrame: 1,
    get streaming() {
      return streaming;
    },
    receive(bytes) {
      const replies: Uint8Array[] = [];
      for (const byte of bytes) {
        const command = String.fromCharCode(byte);
        if (command === 'v' || command === 's') streaming = false;
        if (command === 'v') replies.push(banner);
        if (command === 'b' && !streaming) {
          streaming = true;
          origin = undefined;
        }
      }
      return replies;
    },
    encode({ data, length }, sample) {
      origin ??= sample;
      const first = sample - origin;
      const packets = daisy ? 2 : 1;
      return Array.from({ length: length * packets }, (_, n) => {
        const i = Math.floor(n / packets);
        const half = n % packets;
        for (let c = 0; c < PACKET_CHANNELS; c++) {
          counts[c] = Math.round(data[(half * PACKET_CHANNELS + c) * length + i]! / UV_PER_COUNT);
        }
        // With a Daisy the board's own packet has an odd counter, and the Daisy's packet after it an even one.
        const counter = daisy ? 2 * (first + i) + 1 + half : first + i;
        return { bytes: encodePacket(counter & 0xff, counts), sample: sample + i, samples: 1 };
      });
    },
    everySecond: () => [],
    reset() {
      streaming = false;
    },
  };
}

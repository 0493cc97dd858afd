import { UV_PER_COUNT } from '../../src/formats/eeg/openbci/board.ts';
import type { Block, StreamInfo } from '../../src/samples.ts';
import { HostClock } from '../host-clock.ts';
import { type CytonPacket, PACKET_CHANNELS } from './packet.ts';

/** Makes blocks of samples from indexed packets; with a Daisy an odd and the next even packet make one sample. */
export class SampleAssembler {
  readonly #info: StreamInfo;
  readonly #packetsPerSample: number;
  readonly #emit: (block: Block) => void;
  readonly #clock = new HostClock();
  /** The packet index of sample 0. */
  #origin: number | undefined;
  /** First half of a Daisy sample: the packet with the board's own channels. */
  #lower: { readonly packet: CytonPacket; readonly index: number } | undefined;
  #nextSample = 0;
  #firstSample = 0;
  #lostBefore = 0;
  #rows: Int32Array[][] = [];

  constructor(info: StreamInfo, emit: (block: Block) => void) {
    this.#info = info;
    this.#packetsPerSample = info.channels.length / PACKET_CHANNELS;
    this.#emit = emit;
  }

  /** @returns false for a packet before the stream's first whole sample. */
  push(packet: CytonPacket, index: number): boolean {
    if (this.#packetsPerSample === 1) {
      this.#origin ??= index;
      this.#add(index - this.#origin, [packet.counts], packet.arrivalUs);
      return true;
    }
    if (index % 2 === 1) {
      this.#origin ??= index;
      this.#lower = { packet, index };
      return true;
    }
    if (this.#origin === undefined) return false;
    if (this.#lower?.index === index - 1) {
      this.#add((index - 1 - this.#origin) / 2, [this.#lower.packet.counts, packet.counts], packet.arrivalUs);
    }
    return true;
  }

  restart(): void {
    this.#clock.restart();
  }

  /** Emits the collected contiguous samples as a block. */
  flush(): void {
    const length = this.#rows.length;
    if (length === 0) return;
    const data = new Float32Array(this.#info.channels.length * length);
    this.#rows.forEach((halves, i) => {
      halves.forEach((counts, half) => {
        for (let c = 0; c < PACKET_CHANNELS; c++) {
          data[(half * PACKET_CHANNELS + c) * length + i] = counts[c]! * UV_PER_COUNT;
        }
      });
    });
    const deviceTimeUs = this.#deviceUs(this.#firstSample);
    this.#emit({
      info: this.#info,
      firstSample: this.#firstSample,
      length,
      data,
      lostBefore: this.#lostBefore,
      deviceTimeUs,
      hostTimeUs: this.#clock.hostTimeUs(deviceTimeUs),
      clockErrUs: this.#clock.errUs(deviceTimeUs),
    });
    this.#rows = [];
  }

  #add(sample: number, counts: Int32Array[], arrivalUs: number): void {
    const lost = sample - this.#nextSample;
    if (lost > 0) this.flush();
    if (this.#rows.length === 0) {
      this.#firstSample = sample;
      this.#lostBefore = lost;
    }
    this.#rows.push(counts);
    this.#clock.observe(this.#deviceUs(sample), arrivalUs);
    this.#nextSample = sample + 1;
  }

  /** The board has no clock of its own, so device time is the sample index over the rate. */
  #deviceUs(sample: number): number {
    return (sample * 1e6) / this.#info.sampleRateHz;
  }
}

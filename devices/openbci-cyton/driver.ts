import { AffectEdgeError } from '../../src/errors.ts';
import { cytonMontage, RAIL_UV } from '../../src/formats/eeg/openbci/board.ts';
import type { DeviceEvent, StreamInfo } from '../../src/samples.ts';
import type { DriverCounts, ProtocolDriver } from '../link/driver.ts';
import { DriverIo } from '../link/driver-io.ts';
import { PAUSE_US, PacketCounter } from './counter.ts';
import { checkChannels } from './montage.ts';
import { type CytonPacket, PACKET_BYTES, PACKET_RATE_HZ } from './packet.ts';
import { PacketParser } from './parser.ts';
import { type Banner, isDongleFailure, parseBanner, ReplyReader } from './replies.ts';
import { SampleAssembler } from './samples.ts';
import { wrongDeviceHint } from './wrong-device-hint.ts';

const STOP = command('s');
const RESET = command('v');
const START = command('b');

/** The board needs about a second for a reset. */
const RETRY_US = 2e6;
const RESETS = 3;
/** A board that still sends this long after "s", or this many packets, ignores commands and streams on its own. */
const STOPPING_US = 500_000;
const STOPPING_PACKETS = 2 * (STOPPING_US / 1e6) * PACKET_RATE_HZ;
/** Within this time after a pause, bytes that waited in a buffer have arrived. */
const BACKLOG_US = 150_000;
/** After this time without bytes, a complete packet does not wait for a successor. */
const QUIET_US = 250_000;

export class CytonDriver implements ProtocolDriver {
  readonly #montage: readonly string[] | undefined;
  readonly #io = new DriverIo(wrongDeviceHint);
  readonly #parser = new PacketParser(this);
  readonly #counter = new PacketCounter();
  #replies = new ReplyReader();
  #assembler: SampleAssembler | undefined;
  #info: StreamInfo | undefined;
  #banner: Banner | undefined;
  /** `resetting` until the banner, `starting` until the first packet. */
  #state: 'resetting' | 'starting' | 'streaming' = 'resetting';
  #resets = 0;
  #askedUs = 0;
  /** Packets whose place in the stream is not known before `#holdUntilUs`. */
  #held: CytonPacket[] = [];
  #holdUntilUs: number | undefined;
  #packetUs: number | undefined;

  constructor(montage: readonly string[] | undefined) {
    this.#montage = montage;
  }

  get counts(): DriverCounts {
    return this.#io.counts;
  }

  opened(nowUs: number): Uint8Array[] {
    this.#io.open();
    this.#resets = 0;
    this.#reset(nowUs);
    this.#holdUntilUs = nowUs + STOPPING_US;
    return [STOP, ...this.takeWrites()];
  }

  push(bytes: Uint8Array, arrivalUs: number): DeviceEvent[] {
    this.#io.receive(bytes, arrivalUs);
    this.#parser.push(bytes, arrivalUs);
    this.#io.check(arrivalUs);
    return this.#takeEvents();
  }

  tick(nowUs: number): DeviceEvent[] {
    if (nowUs - this.#io.arrivalUs >= QUIET_US) this.#parser.settle();
    if (this.#holdUntilUs !== undefined && nowUs >= this.#holdUntilUs) this.#release();
    if (this.#state !== 'streaming' && nowUs - this.#askedUs >= RETRY_US) {
      if (this.#state === 'resetting' && this.#resets < RESETS) this.#reset(nowUs);
      else this.#start(nowUs);
    }
    return this.#takeEvents();
  }

  takeWrites(): Uint8Array[] {
    return this.#io.takeWrites();
  }

  interrupted(): DeviceEvent[] {
    this.#parser.end();
    this.#release();
    this.#replies = new ReplyReader();
    this.#restart();
    return this.#takeEvents();
  }

  closing(): Uint8Array[] {
    return [STOP];
  }

  packet(packet: CytonPacket): void {
    this.#io.recognise();
    if (this.#holdUntilUs !== undefined && packet.arrivalUs >= this.#holdUntilUs) this.#release();
    const pauseUs = packet.arrivalUs - (this.#packetUs ?? packet.arrivalUs);
    this.#packetUs = packet.arrivalUs;
    if (pauseUs >= PAUSE_US) this.#holdUntilUs ??= packet.arrivalUs + BACKLOG_US;
    this.#held.push(packet);
    const ignoresStop = this.#state === 'resetting' && this.#held.length >= STOPPING_PACKETS;
    if (ignoresStop || this.#holdUntilUs === undefined) this.#release();
  }

  discarded(bytes: Uint8Array): void {
    this.#io.discard(bytes.length);
    for (const reply of this.#replies.push(bytes)) this.#takeReply(reply);
  }

  #takeReply(reply: string): void {
    const banner = parseBanner(reply);
    if (banner) {
      this.#io.recognise();
      this.#takeBanner(banner);
      this.#dropHeld();
      this.#restart();
      this.#start(this.#io.arrivalUs);
    } else if (isDongleFailure(reply)) {
      this.#io.recognise();
      if (this.#state !== 'streaming' && this.#resets >= RESETS) {
        throw new AffectEdgeError(
          'DEVICE_SILENT',
          'the OpenBCI dongle answers, but the board does not: switch the board on (to PC), bring it nearer, or set the radio channel of the dongle to that of the board',
        );
      }
      if (this.#state === 'streaming') {
        this.#restart();
        this.#resets = 0;
        this.#reset(this.#io.arrivalUs);
      }
    }
  }

  #takeBanner(banner: Banner): void {
    if (this.#montage) checkChannels(this.#montage, banner.daisy);
    if (this.#info && this.#info.channels.length !== cytonMontage(banner.daisy).length) {
      throw new AffectEdgeError(
        'DEVICE_WRONG',
        `the stream began with ${this.#info.channels.length} channels, but the board now answers ${banner.daisy ? 'with' : 'without'} a Daisy: start again`,
      );
    }
    this.#banner = banner;
  }

  #reset(nowUs: number): void {
    this.#state = 'resetting';
    this.#resets++;
    this.#askedUs = nowUs;
    this.#io.write(RESET);
  }

  #start(nowUs: number): void {
    this.#state = 'starting';
    this.#askedUs = nowUs;
    this.#io.write(START);
  }

  #restart(): void {
    this.#counter.restart();
    this.#assembler?.restart();
    this.#packetUs = undefined;
  }

  /** Packets on the way when the board was stopped belong to another stream. */
  #dropHeld(): void {
    this.#io.discard(this.#held.length * PACKET_BYTES);
    this.#held = [];
    this.#holdUntilUs = undefined;
  }

  #release(): void {
    const packets = this.#held;
    this.#held = [];
    this.#holdUntilUs = undefined;
    if (packets.length === 0) return;
    this.#state = 'streaming';
    this.#assembler ??= this.#begin();
    const assembler = this.#assembler;
    const indexes = this.#counter.place(packets);
    packets.forEach((packet, i) => {
      const index = indexes[i];
      if (index === undefined || !assembler.push(packet, index)) this.#io.discard(PACKET_BYTES);
    });
  }

  #begin(): SampleAssembler {
    const info = this.#describe();
    this.#info = info;
    this.#io.emit({ type: 'info', info });
    return new SampleAssembler(info, (block) => this.#io.emitSamples(block));
  }

  #describe(): StreamInfo {
    const daisy = this.#banner?.daisy ?? this.#montage?.length === 16;
    const labels = this.#montage ?? cytonMontage(daisy);
    return {
      deviceId: daisy ? 'openbci-cyton-daisy' : 'openbci-cyton',
      modality: 'eeg',
      channels: labels.map((label) => ({ label, unit: 'uV' })),
      sampleRateHz: daisy ? PACKET_RATE_HZ / 2 : PACKET_RATE_HZ,
      simulated: this.#banner?.simulated ?? false,
      railUv: RAIL_UV,
    };
  }

  #takeEvents(): DeviceEvent[] {
    this.#assembler?.flush();
    return this.#io.takeEvents();
  }
}

function command(letter: string): Uint8Array {
  return new TextEncoder().encode(letter);
}

import { type CytonPacket, LATE_PACKETS, PACKET_RATE_HZ, TURN } from './packet.ts';

/** After a pause this long more than half a turn of the counter may be missing; it allows for 100 ms of latency. */
export const PAUSE_US = 400_000;

/** What is kept of a packet, to place the next one. */
type Previous = Pick<CytonPacket, 'counter' | 'arrivalUs'>;

/**
 * Unwraps the 8-bit counter. The counter gives the missing packets modulo a turn, the host's clock gives the turns. A
 * latency of up to 0.25 s is not mistaken for a turn.
 */
export class PacketCounter {
  #last: Previous | undefined;
  #index = 0;
  #restarted = false;

  /** The board's counter has restarted: the loss until the next packet comes from the host's clock alone. */
  restart(): void {
    this.#restarted = true;
  }

  /**
   * Indexes of packets in order of arrival, undefined for one that came after its successor. An index equals the
   * counter modulo 2, and modulo 256 until a restart. The length of a pause is taken from the newest packet, because
   * packets that waited in the buffers of a busy host arrive all at once and are not lost.
   */
  place(packets: readonly CytonPacket[]): (number | undefined)[] {
    const steps = this.#steps(packets);
    return steps.map((step) => {
      if (step === undefined) return undefined;
      this.#index += step;
      return this.#index;
    });
  }

  #steps(packets: readonly CytonPacket[]): (number | undefined)[] {
    const before = this.#last;
    const restarted = this.#restarted;
    const steps = packets.map((packet) => this.#step(packet));
    const newest = packets.at(-1);
    if (before === undefined || restarted || newest === undefined) return steps;

    const counted = steps.reduce<number>((sum, step) => sum + (step ?? 0), 0);
    const turns = Math.round((packetsIn(newest.arrivalUs - before.arrivalUs) - counted) / TURN);
    const first = steps.findIndex((step) => step !== undefined);
    if (turns > 0 && first >= 0) steps[first]! += turns * TURN;
    return steps;
  }

  #step(packet: CytonPacket): number | undefined {
    const before = this.#last;
    const pauseUs = before ? packet.arrivalUs - before.arrivalUs : 0;
    const forward = before ? (packet.counter - before.counter) & (TURN - 1) : 0;
    const fresh = before === undefined || this.#restarted;
    if (!fresh && pauseUs < PAUSE_US && (forward === 0 || forward >= TURN - LATE_PACKETS)) return undefined;

    this.#last = packet;
    this.#restarted = false;
    if (before === undefined) return packet.counter;
    if (!fresh) return forward || TURN;
    const away = Math.max(1, Math.round(packetsIn(pauseUs)));
    return away + ((this.#index + away - packet.counter) & 1);
  }
}

function packetsIn(us: number): number {
  return (us * PACKET_RATE_HZ) / 1e6;
}

import { type CytonPacket, LATE_PACKETS, PACKET_RATE_HZ, TURN } from './packet.ts';

/** After such a pause more than half a turn of the counter may be missing, with room for 100 ms of latency. */
export const PAUSE_US = 400_000;

/** The packet before: all that is needed to place the next. */
type Seen = Pick<CytonPacket, 'counter' | 'arrivalUs'>;

/**
 * Unwraps the 8-bit counter. It tells how many packets are missing within a turn, the host's clock how many turns; up to
 * a quarter of a second of latency does not look like a turn.
 */
export class PacketCounter {
  #last: Seen | undefined;
  #index = 0;
  #restarted = false;

  /** The board begins to count anew: the loss until then is told by the host's clock alone. */
  restart(): void {
    this.#restarted = true;
  }

  /**
   * Indexes of packets that arrived one after the other, undefined for one that came after its successor. An index equals
   * the counter modulo 2, and modulo 256 until a restart. The newest packet tells how long a pause was: what a busy host
   * finds in its buffers comes all at once and is not lost.
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

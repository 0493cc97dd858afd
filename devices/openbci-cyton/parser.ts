import { type CytonPacket, HEADER, isFooter, LATE_PACKETS, PACKET_BYTES, readCounts, TURN } from './packet.ts';

/** Where a doubt is settled: five packets and the header of a sixth. */
const WINDOW_BYTES = 5 * PACKET_BYTES + 1;
/** Counters of packets that lie within a window are so close, with some lost between them. */
const NEAR = 16;
/** The counter speaks loudest: a header and a footer are easily imitated by samples that hardly change. */
const COUNTER_CLUE = 3;
const ALL_CLUES = 3 + COUNTER_CLUE;

/** What a packet says about its successor; `end` is its offset in the undecided bytes. */
interface Link {
  readonly end: number;
  readonly counter: number;
  readonly footer: number;
}

interface ParserSink {
  packet(packet: CytonPacket): void;
  /** Bytes that belong to no packet, in the order of arrival. */
  discarded(bytes: Uint8Array): void;
}

/**
 * Cuts a byte stream into packets. The framing has no checksum, so a header with a footer 32 bytes later is only a
 * candidate. Four clues speak for it: it begins where the packet before ended, its counter follows, its footer is of the
 * same type, a header comes next. With all four it is accepted at once; else the parser waits for a window of five
 * packets and follows the chain of candidates with the most clues (one without any is no packet). All else is
 * discarded, a byte at a time. A counter that its neighbours contradict is taken from them. The outcome depends on the
 * bytes, not on how they are cut.
 */
export class PacketParser {
  readonly #sink: ParserSink;
  #bytes: Uint8Array = new Uint8Array(0);
  #arrivalsUs: Float64Array = new Float64Array(0);
  #last: Link | undefined;

  constructor(sink: ParserSink) {
    this.#sink = sink;
  }

  push(bytes: Uint8Array, arrivalUs: number): void {
    const kept = this.#bytes.length;
    const all = new Uint8Array(kept + bytes.length);
    all.set(this.#bytes);
    all.set(bytes, kept);
    const arrivalsUs = new Float64Array(all.length).fill(arrivalUs, kept);
    arrivalsUs.set(this.#arrivalsUs);
    this.#bytes = all;
    this.#arrivalsUs = arrivalsUs;
    this.#decide(false);
  }

  /** Nothing came for a while: whole packets are decided with what there is. */
  settle(): void {
    this.#decide(true);
  }

  /** The stream ended: what is half received is discarded, too. */
  end(): void {
    this.#decide(true);
    this.#discard(0, this.#bytes.length);
    this.#keepFrom(this.#bytes.length);
    this.#last = undefined;
  }

  #decide(quiet: boolean): void {
    let at = 0;
    for (let next = this.#resolve(at, quiet); next > at; next = this.#resolve(at, quiet)) at = next;
    this.#keepFrom(at);
  }

  /** Accepts the packet at `at` or discards up to where the next may start; returns how far that is decided. */
  #resolve(at: number, quiet: boolean): number {
    const header = this.#bytes.indexOf(HEADER, at);
    const start = header < 0 ? this.#bytes.length : header;
    if (start > at) return this.#discard(at, start);

    const left = this.#bytes.length - at;
    if (left < PACKET_BYTES) return at;
    if (!this.#isCandidate(at)) return this.#discard(at, at + 1);
    if (this.#last && this.#clues(this.#last, at, false) === ALL_CLUES) return this.#accept(at);
    if (left < WINDOW_BYTES && !quiet) return at;

    const best = this.#bestStart(at, quiet);
    return best === at ? this.#accept(at) : this.#discard(at, best ?? at + 1);
  }

  #isCandidate(at: number): boolean {
    const end = at + PACKET_BYTES;
    return end <= this.#bytes.length && this.#bytes[at] === HEADER && isFooter(this.#bytes[end - 1]!);
  }

  #linkAt(at: number): Link {
    const end = at + PACKET_BYTES;
    return { end, counter: this.#bytes[at + 1]!, footer: this.#bytes[end - 1]! };
  }

  /** How much speaks for the candidate at `at` as the next packet after `before`. */
  #clues(before: Link | undefined, at: number, quiet: boolean): number {
    const { end, counter, footer } = this.#linkAt(at);
    const next = end < this.#bytes.length ? this.#bytes[end] === HEADER : quiet;
    let clues = next ? 1 : 0;
    if (before) {
      if (before.end === at) clues++;
      if (follows(before.counter, counter)) clues += COUNTER_CLUE;
      if (before.footer === footer) clues++;
    }
    return clues;
  }

  /** The first packet of the chain with the most clues among the candidates of the window. */
  #bestStart(at: number, quiet: boolean): number | undefined {
    const ends: { readonly link: Link; readonly first: number; readonly clues: number }[] = [];
    let best: { readonly first: number; readonly clues: number } = { first: -1, clues: 0 };
    for (let start = at; start <= at + WINDOW_BYTES - 1 - PACKET_BYTES; start++) {
      if (!this.#isCandidate(start)) continue;
      const link = this.#linkAt(start);
      let chain = { link, first: start, clues: this.#clues(this.#last, start, quiet) };
      for (const earlier of ends) {
        if (earlier.link.end > start) continue;
        const clues = earlier.clues + this.#clues(earlier.link, start, quiet);
        if (clues > chain.clues) chain = { link, first: earlier.first, clues };
      }
      ends.push(chain);
      if (chain.clues > best.clues) best = chain;
    }
    return best.first < 0 ? undefined : best.first;
  }

  #accept(at: number): number {
    const link = this.#linkAt(at);
    const counter = this.#trueCounter(link, at);
    if (counter === undefined) return this.#discard(at, link.end);
    this.#last = { ...link, counter };
    this.#sink.packet({ counter, counts: readCounts(this.#bytes, at), arrivalUs: this.#arrivalsUs[link.end - 1]! });
    return link.end;
  }

  /**
   * A damaged counter would look like a loss, and the next packet like another that completes the turn. So one that its
   * successors contradict is taken from the packet before; undefined where that does not touch it, for then it is more
   * likely none at all: samples that look like a header, with the end of a packet that was cut.
   */
  #trueCounter({ end, counter }: Link, at: number): number | undefined {
    const last = this.#last;
    const jump = last ? jumpOf(last.counter, counter) : 1;
    if (!last || jump === 1 || jump >= TURN - LATE_PACKETS) return counter;
    const successors = this.#successors(end, at + WINDOW_BYTES);
    const witness = successors.findIndex((link) => {
      const witnessed = jumpOf(last.counter, link.counter);
      return witnessed > 1 && witnessed <= NEAR && witnessed <= jump;
    });
    const next = successors[witness];
    if (!next) return counter;
    // a packet that overtook another looks alike, until the packet after that one
    const second = successors[witness + 1];
    if (jump <= LATE_PACKETS && !(second && follows(next.counter, second.counter))) return counter;
    return last.end === at ? (last.counter + 1) % TURN : undefined;
  }

  /** The candidates that lie whole between `from` and `to`, one after the other: what came beyond would be chance. */
  #successors(from: number, to: number): Link[] {
    const links: Link[] = [];
    for (let start = from; start <= to - PACKET_BYTES; start++) {
      if (!this.#isCandidate(start)) continue;
      links.push(this.#linkAt(start));
      start += PACKET_BYTES - 1;
    }
    return links;
  }

  #discard(from: number, to: number): number {
    if (to > from) this.#sink.discarded(this.#bytes.subarray(from, to));
    return to;
  }

  #keepFrom(at: number): void {
    if (at === 0) return;
    this.#bytes = this.#bytes.slice(at);
    this.#arrivalsUs = this.#arrivalsUs.slice(at);
    if (this.#last) this.#last = { ...this.#last, end: this.#last.end - at };
  }
}

/** Steps from one counter to the next, 1 to 256. */
function jumpOf(before: number, counter: number): number {
  return ((counter - before + TURN - 1) % TURN) + 1;
}

function follows(before: number, counter: number): boolean {
  return jumpOf(before, counter) === 1;
}

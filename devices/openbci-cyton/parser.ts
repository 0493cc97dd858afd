import { type CytonPacket, HEADER, isFooter, LATE_PACKETS, PACKET_BYTES, readCounts, TURN } from './packet.ts';

/** Bytes needed to decide an ambiguous candidate: five packets and the header of a sixth. */
const WINDOW_BYTES = 5 * PACKET_BYTES + 1;
/** Largest step of the counter between packets within a window, some packets lost included. */
const NEAR = 16;
/** The counter has the most weight: samples that hardly change easily look like a header and a footer. */
const COUNTER_CLUE = 3;
const ALL_CLUES = 3 + COUNTER_CLUE;

/** A candidate packet; `end` is its end in the undecided bytes. */
interface Candidate {
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
 * candidate. It has up to four clues: it starts at the end of the previous packet, its counter follows, its footer has
 * the same type, and a header comes next. With all four it is accepted at once. Otherwise the parser waits for a window
 * of five packets and takes the chain of candidates with the most clues; a candidate without a clue is not a packet.
 * Other bytes are discarded one at a time. A counter that contradicts its neighbours is corrected from them. The result
 * depends on the bytes, not on how they are cut.
 */
export class PacketParser {
  readonly #sink: ParserSink;
  #bytes: Uint8Array = new Uint8Array(0);
  #arrivalsUs: Float64Array = new Float64Array(0);
  #last: Candidate | undefined;

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

  /** No bytes came for a while: decides complete packets without waiting for more. */
  settle(): void {
    this.#decide(true);
  }

  /** The stream has ended: an incomplete packet is discarded, too. */
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

  /** Accepts the packet at `at`, or discards up to the next possible start. @returns the end of the decided bytes. */
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

  #candidateAt(at: number): Candidate {
    const end = at + PACKET_BYTES;
    return { end, counter: this.#bytes[at + 1]!, footer: this.#bytes[end - 1]! };
  }

  /** Clues, with their weights, that the candidate at `at` is the next packet after `before`. */
  #clues(before: Candidate | undefined, at: number, quiet: boolean): number {
    const { end, counter, footer } = this.#candidateAt(at);
    const next = end < this.#bytes.length ? this.#bytes[end] === HEADER : quiet;
    let clues = next ? 1 : 0;
    if (before) {
      if (before.end === at) clues++;
      if (follows(before.counter, counter)) clues += COUNTER_CLUE;
      if (before.footer === footer) clues++;
    }
    return clues;
  }

  /** Start of the chain with the most clues among the candidates of the window. */
  #bestStart(at: number, quiet: boolean): number | undefined {
    const ends: { readonly candidate: Candidate; readonly first: number; readonly clues: number }[] = [];
    let best: { readonly first: number; readonly clues: number } = { first: -1, clues: 0 };
    for (let start = at; start <= at + WINDOW_BYTES - 1 - PACKET_BYTES; start++) {
      if (!this.#isCandidate(start)) continue;
      const candidate = this.#candidateAt(start);
      let chain = { candidate, first: start, clues: this.#clues(this.#last, start, quiet) };
      for (const earlier of ends) {
        if (earlier.candidate.end > start) continue;
        const clues = earlier.clues + this.#clues(earlier.candidate, start, quiet);
        if (clues > chain.clues) chain = { candidate, first: earlier.first, clues };
      }
      ends.push(chain);
      if (chain.clues > best.clues) best = chain;
    }
    return best.first < 0 ? undefined : best.first;
  }

  #accept(at: number): number {
    const candidate = this.#candidateAt(at);
    const counter = this.#correctedCounter(candidate, at);
    if (counter === undefined) return this.#discard(at, candidate.end);
    this.#last = { ...candidate, counter };
    this.#sink.packet({
      counter,
      counts: readCounts(this.#bytes, at),
      arrivalUs: this.#arrivalsUs[candidate.end - 1]!,
    });
    return candidate.end;
  }

  /**
   * The counter, corrected if its successors contradict it: a damaged counter would look like a loss, and the next
   * packet like the rest of a turn. The correct one follows the previous packet's. Undefined if that packet does not
   * end here: then the candidate is probably not a packet but samples that look like a header, with the end of a cut
   * packet.
   */
  #correctedCounter({ end, counter }: Candidate, at: number): number | undefined {
    const last = this.#last;
    const jump = last ? jumpOf(last.counter, counter) : 1;
    if (!last || jump === 1 || jump >= TURN - LATE_PACKETS) return counter;
    const successors = this.#successors(end, at + WINDOW_BYTES);
    const confirming = successors.findIndex((candidate) => {
      const step = jumpOf(last.counter, candidate.counter);
      return step > 1 && step <= NEAR && step <= jump;
    });
    const next = successors[confirming];
    if (!next) return counter;
    // A packet that overtook another looks the same until the packet after that one.
    const second = successors[confirming + 1];
    if (jump <= LATE_PACKETS && !(second && follows(next.counter, second.counter))) return counter;
    return last.end === at ? (last.counter + 1) % TURN : undefined;
  }

  /** Candidates that lie completely between `from` and `to`, without overlap. */
  #successors(from: number, to: number): Candidate[] {
    const candidates: Candidate[] = [];
    for (let start = from; start <= to - PACKET_BYTES; start++) {
      if (!this.#isCandidate(start)) continue;
      candidates.push(this.#candidateAt(start));
      start += PACKET_BYTES - 1;
    }
    return candidates;
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

import { AffectEdgeError } from '../../src/errors.ts';
import { RAIL_UV } from '../../src/formats/eeg/openbci-board.ts';
import type { StreamInfo } from '../../src/samples.ts';
import { parseStateMarker } from '../../src/simulation/emotion.ts';
import { biosignalBoard } from './biosignal-board.ts';
import type { Board } from './board.ts';
import { cytonBoard } from './cyton-board.ts';
import type { Faults } from './faults.ts';
import { FaultyLink, type Frame, type LinkCounts } from './link.ts';
import type { SampleSource, SourceChunk } from './source.ts';

export interface AmplifierOptions {
  readonly protocol: 'biosignal' | 'openbci-cyton';
  readonly source: SampleSource;
  readonly faults?: Faults;
  /** Of the faults. */
  readonly seed?: number;
}

/** A device without a cable: bytes of the host in, bytes for the host out, in its own time. */
export interface Amplifier {
  /** Bytes of the host; what it answers comes with the next `advance`. */
  receive(bytes: Uint8Array): void;
  /**
   * What it has sent up to `toUs`, in microseconds of the host's clock since any start; never goes back. How often it
   * is called changes nothing of what is sent.
   */
  advance(toUs: number): Uint8Array;
  /** False while its cable is pulled. */
  readonly plugged: boolean;
  /** The recording has been played to its end; while the host has stopped it, it waits for another to start it again. */
  readonly ended: boolean;
  /** What really became of the samples. */
  readonly counts: LinkCounts;
}

/** The grid of the device's inner time: faults begin and end on it, and it is the shortest step. */
const STEP_US = 2000;
const UNPLUGGED_US = 1e6;
const SECOND_US = 1e6;

/** @throws CONFIG_INVALID for a source that the device can't have, or an electrode that is not there. */
export function createAmplifier({ protocol, source, faults = {}, seed = 0 }: AmplifierOptions): Amplifier {
  const board = protocol === 'biosignal' ? biosignalBoard(source) : cytonBoard(source);
  return new SimulatedAmplifier(board, source, faults, seed);
}

class SimulatedAmplifier implements Amplifier {
  readonly #board: Board;
  readonly #source: SampleSource;
  readonly #faults: Faults;
  readonly #link: FaultyLink;
  /** Channels without an electrode. */
  readonly #off: readonly number[];
  /** The host's clock: at the first call, at the last step on the grid, and where power came. */
  #zeroUs: number | undefined;
  #nowUs = 0;
  #poweredUs = 0;
  #nextUnplugUs: number;
  #pluggedAgainUs = 0;
  #answers: Uint8Array[] = [];
  /** The device's clock when it began to stream. */
  #startedUs: number | undefined;
  /** The device's clock when it next sends what no one has asked for. */
  #nextSecondUs = 0;
  /** Samples taken since power came: what the device counts. */
  #sample = 0;
  /** A chunk of the source whose time has not come. */
  #waiting: SourceChunk | undefined;
  #ended = false;
  /** The true state: a host that joins later is told it, too. */
  #state: string | undefined;
  /** The host has asked for samples and got none yet. */
  #joined = false;

  constructor(board: Board, source: SampleSource, faults: Faults, seed: number) {
    this.#board = board;
    this.#source = source;
    this.#faults = faults;
    this.#link = new FaultyLink(faults, seed);
    this.#off = (faults.electrodesOff ?? []).map((label) => channelOf(source, label));
    this.#nextUnplugUs = (faults.unplugEveryS ?? Number.POSITIVE_INFINITY) * SECOND_US;
  }

  get plugged(): boolean {
    return this.#nowUs >= this.#pluggedAgainUs;
  }

  get ended(): boolean {
    return this.#ended;
  }

  get counts(): LinkCounts {
    return this.#link.counts;
  }

  receive(bytes: Uint8Array): void {
    if (this.plugged) this.#answers.push(...this.#board.receive(bytes));
  }

  advance(toUs: number): Uint8Array {
    this.#zeroUs ??= toUs;
    const out = this.#answers;
    this.#answers = [];
    while (this.#nowUs + STEP_US <= toUs - this.#zeroUs) {
      this.#nowUs += STEP_US;
      this.#watchCable();
      if (this.plugged) out.push(...this.#step());
    }
    return Buffer.concat(out);
  }

  #watchCable(): void {
    if (this.#nowUs < this.#nextUnplugUs) return;
    this.#nextUnplugUs += this.#faults.unplugEveryS! * SECOND_US;
    this.#pluggedAgainUs = this.#nowUs + UNPLUGGED_US;
    this.#poweredUs = this.#pluggedAgainUs;
    this.#board.reset();
    this.#link.cut();
    this.#startedUs = undefined;
    this.#nextSecondUs = 0;
    this.#sample = 0;
  }

  #step(): Uint8Array[] {
    const deviceUs = (this.#nowUs - this.#poweredUs) * (1 + (this.#faults.driftPpm ?? 0) * 1e-6);
    const frames = this.#unasked(deviceUs);
    if (!this.#board.streaming || this.#ended) {
      this.#startedUs = undefined;
      this.#watchEnd();
      return frames.length > 0 ? this.#link.carry(frames, 0) : [];
    }
    const due = Math.floor((deviceUs * this.#source.info.sampleRateHz) / 1e6);
    if (this.#startedUs === undefined) {
      this.#startedUs = deviceUs;
      this.#sample = due;
      this.#joined = true;
    }
    for (let chunk = this.#nextChunk(due); chunk !== undefined; chunk = this.#nextChunk(due)) {
      this.#sample += chunk.lostBefore;
      frames.push(...this.#encode(chunk));
      this.#sample += chunk.length;
    }
    const sent = this.#link.carry(frames, (deviceUs - this.#startedUs) / SECOND_US);
    return this.#ended ? [...sent, ...this.#link.finish()] : sent;
  }

  #unasked(deviceUs: number): Frame[] {
    if (deviceUs < this.#nextSecondUs) return [];
    this.#nextSecondUs += SECOND_US;
    return this.#board.everySecond();
  }

  /** A host that stops with the last sample does not ask for more: the source is asked in its place. */
  #watchEnd(): void {
    if (this.#ended) return;
    this.#waiting ??= this.#source.next(this.#board.samplesPerFrame);
    if (this.#waiting !== undefined) return;
    this.#ended = true;
    this.#link.cut();
  }

  /** The samples that are taken before `due`, in whole frames as far as the source gives them. */
  #nextChunk(due: number): SourceChunk | undefined {
    const open = due - this.#sample;
    let chunk = this.#waiting;
    if (chunk === undefined) {
      const whole = open - (open % this.#board.samplesPerFrame);
      if (whole === 0) return undefined;
      chunk = this.#source.next(whole);
      this.#ended = chunk === undefined;
    }
    const early = chunk !== undefined && chunk.lostBefore + chunk.length > open;
    this.#waiting = early ? chunk : undefined;
    return early ? undefined : chunk;
  }

  #encode(chunk: SourceChunk): Frame[] {
    const repeated = this.#joined && this.#state !== undefined ? [{ label: this.#state, offset: 0 }] : [];
    this.#joined = false;
    const state = chunk.markers.findLast(({ label }) => parseStateMarker(label) !== null);
    if (state) this.#state = state.label;
    for (const channel of this.#off) {
      chunk.data.fill(offValue(this.#source.info), channel * chunk.length, (channel + 1) * chunk.length);
    }
    return this.#board.encode({ ...chunk, markers: [...repeated, ...chunk.markers] }, this.#sample);
  }
}

/** What a channel reads whose electrode has fallen off: clipped; of an eye tracker that lost sight of it: nothing. */
function offValue({ modality, railUv = RAIL_UV }: StreamInfo): number {
  return modality === 'eye' ? Number.NaN : railUv;
}

function channelOf({ info }: SampleSource, label: string): number {
  const channel = info.channels.findIndex((candidate) => candidate.label.toUpperCase() === label);
  if (channel >= 0) return channel;
  const labels = info.channels.map((candidate) => candidate.label).join(' ');
  throw new AffectEdgeError('CONFIG_INVALID', `nothing named ${label} can fall off: there are ${labels}`);
}

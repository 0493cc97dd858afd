import { AffectEdgeError } from '../../src/errors.ts';
import { RAIL_UV } from '../../src/formats/eeg/openbci/board.ts';
import type { StreamInfo } from '../../src/samples.ts';
import { parseStateMarker } from '../../src/simulation/emotion.ts';
import { biosignalBoard } from './board/biosignal.ts';
import type { Board } from './board/board.ts';
import { cytonBoard } from './board/cyton.ts';
import type { Faults } from './faults.ts';
import { type DeliveryCounts, FaultyLink, type Frame } from './faulty-link.ts';
import type { SampleSource, SourceChunk } from './source.ts';

export interface AmplifierOptions {
  readonly protocol: 'biosignal' | 'openbci-cyton';
  readonly source: SampleSource;
  readonly faults?: Faults;
  /** Seed of the random faults. */
  readonly seed?: number;
}

/** A simulated device without I/O: takes bytes from the host and returns bytes for it. */
export interface Amplifier {
  /** Takes bytes from the host; `advance` returns the answers. */
  receive(bytes: Uint8Array): void;
  /**
   * Returns the bytes sent up to `toUs`, in microseconds of the host's clock from any origin, which never decreases.
   * The bytes do not depend on how often it is called.
   */
  advance(toUs: number): Uint8Array;
  /** False while the cable is unplugged. */
  readonly plugged: boolean;
  /** Whether the source has been played to its end. */
  readonly ended: boolean;
  /** True outcome of the samples. */
  readonly counts: DeliveryCounts;
}

/** Time step of the simulation: faults begin and end on this grid. */
const STEP_US = 2000;
const UNPLUGGED_US = 1e6;
const SECOND_US = 1e6;

/** @throws CONFIG_INVALID for a source that the device cannot send, or an unknown electrode in the faults. */
export function createAmplifier({ protocol, source, faults = {}, seed = 0 }: AmplifierOptions): Amplifier {
  const board = protocol === 'biosignal' ? biosignalBoard(source) : cytonBoard(source);
  return new SimulatedAmplifier(board, source, faults, seed);
}

class SimulatedAmplifier implements Amplifier {
  readonly #board: Board;
  readonly #source: SampleSource;
  readonly #faults: Faults;
  readonly #link: FaultyLink;
  /** Channels whose electrode is off. */
  readonly #off: readonly number[];
  /** Host's clock at the first call; since then, the time of the last step and of power-on. */
  #zeroUs: number | undefined;
  #nowUs = 0;
  #poweredUs = 0;
  #nextUnplugUs: number;
  #pluggedAgainUs = 0;
  #answers: Uint8Array[] = [];
  /** Device's clock at the start of streaming. */
  #startedUs: number | undefined;
  /** Device's clock at the next unsolicited frames. */
  #nextSecondUs = 0;
  /** Samples taken since power-on, as the device counts them. */
  #sample = 0;
  /** A chunk of the source that is not due yet. */
  #waiting: SourceChunk | undefined;
  #ended = false;
  /** Latest marker of the true state; repeated for a host that starts the stream later. */
  #state: string | undefined;
  /** Whether the host has started the stream and not received a sample yet. */
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

  get counts(): DeliveryCounts {
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
    const frames = this.#unsolicited(deviceUs);
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

  #unsolicited(deviceUs: number): Frame[] {
    if (deviceUs < this.#nextSecondUs) return [];
    this.#nextSecondUs += SECOND_US;
    return this.#board.everySecond();
  }

  /** Detects the end of the source while the host has stopped the stream. */
  #watchEnd(): void {
    if (this.#ended) return;
    this.#waiting ??= this.#source.next(this.#board.samplesPerFrame);
    if (this.#waiting !== undefined) return;
    this.#ended = true;
    this.#link.cut();
  }

  /** The next chunk before sample `due`, in whole frames where the source allows it. */
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

/** Value of a channel whose electrode is off: clipped; missing for an eye tracker. */
function offValue({ modality, railUv = RAIL_UV }: StreamInfo): number {
  return modality === 'eye' ? Number.NaN : railUv;
}

function channelOf({ info }: SampleSource, label: string): number {
  const channel = info.channels.findIndex((candidate) => candidate.label.toUpperCase() === label);
  if (channel >= 0) return channel;
  const labels = info.channels.map((candidate) => candidate.label).join(' ');
  throw new AffectEdgeError(
    'CONFIG_INVALID',
    `there is no channel ${label} for electrode-off: the channels are ${labels}`,
  );
}

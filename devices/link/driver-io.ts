import { type AffectEdgeError, isAffectEdgeError } from '../../src/errors.ts';
import type { Block, DeviceEvent } from '../../src/samples.ts';
import type { DriverCounts } from './driver.ts';
import { type WrongDeviceHint, WrongDeviceWatch } from './wrong-device.ts';

/** What every protocol driver keeps: events to emit, bytes to write, counts, and the error that ends a connection. */
export class DriverIo {
  /** Arrival of the newest bytes. */
  arrivalUs = 0;
  readonly #hint: WrongDeviceHint;
  readonly #counts = { bytesReceived: 0, bytesDiscarded: 0, samplesReceived: 0, samplesLost: 0 };
  /** Present while a link is open and nothing has been recognised on it. */
  #watch: WrongDeviceWatch | undefined;
  #failure: AffectEdgeError | undefined;
  #events: DeviceEvent[] = [];
  #writes: Uint8Array[] = [];

  constructor(hint: WrongDeviceHint) {
    this.#hint = hint;
  }

  get counts(): DriverCounts {
    return { ...this.#counts };
  }

  /** Whether something of the protocol has arrived since the link was opened. */
  get isRecognised(): boolean {
    return this.#watch === undefined;
  }

  /** A new connection: drops the failure and the unsent bytes of the previous one. */
  open(): void {
    this.#watch = new WrongDeviceWatch(this.#hint);
    this.#failure = undefined;
    this.#writes = [];
  }

  receive(bytes: Uint8Array, arrivalUs: number): void {
    this.arrivalUs = arrivalUs;
    this.#counts.bytesReceived += bytes.length;
    this.#watch?.push(bytes, arrivalUs);
  }

  /** The bytes are from the right kind of device. */
  recognise(): void {
    this.#watch = undefined;
  }

  discard(bytes: number): void {
    this.#counts.bytesDiscarded += bytes;
  }

  emit(event: DeviceEvent): void {
    this.#events.push(event);
  }

  emitSamples(block: Block): void {
    this.#counts.samplesLost += block.lostBefore;
    this.#counts.samplesReceived += block.length;
    this.#events.push({ type: 'samples', block });
  }

  write(...parts: readonly Uint8Array[]): void {
    this.#writes.push(...parts);
  }

  /** Keeps the first error, for `check` to throw once all bytes of a push are counted. */
  fail(error: AffectEdgeError): void {
    this.#failure ??= error;
  }

  /** @returns false where `run` threw an `AffectEdgeError`, which is kept as `fail` does. */
  attempt(run: () => void): boolean {
    try {
      run();
      return true;
    } catch (error) {
      if (!isAffectEdgeError(error)) throw error;
      this.fail(error);
      return false;
    }
  }

  /** @throws the kept error, or DEVICE_WRONG where nothing was recognised in time. */
  check(nowUs: number): void {
    if (this.#failure) throw this.#failure;
    this.#watch?.check(nowUs);
  }

  takeEvents(): DeviceEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  takeWrites(): Uint8Array[] {
    const writes = this.#writes;
    this.#writes = [];
    return writes;
  }
}

import type { BindingInterface, BindingPortInterface, OpenOptions } from '@serialport/bindings-cpp';
import type { Clock } from '../../src/clock.ts';
import { type PortOpener, portOpener } from '../serial/port.ts';
import type { Amplifier } from './amplifier.ts';
import { everyMs, type Pace } from './pace.ts';

export interface LoopbackOptions {
  readonly amplifier: Amplifier;
  readonly clock: Clock;
  readonly path?: string;
  /** Timer that advances the amplifier. */
  readonly pace?: Pace;
}

/** Limit of unread bytes; older bytes are lost, as in a system's buffer. */
const BUFFER_BYTES = 1 << 20;

/** Opens an in-process serial port with the amplifier at its other end, through serialport's own stream. */
export function loopbackOpener(options: LoopbackOptions): PortOpener {
  return portOpener(loopbackBinding(options));
}

function loopbackBinding({
  amplifier,
  clock,
  path = 'simulator',
  pace = everyMs(20),
}: LoopbackOptions): BindingInterface {
  const portInfo = {
    path,
    manufacturer: 'simulated',
    serialNumber: undefined,
    pnpId: undefined,
    locationId: undefined,
    productId: undefined,
    vendorId: undefined,
  };
  return {
    list: async () => (amplifier.plugged ? [portInfo] : []),
    open: async (options) => {
      // Time also passes while the port is closed.
      amplifier.advance(clock.monoUs());
      if (options.path !== path || !amplifier.plugged)
        throw new Error(`No such file or directory, cannot open ${options.path}`);
      return new LoopbackPort(options, amplifier, clock, pace);
    },
  };
}

interface Reader {
  readonly buffer: Buffer;
  readonly offset: number;
  readonly length: number;
  readonly resolve: (result: { buffer: Buffer; bytesRead: number }) => void;
  readonly reject: (error: Error) => void;
}

class LoopbackPort implements BindingPortInterface {
  readonly openOptions: Required<OpenOptions>;
  readonly #amplifier: Amplifier;
  readonly #stop: () => void;
  #received: Buffer = Buffer.alloc(0);
  #reader: Reader | undefined;
  isOpen = true;

  constructor(options: OpenOptions, amplifier: Amplifier, clock: Clock, pace: Pace) {
    this.openOptions = {
      dataBits: 8,
      lock: true,
      stopBits: 1,
      parity: 'none',
      rtscts: false,
      xon: false,
      xoff: false,
      xany: false,
      hupcl: true,
      ...options,
    };
    this.#amplifier = amplifier;
    this.#stop = pace(() => this.#advance(clock.monoUs()));
  }

  #advance(nowUs: number): void {
    const bytes = this.#amplifier.advance(nowUs);
    this.#received = Buffer.concat([this.#received, bytes]).subarray(-BUFFER_BYTES);
    this.#serve();
  }

  /** Completes a waiting read; bytes sent before the cable was unplugged still arrive. */
  #serve(): void {
    const reader = this.#reader;
    if (!reader) return;
    if (this.#received.length === 0) {
      if (!this.#amplifier.plugged) this.#fail(new Error('the cable of the simulated amplifier was unplugged'));
      return;
    }
    this.#reader = undefined;
    const bytesRead = this.#received.copy(reader.buffer, reader.offset, 0, reader.length);
    this.#received = this.#received.subarray(bytesRead);
    reader.resolve({ buffer: reader.buffer, bytesRead });
  }

  #fail(error: Error): void {
    this.#stop();
    this.#reader?.reject(error);
    this.#reader = undefined;
  }

  read(buffer: Buffer, offset: number, length: number): Promise<{ buffer: Buffer; bytesRead: number }> {
    return new Promise((resolve, reject) => {
      this.#reader = { buffer, offset, length, resolve, reject };
      this.#serve();
    });
  }

  async write(buffer: Buffer): Promise<void> {
    this.#amplifier.receive(buffer);
  }

  async close(): Promise<void> {
    this.isOpen = false;
    this.#fail(Object.assign(new Error('the port was closed'), { canceled: true }));
  }

  async flush(): Promise<void> {
    this.#received = Buffer.alloc(0);
  }

  async getBaudRate(): Promise<{ baudRate: number }> {
    return { baudRate: this.openOptions.baudRate };
  }

  async get(): Promise<{ cts: boolean; dsr: boolean; dcd: boolean }> {
    return { cts: true, dsr: true, dcd: true };
  }

  async update(): Promise<void> {}
  async set(): Promise<void> {}
  async drain(): Promise<void> {}
}

/** The gaze events of an eye tracker's blocks. */
import { requireNext } from '../block-order.ts';
import type { Block, StreamInfo } from '../samples.ts';
import type { Stage } from '../stage.ts';
import { GAZE_EVENTS, type GazeEventConfig } from './config.ts';
import { GazeEventDetector } from './detector.ts';
import type { GazeEvent } from './event.ts';
import { GazeReader } from './sample.ts';

export class GazeEventStage implements Stage<Block, GazeEvent> {
  readonly #reader: GazeReader;
  readonly #detector: GazeEventDetector;
  readonly #channels: number;
  #next = 0;

  /** Throws `CONFIG_INVALID` (no gaze channels, pixels without a geometry), `RATE_UNSUPPORTED`. */
  constructor(info: StreamInfo, config: GazeEventConfig = GAZE_EVENTS) {
    this.#reader = new GazeReader(info);
    this.#detector = new GazeEventDetector(info.deviceId, info.sampleRateHz, config);
    this.#channels = info.channels.length;
  }

  /** An event is reported at the latest when this many samples have come after its end. */
  get delaySamples(): number {
    return this.#detector.delaySamples;
  }

  /** Throws `INTERNAL` for a block that does not follow the last one. */
  push(block: Block): GazeEvent[] {
    requireNext(block, this.#channels, this.#next);
    this.#next = block.firstSample + block.length;
    const events: GazeEvent[] = [];
    for (let i = 0; i < block.length; i++) this.#detector.push(this.#reader.read(block, i), events);
    return events;
  }

  flush(): GazeEvent[] {
    const events: GazeEvent[] = [];
    this.#detector.flush(events);
    this.reset();
    return events;
  }

  reset(): void {
    this.#reader.reset();
    this.#detector.reset();
    this.#next = 0;
  }
}

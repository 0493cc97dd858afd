import type { Device } from '../../devices/device.ts';
import type { Notice, StreamEvent } from '../api/events.ts';
import type { ModelBundle } from '../model/bundle.ts';
import type { Modality } from '../samples.ts';

interface Readiness {
  readonly ready: boolean;
  readonly reason: string;
}

interface Source {
  readonly device: Pick<Device, 'name'>;
  readonly model: Pick<ModelBundle, 'description'>;
  readonly simulated: boolean;
}

/** Which sources of a service are ready, and which signals are simulated. */
export class SourceStates {
  readonly #readiness: Map<Modality, Readiness>;
  readonly #simulated: Map<Modality, boolean>;
  readonly #main: Modality;

  /** The first source is the main one. */
  constructor(sources: readonly [Source, ...Source[]]) {
    this.#main = sources[0].model.description.modality;
    this.#readiness = new Map(
      sources.map(({ device, model }) => [
        model.description.modality,
        { ready: false, reason: `waiting for ${device.name}` },
      ]),
    );
    this.#simulated = new Map(sources.map(({ model, simulated }) => [model.description.modality, simulated]));
  }

  /** One ready source is enough; else the state of the main one. */
  get readiness(): Readiness {
    return [...this.#readiness.values()].find(({ ready }) => ready) ?? this.#readiness.get(this.#main)!;
  }

  get simulated(): boolean {
    return [...this.#simulated.values()].some(Boolean);
  }

  update(event: StreamEvent | Notice): void {
    if (!('stream' in event)) return;
    if (event.stream === 'device') {
      this.#readiness.set(event.source, { ready: event.data.state === 'streaming', reason: event.data.message });
    } else if (event.stream === 'raw') {
      this.#simulated.set(event.source, event.block.info.simulated);
    }
  }
}

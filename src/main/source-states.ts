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
  /** Sources whose last prediction is stale. */
  readonly #stale = new Set<Modality>();

  /** The first source is the main one. */
  constructor(sources: readonly [Source, ...Source[]]) {
    this.#readiness = new Map(
      sources.map(({ device, model }) => [
        model.description.modality,
        { ready: false, reason: `waiting for ${device.name}` },
      ]),
    );
    this.#simulated = new Map(sources.map(({ model, simulated }) => [model.description.modality, simulated]));
  }

  /** One ready source is enough; else the state of the main one, which is the first. */
  get readiness(): Readiness {
    const current = [...this.#readiness].map(([source, state]) =>
      state.ready && this.#stale.has(source) ? { ready: false, reason: `no window comes from ${source}` } : state,
    );
    return current.find(({ ready }) => ready) ?? current[0]!;
  }

  get simulated(): boolean {
    return [...this.#simulated.values()].some(Boolean);
  }

  update(event: StreamEvent | Notice): void {
    if (!('stream' in event)) return;
    if (event.stream === 'device') {
      const ready = event.data.state === 'streaming';
      if (ready && !this.#readiness.get(event.source)?.ready) this.#stale.delete(event.source);
      this.#readiness.set(event.source, { ready, reason: event.data.message });
    } else if (event.stream === 'prediction' && event.source !== 'fusion') {
      if (event.data.reasons.includes('stale')) this.#stale.add(event.source);
      else this.#stale.delete(event.source);
    } else if (event.stream === 'raw') {
      this.#simulated.set(event.source, event.block.info.simulated);
    }
  }
}

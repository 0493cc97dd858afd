/** Who speaks in which stream: what `hello` offers, and what a subscription may ask for. */

import { publishesFeatures, type Source, type StreamName } from '../api/events.ts';
import { STREAM_NAMES } from '../api/protocol.ts';
import type { Service } from '../api/service.ts';

type Served = Pick<Service, 'models' | 'sources'>;

/** Empty: nobody, ever. Null: the events belong to no source. */
export function sourcesOf(stream: StreamName, { models, sources }: Served): readonly Source[] | null {
  switch (stream) {
    case 'marker':
      return null;
    case 'prediction':
      return sources;
    case 'features':
      return models.filter(publishesFeatures).map(({ modality }) => modality);
    case 'gaze':
      return models.map(({ modality }) => modality).filter((modality) => modality === 'eye');
    case 'quality':
    case 'device':
    case 'raw':
      return models.map(({ modality }) => modality);
  }
}

interface Wish {
  readonly stream: StreamName;
  readonly source?: Source | undefined;
}

/** Whose events a subscription gets (null: those that belong to no source), or why it would never get any. */
export function chooseSources(
  { stream, source }: Wish,
  served: Served,
): { readonly chosen: readonly (Source | null)[] } | { readonly refusal: string } {
  if (source !== undefined && !served.sources.includes(source)) {
    return { refusal: `there is no source "${source}"; this server has ${served.sources.join(', ')}` };
  }
  const there = sourcesOf(stream, served);
  if (there === null) return { chosen: [null] };
  if (there.length === 0) {
    const speaking = STREAM_NAMES.filter((name) => sourcesOf(name, served)?.length !== 0);
    return { refusal: `there is no ${stream} on this server; it has ${speaking.join(', ')}` };
  }
  if (source === undefined) return { chosen: there };
  if (there.includes(source)) return { chosen: [source] };
  return { refusal: `there is no ${stream} of "${source}"; this server has it of ${there.join(', ')}` };
}

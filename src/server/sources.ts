import { publishesFeatures, type Source, type StreamName } from '../api/events.ts';
import { STREAM_NAMES } from '../api/protocol.ts';
import type { Service } from '../api/service.ts';

type Served = Pick<Service, 'models' | 'sources'>;

/** The sources that emit events in a stream. Empty: none on this server. Null: its events have no source (markers). */
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

interface SourceRequest {
  readonly stream: StreamName;
  readonly source?: Source | undefined;
}

/** The sources of a new subscription (null: of events without a source), or why it would never get an event. */
export function chooseSources(
  { stream, source }: SourceRequest,
  served: Served,
): { readonly chosen: readonly (Source | null)[] } | { readonly refusal: string } {
  if (source !== undefined && !served.sources.includes(source)) {
    return { refusal: `there is no source "${source}"; this server has ${served.sources.join(', ')}` };
  }
  const offered = sourcesOf(stream, served);
  if (offered === null) return { chosen: [null] };
  if (offered.length === 0) {
    const streams = STREAM_NAMES.filter((name) => sourcesOf(name, served)?.length !== 0);
    return { refusal: `this server emits no ${stream}; it emits ${streams.join(', ')}` };
  }
  if (source === undefined) return { chosen: offered };
  if (offered.includes(source)) return { chosen: [source] };
  return { refusal: `source "${source}" does not emit ${stream}; on this server it comes from ${offered.join(', ')}` };
}

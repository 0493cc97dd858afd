import type { StreamName } from '../api/events.ts';
import type { HelloMessage, PingResult } from '../api/messages.ts';
import { PROTOCOL_VERSION, STREAM_NAMES, STREAM_SCOPE } from '../api/protocol.ts';
import type { Clock } from '../clock.ts';
import type { ServerContext } from './context.ts';
import { sourcesOf } from './sources.ts';

/** The server's first message: its description of itself and of its streams. */
export function helloOf({ service, options }: Pick<ServerContext, 'service' | 'options'>): HelloMessage {
  return {
    type: 'hello',
    protocol: PROTOCOL_VERSION,
    server: `affect-edge/${options.version}`,
    session: service.session,
    auth: options.tokens.length === 0 ? 'none' : 'required',
    clock: readClock(options.clock),
    streams: STREAM_NAMES.map((name) => ({
      name,
      schema: schemaOf(name),
      scope: STREAM_SCOPE[name],
      encoding: name === 'raw' ? 'binary' : 'json',
      sources: sourcesOf(name, service),
    })),
    model: service.models[0],
    models: service.models,
    sources: service.sources,
    simulated: service.simulated,
  };
}

export function readClock(clock: Clock): PingResult['clock'] {
  return { unix_us: Math.round(clock.unixUs()), mono_us: Math.round(clock.monoUs()) };
}

export function schemaOf(stream: StreamName): string {
  return `${stream}/1`;
}

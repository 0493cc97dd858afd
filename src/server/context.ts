import type { Service } from '../api/service.ts';
import type { ServerOptions } from './config.ts';
import type { Hub } from './hub.ts';
import type { ServerStats } from './stats.ts';

/** Shared by all connections. */
export interface ServerContext {
  readonly service: Service;
  readonly options: ServerOptions;
  readonly hub: Hub;
  readonly stats: ServerStats;
}

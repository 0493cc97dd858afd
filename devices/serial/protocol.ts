import type { ProtocolSession } from '../link/session.ts';

export interface SerialProtocol {
  /** As on the command line: `biosignal`, `openbci-cyton`. */
  readonly name: string;
  readonly defaultBaud: number;
  createSession(options: { readonly baud: number }): ProtocolSession;
}

import type { ProtocolDriver } from '../link/driver.ts';

export interface SerialProtocol {
  /** As on the command line: `biosignal`, `openbci-cyton`. */
  readonly name: string;
  readonly defaultBaud: number;
  createDriver(options: { readonly baud: number }): ProtocolDriver;
}

/** The board's description of itself after a reset. */
export interface Banner {
  /** As "v3.1.2"; absent in early firmware. */
  readonly firmware: string | undefined;
  readonly daisy: boolean;
  readonly simulated: boolean;
}

const END = '$$$';
const LONGEST_REPLY = 1024;

/** Finds replies, which are text that ends with "$$$", among the bytes that are not in packets. */
export class ReplyReader {
  #text = '';

  /** The replies that these bytes complete, without the "$$$". */
  push(bytes: Uint8Array): string[] {
    for (const byte of bytes) this.#text += String.fromCharCode(byte);
    const parts = this.#text.split(END);
    this.#text = parts.pop()!.slice(-LONGEST_REPLY);
    return parts;
  }
}

/** The banner of a Cyton, or undefined for another reply. */
export function parseBanner(reply: string): Banner | undefined {
  const start = reply.indexOf('OpenBCI V3');
  if (start < 0) return undefined;
  const banner = reply.slice(start);
  return {
    firmware: /Firmware: (v\d+\.\d+\.\d+)/.exec(banner)?.[1],
    daisy: banner.includes('On Daisy ADS1299'),
    simulated: banner.startsWith('OpenBCI V3 Simulator'),
  };
}

/** As the board and the simulator write it. */
export function formatBanner({ firmware, daisy, simulated }: Banner): string {
  const lines = [
    simulated ? 'OpenBCI V3 Simulator' : 'OpenBCI V3 8-16 channel',
    'On Board ADS1299 Device ID: 0x3E',
    ...(daisy ? ['On Daisy ADS1299 Device ID: 0x3E'] : []),
    'LIS3DH Device ID: 0x33',
    ...(firmware ? [`Firmware: ${firmware}`] : []),
  ];
  return `${lines.join('\n')}\n${END}`;
}

/**
 * The USB dongle's reply when the board does not answer: "Failure: Communications timeout - Device failed to poll
 * Host".
 */
export function isDongleFailure(reply: string): boolean {
  return /Failure: .*(timeout|failed to poll)/i.test(reply);
}

/** What an OpenBCI Cyton, with or without a Daisy, means on the wire and in the GUI's text alike. */
import { CYTON8 } from '../../montage.ts';

/** Microvolts a count of the ADS1299 at a reference of 4.5 V and the board's default gain of 24: 0.022351744455307063. */
export const UV_PER_COUNT = 4.5e6 / 24 / (2 ** 23 - 1);
/** |sample| from here on is clipped. */
export const RAIL_UV = 187_500;

/** Where OpenBCI's own caps and GUI put the 8 channels, or the 16 with a Daisy. */
export function cytonMontage(daisy: boolean): readonly string[] {
  return daisy ? [...CYTON8, 'F7', 'F8', 'F3', 'F4', 'T7', 'T8', 'P3', 'P4'] : CYTON8;
}

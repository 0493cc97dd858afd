/** Scale, clipping and default electrodes of an OpenBCI Cyton, for its serial protocol and for the GUI's text. */
import { CYTON8 } from '../../../montage.ts';

/** Microvolts per count of the ADS1299 at a reference of 4.5 V and the board's default gain of 24: 0.022351744455307063. */
export const UV_PER_COUNT = 4.5e6 / 24 / (2 ** 23 - 1);
/** A sample at or beyond +-RAIL_UV is clipped. */
export const RAIL_UV = 187_500;

/** Electrodes of the 8 channels (16 with a Daisy) in OpenBCI's caps and GUI. */
export function cytonMontage(daisy: boolean): readonly string[] {
  return daisy ? [...CYTON8, 'F7', 'F8', 'F3', 'F4', 'T7', 'T8', 'P3', 'P4'] : CYTON8;
}

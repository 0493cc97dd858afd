/**
 * The micro sign and the Greek letter mu, also as their bytes in UTF-8, Shift-JIS, CP437 and ISO 8859-7 look in Latin-1,
 * in which EDF headers are read.
 */
const MICRO = /^(\u00c2?\u00b5|\u03bc|\u00ce\u00bc|\u0083\u00ca|\u00e6|\u00ec|mc)(?=v)/i;
const perPrefix: Record<string, number> = { n: 1e-3, nano: 1e-3, u: 1, micro: 1, m: 1e3, milli: 1e3, '': 1e6 };

/** Microvolts per unit of a voltage ("uV", "µV", "microvolts", "mV"); undefined where the unit is not a voltage. */
export function microvoltsPer(unit: string): number | undefined {
  const name = unit.trim().replace(MICRO, 'u').toLowerCase();
  const match = /^(nano|micro|milli|n|u|m|)v(?:olt?s?)?$/.exec(name);
  return match ? perPrefix[match[1]!] : undefined;
}

const perPrefix: Record<string, number> = { n: 1e-3, nano: 1e-3, u: 1, micro: 1, m: 1e3, milli: 1e3, '': 1e6 };

/** Microvolts per unit of a voltage ("uV", "µV", "microvolts", "mV"); undefined where the unit is not a voltage. */
export function microvoltsPer(unit: string): number | undefined {
  const name = unit
    .trim()
    .replace(/[\u00b5\u03bc]/g, 'u')
    .toLowerCase();
  const match = /^(nano|micro|milli|n|u|m|)v(?:olts?)?$/.exec(name);
  return match ? perPrefix[match[1]!] : undefined;
}

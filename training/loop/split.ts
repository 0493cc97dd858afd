/** What the splits of both systems share: the validation share and the content of split.json. */

/** One group in five validates. */
export const VALIDATION_SHARE = 5;

interface NamedSplit {
  readonly seed: number;
  readonly name: string;
  /** Names of the groups of each side; a split for serving has no test side. */
  readonly groups: Readonly<Record<'train' | 'validation', readonly string[]>> & { readonly test?: readonly string[] };
}

/** Content of split.json: the groups of each side, from which the rows follow. */
export function describeSplits(protocol: string, unit: string, splits: readonly NamedSplit[]) {
  return {
    schema: 'split/1' as const,
    splits: splits.map(({ seed, name, groups }) => ({ protocol, seed, name, unit, ...groups })),
  };
}

/** Compares events with those of a human coder: matched one to one, larger overlaps first. */

/** The range [from, to) of one index. */
export type Span = readonly [from: number, to: number];

/** Indices of matched spans, each in at most one pair. */
export function matched(found: readonly Span[], marked: readonly Span[]): [found: number, marked: number][] {
  const overlaps = found.flatMap(([from, to], i) =>
    marked.map(([a, b], j) => ({ i, j, overlap: Math.min(to, b) - Math.max(from, a) })),
  );
  const [usedFound, usedMarked] = [new Set<number>(), new Set<number>()];
  const pairs: [number, number][] = [];
  for (const { i, j, overlap } of overlaps.sort((a, b) => b.overlap - a.overlap)) {
    if (overlap <= 0 || usedFound.has(i) || usedMarked.has(j)) continue;
    usedFound.add(i);
    usedMarked.add(j);
    pairs.push([i, j]);
  }
  return pairs;
}

export interface Score {
  truePositives: number;
  falsePositives: number;
  falseNegatives: number;
}

export function addScore(score: Score, found: readonly Span[], marked: readonly Span[]): void {
  const pairs = matched(found, marked).length;
  score.truePositives += pairs;
  score.falsePositives += found.length - pairs;
  score.falseNegatives += marked.length - pairs;
}

export function f1({ truePositives, falsePositives, falseNegatives }: Score): number {
  return (2 * truePositives) / (2 * truePositives + falsePositives + falseNegatives);
}

/** The runs of `code`. */
export function runsOf(codes: readonly number[], code: number): Span[] {
  const runs: Span[] = [];
  for (let from = 0; from < codes.length; ) {
    let to = from;
    while (to < codes.length && codes[to] === code) to++;
    if (to > from) runs.push([from, to]);
    from = to + 1;
  }
  return runs;
}

/**
 * Half-open ranges [from, to) on a sample index, added in order of `from` and kept merged, so that the list does not
 * depend on the pieces in which a range was added.
 */
export class Intervals {
  /** from, to, from, to, ... */
  #edges: number[] = [];

  add(from: number, to: number): void {
    const last = this.#edges.length - 1;
    if (last > 0 && from <= this.#edges[last]!) this.#edges[last] = Math.max(this.#edges[last]!, to);
    else this.#edges.push(from, to);
  }

  /** Length of the part of [from, to) that is in the ranges. */
  overlap(from: number, to: number): number {
    let sum = 0;
    for (let i = this.#edges.length - 2; i >= 0 && this.#edges[i + 1]! > from; i -= 2) {
      sum += Math.max(0, Math.min(this.#edges[i + 1]!, to) - Math.max(this.#edges[i]!, from));
    }
    return sum;
  }

  /** Whether any part of [from, to) is in a range. */
  touches(from: number, to: number): boolean {
    for (let i = this.#edges.length - 2; i >= 0 && this.#edges[i + 1]! > from; i -= 2) {
      if (this.#edges[i]! < to) return true;
    }
    return false;
  }

  /** The end of the range that contains `at`, or `at` itself outside of all ranges. */
  endAround(at: number): number {
    for (let i = this.#edges.length - 2; i >= 0 && this.#edges[i + 1]! > at; i -= 2) {
      if (this.#edges[i]! <= at) return this.#edges[i + 1]!;
    }
    return at;
  }

  /** Forgets the ranges that end at or before `at`. */
  dropBefore(at: number): void {
    let count = 0;
    while (count < this.#edges.length && this.#edges[count + 1]! <= at) count += 2;
    if (count > 0) this.#edges.splice(0, count);
  }

  clear(): void {
    this.#edges = [];
  }
}

/**
 * Seeded random numbers: xoshiro128** (Blackman & Vigna 2021, "Scrambled linear pseudorandom number generators"). Every
 * part of a simulation draws from its own stream, named by keys, so adding an electrode or a rhythm does not change the
 * others.
 */

/** MurmurHash3's finaliser. */
function mix(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** FNV-1a from a chosen basis, finalised. */
function hash(text: string, basis: number): number {
  let h = basis;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return mix(h);
}

export class Random {
  #s0: number;
  #s1: number;
  #s2: number;
  #s3: number;
  #spare = Number.NaN;

  constructor(...keys: readonly (number | string)[]) {
    const text = keys.join('/');
    this.#s0 = hash(text, 0x811c9dc5);
    this.#s1 = hash(text, 0x9e3779b9);
    this.#s2 = hash(text, 0x243f6a88);
    // The state must not be all zero.
    this.#s3 = hash(text, 0xb7e15162) | 1;
  }

  /** In [0, 1), 32 bits. */
  uniform(): number {
    const x = Math.imul(this.#s1, 5);
    const result = Math.imul((x << 7) | (x >>> 25), 9);
    const t = this.#s1 << 9;
    this.#s2 ^= this.#s0;
    this.#s3 ^= this.#s1;
    this.#s1 ^= this.#s2;
    this.#s0 ^= this.#s3;
    this.#s2 ^= t;
    this.#s3 = (this.#s3 << 11) | (this.#s3 >>> 21);
    return (result >>> 0) / 4294967296;
  }

  /** A whole number in [min, max]. */
  integer(min: number, max: number): number {
    return min + Math.floor(this.uniform() * (max - min + 1));
  }

  /** Standard normal (Marsaglia's polar method). */
  normal(): number {
    if (!Number.isNaN(this.#spare)) {
      const value = this.#spare;
      this.#spare = Number.NaN;
      return value;
    }
    let u: number;
    let v: number;
    let s: number;
    do {
      u = 2 * this.uniform() - 1;
      v = 2 * this.uniform() - 1;
      s = u * u + v * v;
    } while (s >= 1 || s === 0);
    const scale = Math.sqrt((-2 * Math.log(s)) / s);
    this.#spare = v * scale;
    return u * scale;
  }
}

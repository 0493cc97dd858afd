/** One colour a class, apart for colour-blind eyes as well (after Okabe and Ito's palette). */
const CLASS_COLOURS = ['#e69f00', '#56b4e9', '#009e73', '#cc79a7', '#f0e442', '#d55e00'];

export function classColour(index: number): string {
  return CLASS_COLOURS[index % CLASS_COLOURS.length]!;
}

/** Five stops from dark violet to yellow, even in lightness; `share` in 0..1. */
const HEAT: readonly (readonly [number, number, number])[] = [
  [43, 20, 84],
  [92, 44, 128],
  [180, 62, 110],
  [240, 120, 70],
  [250, 220, 110],
];

/** Writes RGBA at `offset` of `pixels`. */
export function putHeat(pixels: Uint8ClampedArray, offset: number, share: number): void {
  const at = Math.min(1, Math.max(0, share)) * (HEAT.length - 1);
  const low = Math.min(HEAT.length - 2, Math.floor(at));
  const part = at - low;
  for (let i = 0; i < 3; i++) pixels[offset + i] = HEAT[low]![i]! * (1 - part) + HEAT[low + 1]![i]! * part;
  pixels[offset + 3] = 255;
}

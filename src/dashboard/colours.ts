/** One colour per class, distinguishable for colour-blind people (Okabe and Ito's palette). */
const CLASS_COLOURS = ['#e69f00', '#56b4e9', '#009e73', '#cc79a7', '#f0e442', '#d55e00'];

export function classColour(index: number): string {
  return CLASS_COLOURS[index % CLASS_COLOURS.length]!;
}

/** Left and right eye, or the two pupil diameters of one eye. */
export const EYE_COLOURS = ['#7fd1ff', '#ffb86b'] as const;
export const GAZE_COLOUR = '#e4e9ee';
export const EVENT_COLOURS = {
  fixation: '#56b4e9',
  saccade: '#e69f00',
  blink: '#cc79a7',
  track_loss: '#d55e00',
} as const;
export const TRACE_COLOUR = '#7fd1ff';
/** Grid lines on a canvas. */
export const LINE_COLOUR = '#2c353f';
/** Text on a canvas. */
export const MUTED_COLOUR = '#95a2af';
export const PANEL_COLOUR = '#1a2027';

/** RGB stops from dark violet to yellow, with steadily increasing lightness. */
const HEAT: readonly (readonly [number, number, number])[] = [
  [43, 20, 84],
  [92, 44, 128],
  [180, 62, 110],
  [240, 120, 70],
  [250, 220, 110],
];

/** Writes the colour of `share` (0 to 1) as RGBA at `offset` of `pixels`. */
export function putHeat(pixels: Uint8ClampedArray, offset: number, share: number, alpha = 255): void {
  const at = Math.min(1, Math.max(0, share)) * (HEAT.length - 1);
  const low = Math.min(HEAT.length - 2, Math.floor(at));
  const part = at - low;
  for (let i = 0; i < 3; i++) pixels[offset + i] = HEAT[low]![i]! * (1 - part) + HEAT[low + 1]![i]! * part;
  pixels[offset + 3] = alpha;
}

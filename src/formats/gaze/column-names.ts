/** Names that only the columns of eye trackers have, whether or not a reader knows their table. */

const PATTERNS = [
  /gaze|pupil|fixation|saccade|eye ?pos|azimuth|elevation|norm_pos/i,
  /^(left|right)[ _]?(eye[ _]?)?[xy]\b|^[xy]_(left|right)|^[xy]_(px|deg)$/i,
  // Open Gaze: point of gaze of the left, right, best or fixating eye; the pupil's position, diameter, scale, validity.
  /^[LRBF]POG(X|Y|V|S|D|ID)?$|^[LR]P(CX|CY|D|S|V|MM|MMV|UPILD|UPILV)$/,
];

export function isGazeColumn(name: string): boolean {
  return PATTERNS.some((pattern) => pattern.test(name));
}

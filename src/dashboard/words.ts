/** What the API says in one word, in more of them. */

import type { Source, Verdict } from '../api/events.ts';
import type { AbstainReason } from '../decision.ts';

import type { Modality } from '../samples.ts';

export const SOURCE_NAMES: Readonly<Record<Source, string>> = { eeg: 'EEG', eye: 'eye', eog: 'EOG', fusion: 'fusion' };
export const DEVICE_NAMES: Readonly<Record<Modality, string>> = {
  eeg: 'EEG device',
  eye: 'eye tracker',
  eog: 'EOG device',
};

const REASONS: Readonly<Record<AbstainReason, string>> = {
  gap: 'samples are missing',
  bad_channels: 'too many bad electrodes',
  not_worn: 'not worn',
  out_of_distribution: 'unlike anything the model has seen',
  stale: 'no signal from the device',
};
const EYE_REASONS: Readonly<Record<AbstainReason, string>> = {
  ...REASONS,
  gap: 'gaze was missing for too much of the window',
  bad_channels: 'pupils not seen',
  not_worn: 'no eyes in view',
};

/** HH:mm:ss where the page is; `unixMs`: Unix milliseconds. */
export function clockTime(unixMs: number): string {
  return new Date(unixMs).toTimeString().slice(0, 'HH:mm:ss'.length);
}

/** Why there is no verdict; empty where there is one. A reason that this page does not know is told as it came. */
export function doubtsOf({ state, reasons }: Verdict, source: Source): string {
  const words: Readonly<Record<string, string>> = source === 'eye' ? EYE_REASONS : REASONS;
  if (state !== 'warmup') return reasons.map((reason) => words[reason] ?? reason).join(', ');
  return source === 'eye' ? 'the first window is not full yet' : 'the filters are settling';
}

/** What a fusion stands on, and why not on the rest of its `modalities`. `verdicts`: the latest of each. */
export function standingOf(
  fused: readonly Modality[],
  modalities: readonly Modality[],
  verdicts: ReadonlyMap<Modality, Verdict>,
): string {
  const absent = modalities
    .filter((modality) => !fused.includes(modality))
    .map((modality) => absenceOf(modality, verdicts.get(modality)));
  const names = fused.map((modality) => SOURCE_NAMES[modality]).join(' + ');
  const stands = absent.length > 0 && fused.length > 0 ? `${names} alone` : names;
  return [stands, absent.join('; ')].filter((part) => part !== '').join(': ');
}

function absenceOf(modality: Modality, verdict: Verdict | undefined): string {
  if (verdict === undefined) return `nothing from the ${DEVICE_NAMES[modality]} yet`;
  if (verdict.reasons.includes('stale')) return `the ${DEVICE_NAMES[modality]} is away`;
  const name = SOURCE_NAMES[modality];
  if (verdict.state === 'warmup') return `${name} is warming up`;
  if (verdict.state === 'ok') return `the verdict of ${name} is of another time`;
  return `${name} abstains, ${doubtsOf(verdict, modality)}`;
}

/** In the order in which they are replaced. */
const FEATURE_WORDS: readonly (readonly [RegExp, string])[] = [
  [/^dispersion_([xy])_/, 'fixation dispersion $1 '],
  [/^dispersion_/, 'fixation dispersion '],
  [/de_([\d.]+)-([\d.]+)hz$/, 'entropy $1–$2 Hz'],
  [/frequency/, 'rate'],
  [/std/, 'spread'],
  [/_30s$/, ', 30 s'],
  [/_/g, ' '],
];

/** The name of an eye feature; `pupils`: what the pupils X and Y are. */
export function featureWords(name: string, pupils: readonly string[]): string {
  const named = name
    .replace(/^pupil_x_/, `${pupils[0]} pupil `)
    .replace(/^pupil_y_/, `${pupils[1] ?? pupils[0]} pupil `);
  return FEATURE_WORDS.reduce((words, [pattern, word]) => words.replace(pattern, word), named);
}

/** Texts for what the API says in one word. */
import type { Source, Verdict } from '../api/events.ts';
import { CLOSE_CODE } from '../api/protocol.ts';
import type { ClientState } from '../client/index.ts';
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
  rate_mismatch: 'the device sends at another rate than it declares',
};
const EYE_REASONS: Readonly<Record<AbstainReason, string>> = {
  ...REASONS,
  gap: 'gaze was missing for too much of the window',
  bad_channels: 'pupils not seen',
  not_worn: 'no eyes in view',
};

/** Whether this page reaches the server, and which devices send it no signal. */
export function connectionText(client: ClientState, silent: readonly Modality[]): string {
  switch (client.name) {
    case 'open': {
      const names = silent.map((modality) => `the ${DEVICE_NAMES[modality]}`);
      return names.length === 0 ? 'connected' : `server connected, no signal from ${names.join(' and ')}`;
    }
    case 'waiting':
      return `this page has lost the server, trying again in ${(client.retryInMs / 1000).toFixed(1)} s`;
    case 'closed':
      return client.code === CLOSE_CODE.unauthenticated ? 'a token is needed' : client.reason || 'closed';
    default:
      return 'connecting to the server';
  }
}

/** The title of the page: the verdict of the main source. */
export function titleText({ state, label, probs, reasons }: Verdict): string {
  if (state === 'ok') return `${label} ${(100 * Math.max(...probs)).toFixed(0)} % \u2013 affect-edge`;
  if (state === 'warmup') return 'warming up \u2013 affect-edge';
  return `${reasons.includes('stale') ? 'no signal' : 'no verdict'} \u2013 affect-edge`;
}

/** How many electrodes are bad in a window, and which. */
export function badElectrodesText(bad: readonly string[], electrodes: number): string {
  if (bad.length === 0 || electrodes === 0) return '';
  return `${bad.length} of ${electrodes} electrodes ${bad.length === 1 ? 'is' : 'are'} bad: ${bad.join(', ')}`;
}

/** HH:mm:ss in the time zone of the page; `unixMs`: Unix milliseconds. */
export function clockTime(unixMs: number): string {
  return new Date(unixMs).toTimeString().slice(0, 'HH:mm:ss'.length);
}

/** Why there is no verdict; empty if there is one. A reason that this page does not know is shown unchanged. */
export function reasonsText({ state, reasons }: Verdict, source: Source): string {
  const words: Readonly<Record<string, string>> = source === 'eye' ? EYE_REASONS : REASONS;
  if (state !== 'warmup') return reasons.map((reason) => words[reason] ?? reason).join(', ');
  return source === 'eye' ? 'the first window is not full yet' : 'the filters are settling';
}

/** Which of its `modalities` a fusion combines, and why not the others. `verdicts`: the latest one of each. */
export function fusionText(
  fused: readonly Modality[],
  modalities: readonly Modality[],
  verdicts: ReadonlyMap<Modality, Verdict>,
): string {
  const absent = modalities
    .filter((modality) => !fused.includes(modality))
    .map((modality) => absenceText(modality, verdicts.get(modality)));
  const names = fused.map((modality) => SOURCE_NAMES[modality]).join(' + ');
  const combined = absent.length > 0 && fused.length > 0 ? `${names} alone` : names;
  return [combined, absent.join('; ')].filter((part) => part !== '').join(': ');
}

function absenceText(modality: Modality, verdict: Verdict | undefined): string {
  if (verdict === undefined) return `nothing from the ${DEVICE_NAMES[modality]} yet`;
  if (verdict.reasons.includes('stale')) return `the ${DEVICE_NAMES[modality]} is disconnected`;
  const name = SOURCE_NAMES[modality];
  if (verdict.state === 'warmup') return `${name} is warming up`;
  if (verdict.state === 'ok') return `the latest verdict of ${name} is for another time`;
  return `${name} abstains, ${reasonsText(verdict, modality)}`;
}

/** Applied in this order. */
const FEATURE_NAME_PARTS: readonly (readonly [RegExp, string])[] = [
  [/^dispersion_([xy])_/, 'fixation dispersion $1 '],
  [/^dispersion_/, 'fixation dispersion '],
  [/de_([\d.]+)-([\d.]+)hz$/, 'entropy $1–$2 Hz'],
  [/frequency/, 'rate'],
  [/std/, 'spread'],
  [/_30s$/, ', 30 s'],
  [/_/g, ' '],
];

/** A readable name of an eye feature; `pupils`: the names of the pupils X and Y. */
export function featureName(name: string, pupils: readonly string[]): string {
  const named = name
    .replace(/^pupil_x_/, `${pupils[0]} pupil `)
    .replace(/^pupil_y_/, `${pupils[1] ?? pupils[0]} pupil `);
  return FEATURE_NAME_PARTS.reduce((words, [pattern, word]) => words.replace(pattern, word), named);
}

import { AffectEdgeError } from '../errors.ts';
import { parseLabels } from '../main/parse.ts';
import { CYTON8, EEG62, normaliseLabel } from '../montage.ts';

const NAMED: Readonly<Record<string, readonly string[]>> = { eeg62: EEG62, cyton8: CYTON8 };

/** `eeg62`, `cyton8`, or 10-20 labels. Throws CONFIG_INVALID where an electrode is named twice; T3 and T7 are the same electrode. */
export function parseMontage(text: string): string[] {
  const labels = [...(NAMED[text] ?? parseLabels(text))];
  const names = labels.map(normaliseLabel);
  const again = names.find((name, i) => names.indexOf(name) !== i);
  if (again === undefined) return labels;
  throw new AffectEdgeError('CONFIG_INVALID', `--montage names ${again} twice: give each electrode once`);
}

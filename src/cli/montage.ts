import { parseLabels } from '../config.ts';
import { CYTON8, EEG62 } from '../montage.ts';

const NAMED: Readonly<Record<string, readonly string[]>> = { eeg62: EEG62, cyton8: CYTON8 };

/** `eeg62`, `cyton8`, or 10-20 labels. */
export function parseMontage(text: string): string[] {
  return [...(NAMED[text] ?? parseLabels(text))];
}

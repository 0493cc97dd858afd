import { AffectEdgeError } from '../../src/errors.ts';

/** @throws CONFIG_INVALID where there are not 8 labels (16 with a Daisy), or a label is repeated. */
export function checkMontage(montage: readonly string[]): void {
  if (montage.length !== 8 && montage.length !== 16) {
    throw new AffectEdgeError(
      'CONFIG_INVALID',
      `a montage for the Cyton has 8 labels, or 16 with a Daisy, not ${montage.length} (${montage.join(' ')})`,
    );
  }
  const repeated = montage.find((label, i) => montage.indexOf(label) !== i);
  if (repeated !== undefined) throw new AffectEdgeError('CONFIG_INVALID', `the montage names ${repeated} twice`);
}

/** @throws CONFIG_INVALID where the board and the montage have different numbers of channels. */
export function checkChannels(montage: readonly string[], daisy: boolean): void {
  const channels = daisy ? 16 : 8;
  if (montage.length === channels) return;
  throw new AffectEdgeError(
    'CONFIG_INVALID',
    `the board reports ${daisy ? 'a' : 'no'} Daisy, so ${channels} channels, but the montage has ${montage.length} labels: give ${channels}`,
  );
}

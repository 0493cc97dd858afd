import { AffectEdgeError } from '../../src/errors.ts';

/** @throws CONFIG_INVALID where the labels are not one for each channel of a board, with or without a Daisy. */
export function checkMontage(montage: readonly string[]): void {
  if (montage.length !== 8 && montage.length !== 16) {
    throw new AffectEdgeError(
      'CONFIG_INVALID',
      `a montage for the Cyton has 8 labels, or 16 with a Daisy, not ${montage.length} (${montage.join(' ')})`,
    );
  }
  const twice = montage.find((label, i) => montage.indexOf(label) !== i);
  if (twice !== undefined) throw new AffectEdgeError('CONFIG_INVALID', `the montage names ${twice} twice`);
}

/** @throws CONFIG_INVALID where the board that answered has another number of channels than the montage. */
export function checkChannels(montage: readonly string[], daisy: boolean): void {
  const channels = daisy ? 16 : 8;
  if (montage.length === channels) return;
  throw new AffectEdgeError(
    'CONFIG_INVALID',
    `the board says that it has ${daisy ? 'a' : 'no'} Daisy, so ${channels} channels, but the montage has ${montage.length} labels: give ${channels}`,
  );
}

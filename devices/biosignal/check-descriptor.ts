/** Checks what a device declares, and converts voltages to microvolts. */
import { AffectEdgeError } from '../../src/errors.ts';
import { microvoltsPer } from '../../src/formats/units.ts';
import type { Descriptor } from './frame.ts';

/** Amplifiers and eye trackers sample at 1 Hz to 100 kHz; other rates are mistakes, such as hertz sent as millihertz. */
const MIN_RATE_HZ = 1;
const MAX_RATE_HZ = 100_000;

type Channel = Descriptor['channels'][number];

/**
 * The descriptor with EEG and EOG in microvolts.
 * @throws DEVICE_WRONG for a rate, a label, a scale or a unit that cannot be right, with its name and value
 */
export function checkedDescriptor(descriptor: Descriptor): Descriptor {
  const { sampleRateHz, channels, modality, rail } = descriptor;
  if (!(sampleRateHz >= MIN_RATE_HZ && sampleRateHz <= MAX_RATE_HZ)) {
    throw refused(
      `a sampling rate of ${sampleRateHz} Hz`,
      `a rate is ${MIN_RATE_HZ} to ${MAX_RATE_HZ} Hz and is sent in millihertz`,
    );
  }
  if (channels.length === 0) throw refused('no channel', 'a device has 1 to 255 channels');
  checkLabels(channels);
  for (const { label, scale, unit } of channels) {
    if (!Number.isFinite(scale) || scale === 0) {
      throw refused(`the scale ${scale} for channel ${label}`, 'a scale is a finite number and not 0');
    }
    if (unit.trim() === '') {
      const units = modality === 'eye' ? 'px, deg, mm or au' : 'uV, nV, mV or V';
      throw refused(`no unit for channel ${label}`, `name the unit: ${units}`);
    }
  }
  if (modality === 'eye') return descriptor;
  const factors = channels.map(factorOf);
  const [factor] = factors;
  if (rail !== undefined && factors.some((other) => other !== factor)) {
    const units = [...new Set(channels.map(({ unit }) => unit))].join(', ');
    throw refused(`a rail of ${rail} for channels in ${units}`, 'a rail needs one unit for all channels');
  }
  return {
    ...descriptor,
    channels: channels.map(({ label, scale }, c) => ({ label, unit: 'uV', scale: scale * factors[c]! })),
    ...(rail === undefined ? {} : { rail: rail * factor! }),
  };
}

function checkLabels(channels: readonly Channel[]): void {
  const seen = new Set<string>();
  for (const [c, { label }] of channels.entries()) {
    const name = label.trim().toUpperCase();
    if (name === '') throw refused(`no label for channel ${c + 1}`, 'name the electrode or the quantity');
    if (seen.has(name)) throw refused(`the label ${label} for two channels`, 'give each channel its own label');
    seen.add(name);
  }
}

function factorOf({ label, unit }: Channel): number {
  const factor = microvoltsPer(unit);
  if (factor === undefined) {
    throw refused(`the unit "${unit}" for channel ${label}`, 'EEG and EOG are voltages: uV, nV, mV or V');
  }
  return factor;
}

function refused(what: string, wayOut: string): AffectEdgeError {
  return new AffectEdgeError('DEVICE_WRONG', `the descriptor of the device declares ${what}: ${wayOut}`);
}

import { AffectEdgeError } from '../../src/errors.ts';

/** Simulated faults between the electrodes and the host; an absent one does not occur. */
export interface Faults {
  /** Share of the frames that are lost, in bursts of `burst` frames on average. */
  readonly loss?: { readonly share: number; readonly burst: number };
  /** Share of the frames that arrive after their successor. */
  readonly reorder?: number;
  /** Share of the frames with flipped bits, inserted or missing bytes. */
  readonly corrupt?: number;
  /** Every `everyS` the link is silent for `forS`; the frames of that time come later, or are lost. */
  readonly stall?: { readonly everyS: number; readonly forS: number; readonly lost: boolean };
  /** How much faster the device's clock is than the host's. */
  readonly driftPpm?: number;
  /** Period of unplugging the cable for a second; the device loses its power. */
  readonly unplugEveryS?: number;
  /** Channels whose electrode is off: their samples are clipped, or missing for an eye tracker. */
  readonly electrodesOff?: readonly string[];
}

type Parse = (value: string, name: string) => Faults;

const SYNTAX: Readonly<Record<string, { readonly form: string; readonly parse: Parse }>> = {
  loss: {
    form: 'loss=SHARE[/BURST]',
    parse(value, name) {
      const [share, burst = '1'] = fields(value, name, 1, 2);
      return { loss: { share: shareOf(share!, name), burst: numberIn(burst, name, 1, 1e6) } };
    },
  },
  reorder: { form: 'reorder=SHARE', parse: (value, name) => ({ reorder: shareOf(value, name) }) },
  corrupt: { form: 'corrupt=SHARE', parse: (value, name) => ({ corrupt: shareOf(value, name) }) },
  stall: {
    form: 'stall=EVERY_S/FOR_S[/lost]',
    parse(value, name) {
      const [every, length, lost] = fields(value, name, 2, 3);
      if (lost !== undefined && lost !== 'lost') throw invalid(name, value);
      const everyS = numberIn(every!, name, 0.1, 1e6);
      return { stall: { everyS, forS: numberIn(length!, name, 0, everyS), lost: lost !== undefined } };
    },
  },
  drift: { form: 'drift=PPM', parse: (value, name) => ({ driftPpm: numberIn(value, name, -1e4, 1e4) }) },
  unplug: { form: 'unplug=EVERY_S', parse: (value, name) => ({ unplugEveryS: numberIn(value, name, 2, 1e6) }) },
  'electrode-off': {
    form: 'electrode-off=LABEL[+LABEL]',
    parse: (value) => ({ electrodesOff: value.split('+').map((label) => label.toUpperCase()) }),
  },
};

/**
 * Parses faults from the command line, as "loss=0.01,corrupt=0.001,stall=30/2,drift=50,unplug=60,electrode-off=C3".
 *
 * @throws CONFIG_INVALID for an unknown fault or value; the message lists all forms.
 */
export function parseFaults(text: string): Faults {
  let faults: Faults = {};
  for (const part of text.split(',').filter((piece) => piece.trim() !== '')) {
    const equals = part.indexOf('=');
    const name = part.slice(0, Math.max(0, equals)).trim();
    const fault = Object.hasOwn(SYNTAX, name) ? SYNTAX[name] : undefined;
    if (!fault) throw invalid(part.trim());
    faults = { ...faults, ...fault.parse(part.slice(equals + 1).trim(), name) };
  }
  return faults;
}

function invalid(name: string, value?: string): AffectEdgeError {
  const forms = Object.values(SYNTAX).map(({ form }) => form);
  const problem = value === undefined ? `there is no fault "${name}"` : `the fault ${name} can't be "${value}"`;
  return new AffectEdgeError('CONFIG_INVALID', `${problem}; there are ${forms.join(', ')}`);
}

function fields(value: string, name: string, min: number, max: number): string[] {
  const parts = value.split('/');
  if (parts.length < min || parts.length > max) throw invalid(name, value);
  return parts;
}

function shareOf(text: string, name: string): number {
  return numberIn(text, name, 0, 0.9);
}

function numberIn(text: string, name: string, min: number, max: number): number {
  const value = text === '' ? Number.NaN : Number(text);
  if (!(value >= min && value <= max)) throw invalid(name, text);
  return value;
}

import { describe, expect, it } from 'vitest';
import { isAffectEdgeError } from '../src/errors.ts';
import { CYTON8, canonicalLabel, EEG62, electrodePosition, normaliseLabel, pickElectrodes } from '../src/montage.ts';

describe('normaliseLabel', () => {
  it.each([
    ['EEG Fp1-Ref', 'FP1'],
    ['EEG FP1-LE', 'FP1'],
    [' Fpz ', 'FPZ'],
    ['T3', 'T7'],
    ['EEG T4-A2', 'T8'],
    ['t5', 'P7'],
    ['T6', 'P8'],
    ['Fc5.', 'FC5'],
    ['C5..', 'C5'],
    ['EEG-Cz', 'CZ'],
    ['Fpz-Cz', 'FPZ-CZ'],
    ['EEG Fp1-A1+A2', 'FP1'],
    ['C3-(A1+A2)/2', 'C3'],
    ['O2-M1M2', 'O2'],
    ['EEG F7-CLE', 'F7'],
    ['Pz-AA', 'PZ'],
    ['C4 - Average', 'C4'],
    ['EEG T3-AR', 'T7'],
    ['EEG A2-A1', 'A2-A1'],
    ['M2-REF', 'M2-REF'],
    ['Fp1-F3', 'FP1-F3'],
    ['EOG left', 'EOG LEFT'],
    ['', ''],
  ])('"%s" -> "%s"', (label, expected) => {
    expect(normaliseLabel(label)).toBe(expected);
    expect(normaliseLabel(expected)).toBe(expected);
  });
});

describe('canonicalLabel', () => {
  it('names electrodes by the 10-20 system and leaves other labels unchanged', () => {
    expect(['EEG T3-Ref', 'Fpz-Cz', 'ch 1', 'EEG F1-Ref #2'].map(canonicalLabel)).toEqual([
      'T7',
      'Fpz-Cz',
      'ch 1',
      'EEG F1-Ref #2',
    ]);
  });
});

describe('electrodePosition', () => {
  const at = (label: string) => electrodePosition(label)!;

  it('has distinct positions on the unit sphere for both montages', () => {
    expect(EEG62).toHaveLength(62);
    expect(new Set(EEG62).size).toBe(62);
    for (const label of [...EEG62, ...CYTON8, 'TP9', 'TP10', 'IZ', 'AF7']) {
      expect(electrodePosition(label), label).not.toBeNull();
      expect(Math.hypot(...at(label))).toBeCloseTo(1, 12);
    }
    for (const a of EEG62) {
      for (const b of EEG62) {
        if (a !== b) expect(Math.hypot(...at(a).map((v, i) => v - at(b)[i]!)), `${a} ${b}`).toBeGreaterThan(0.1);
      }
    }
  });

  it('mirrors left and right, with the midline at x = 0', () => {
    for (const label of EEG62) {
      const number = /\d+$/.exec(label)?.[0];
      const [x, y, z] = at(label);
      if (number === undefined) {
        expect(x).toBeCloseTo(0, 12);
      } else {
        const odd = Number(number) % 2 === 1;
        const [mx, my, mz] = at(label.replace(number, String(Number(number) + (odd ? 1 : -1))));
        expect(Math.sign(x)).toBe(odd ? -1 : 1);
        expect([-x, y, z]).toEqual([mx, my, mz]);
      }
    }
  });

  it('has the 10-20 system’s landmarks', () => {
    expect(at('CZ')).toEqual([0, 0, 1]);
    expect(at('FPZ')[1]).toBeCloseTo(Math.sin((72 * Math.PI) / 180), 12);
    expect(at('T7')[0]).toBeCloseTo(-Math.sin((72 * Math.PI) / 180), 12);
    expect(at('C3')[0]).toBeCloseTo(-Math.sin((36 * Math.PI) / 180), 12);
    expect(at('C3')[1]).toBeCloseTo(0, 12);
    expect(at('T3')).toEqual(at('T7'));
    // z increases along a row from the ear to the midline; y decreases along a column from front to back.
    expect(['F7', 'F5', 'F3', 'F1', 'FZ'].map((label) => at(label)[2])).toEqual(
      ['F7', 'F5', 'F3', 'F1', 'FZ'].map((label) => at(label)[2]).sort((a, b) => a - b),
    );
    const column = ['FP1', 'AF3', 'F3', 'FC3', 'C3', 'CP3', 'P3', 'PO3', 'O1'].map((label) => at(label)[1]);
    expect(column).toEqual([...column].sort((a, b) => b - a));
    expect(at('CB1')[2]).toBeLessThan(at('O1')[2]);
  });

  it('returns null for other labels', () => {
    expect(electrodePosition('HEOG')).toBeNull();
    expect(electrodePosition('Fpz-Cz')).toBeNull();
  });
});

describe('pickElectrodes', () => {
  it('finds electrodes by their 10-20 label in the order asked for', () => {
    expect(pickElectrodes(['O2', 'FP1', 'T7'], ['EEG Fp1-Ref', 'T3', 'Cz', 'o2.'])).toEqual([3, 0, 1]);
  });

  it('takes the first of two channels with the same name', () => {
    expect(pickElectrodes(['T7'], ['C3', 'T3', 'T7'])).toEqual([1]);
  });

  it('names the missing and the present electrodes and suggests --montage', () => {
    const pick = () => pickElectrodes(['FP1', 'TP9', 'O1', 'OZ'], ['Fp1', 'O1']);
    expect(pick).toThrow(/2 of 4 electrodes are missing: TP9 OZ\. There are 2: Fp1 O1\. .*--montage/);
    try {
      pick();
    } catch (error) {
      expect(isAffectEdgeError(error, 'MONTAGE_MISSING_ELECTRODE')).toBe(true);
    }
  });
});

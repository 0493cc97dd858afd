/** Electrodes by 10-20 label: montages, positions on a spherical head, and selection of a device's channels. */
import type { Vec3 } from './dsp/spherical-spline.ts';
import { AffectEdgeError } from './errors.ts';

/** The 62 electrodes of the SEED data sets, in their order. */
export const EEG62: readonly string[] = (
  'FP1 FPZ FP2 AF3 AF4 F7 F5 F3 F1 FZ F2 F4 F6 F8 FT7 FC5 FC3 FC1 FCZ FC2 FC4 FC6 FT8 T7 C5 C3 C1 CZ C2 C4 C6 T8 ' +
  'TP7 CP5 CP3 CP1 CPZ CP2 CP4 CP6 TP8 P7 P5 P3 P1 PZ P2 P4 P6 P8 PO7 PO5 PO3 POZ PO4 PO6 PO8 CB1 O1 OZ O2 CB2'
).split(' ');

/** OpenBCI's usual electrodes for the 8 inputs of a Cyton. */
export const CYTON8: readonly string[] = ['FP1', 'FP2', 'C3', 'C4', 'P7', 'P8', 'O1', 'O2'];

/** Names of the 10-20 system before 1991. */
const OLD_NAMES: Readonly<Record<string, string>> = { T3: 'T7', T4: 'T8', T5: 'P7', T6: 'P8' };

/**
 * "EEG Fp1-Ref" -> "FP1": upper case without the prefix "EEG", PhysioNet's dots and the name of a reference; T3 T4 T5
 * T6 become T7 T8 P7 P8. The derivations "Fpz-Cz" and "A2-A1" are not changed, because they are not the electrodes FPZ
 * and A2.
 */
export function normaliseLabel(label: string): string {
  const name = label
    .trim()
    .toUpperCase()
    .replace(/^EEG[\s:_-]+/, '')
    .replace(/\.+$/, '')
    .trim();
  const [, electrode, reference] = REFERRED.exec(name) ?? [];
  // A1 or M2 against another reference links two references: no electrode of the scalp.
  const plain = electrode === undefined || isReference(electrode) || !isReference(reference!) ? name : electrode;
  return OLD_NAMES[plain] ?? plain;
}

const REFERRED = /^([A-Z0-9]+)\s*[-:]\s*([A-Z0-9+/ ()]+)$/;
/** Names of references: ears, mastoids, averages, and "linked" or "common" ones. */
const REFERENCES = /^(REF\d?|REFERENCE|G\d+|CLE|LE|LER|LM|LME|AA|AR|AV|AVG|AVE|AVERAGE|CAR|[AM][12]|[AM]12)$/;

/** "A1", "M1M2", "A1+A2" and "(A1+A2)/2" too. */
function isReference(name: string): boolean {
  const plain = name.replace(/[\s()]|\/2$/g, '');
  return REFERENCES.test(plain) || /^([AM])1\+?\1(?:2)$/.test(plain);
}

/**
 * Indexes into `have` of the electrodes `wanted`, in the order of `wanted`. If a name is repeated, its first channel is
 * used.
 *
 * @throws MONTAGE_MISSING_ELECTRODE with all labels that are not in `have`.
 */
export function pickElectrodes(wanted: readonly string[], have: readonly string[]): number[] {
  const names = have.map(normaliseLabel);
  const picked = wanted.map((label) => names.indexOf(normaliseLabel(label)));
  const missing = wanted.filter((_, i) => picked[i] === -1);
  if (missing.length > 0) {
    throw new AffectEdgeError(
      'MONTAGE_MISSING_ELECTRODE',
      `${missing.length} of ${wanted.length} electrodes are missing: ${missing.join(' ')}. ` +
        `There are ${have.length}: ${have.join(' ')}. ` +
        `Use a model for these electrodes, or name the device's channels with --montage if they are labelled wrongly.`,
    );
  }
  return picked;
}

/** Position of an electrode on the unit sphere (x right, y front, z up; CZ is [0, 0, 1]); null where unknown. */
export function electrodePosition(label: string): Vec3 | null {
  return POSITIONS.get(normaliseLabel(label)) ?? null;
}

/**
 * [row, its name on the ring, inclination of its midline electrode from CZ to the front, azimuth of its ends], degrees.
 */
const ROWS: readonly (readonly [row: string, end: string, midline: number, azimuth: number])[] = [
  ['AF', 'AF', 54, 36],
  ['F', 'F', 36, 54],
  ['FC', 'FT', 18, 72],
  ['C', 'T', 0, 90],
  ['CP', 'TP', -18, 108],
  ['P', 'P', -36, 126],
  ['PO', 'PO', -54, 144],
];

/** Inclination from CZ of the ring FPZ-T7-OZ-T8, and of the ring NZ-T9-IZ-T10 one step below it. */
const RING = 72;
const LOWER_RING = 90;

const POSITIONS = placeElectrodes();

/**
 * The 10-10 system on a sphere (Oostenveld and Praamstra 2001): steps of 18 degrees along the midline and the ring; the
 * electrodes of a row divide the circle through its two ends and its midline electrode into 8 equal parts. CB1 and CB2
 * (below O1 and O2, outside the 10-10 system) are placed on the lower ring between PO9 and the point below O1.
 */
function placeElectrodes(): ReadonlyMap<string, Vec3> {
  const places = new Map<string, Vec3>();
  /** Odd numbers are on the left. */
  const setPair = (row: string, odd: number, [x, y, z]: Vec3) => {
    places.set(`${row}${odd}`, [-x, y, z]);
    places.set(`${row}${odd + 1}`, [x, y, z]);
  };
  for (const [row, end, midline, azimuth] of ROWS) {
    const [, midY, midZ] = onSphere(midline, 0);
    const [endX, endY, endZ] = onSphere(RING, azimuth);
    places.set(`${row}Z`, [0, midY, midZ]);
    const height = Math.hypot(midY - endY, midZ - endZ);
    const radius = (height * height + endX * endX) / (2 * height);
    const endAngle = Math.atan2(endX, radius - height);
    for (let step = 1; step <= 4; step++) {
      const angle = (endAngle * step) / 4;
      const drop = (radius - radius * Math.cos(angle)) / height;
      const y = midY + drop * (endY - midY);
      const z = midZ + drop * (endZ - midZ);
      setPair(step === 4 ? end : row, 2 * step - 1, [radius * Math.sin(angle), y, z]);
    }
    setPair(end, 9, onSphere(LOWER_RING, azimuth));
  }
  places.set('FPZ', onSphere(RING, 0));
  places.set('OZ', onSphere(-RING, 0));
  places.set('NZ', onSphere(LOWER_RING, 0));
  places.set('IZ', onSphere(-LOWER_RING, 0));
  setPair('FP', 1, onSphere(RING, 18));
  setPair('O', 1, onSphere(RING, 162));
  setPair('CB', 1, onSphere(LOWER_RING, 153));
  return places;
}

/** @param inclination from CZ @param azimuth from the front to the right; both in degrees */
function onSphere(inclination: number, azimuth: number): Vec3 {
  const theta = (inclination * Math.PI) / 180;
  const phi = (azimuth * Math.PI) / 180;
  return [Math.sin(theta) * Math.sin(phi), Math.sin(theta) * Math.cos(phi), Math.cos(theta)];
}

/** The 10-20 label where a channel is an electrode ("EEG Fp1-Ref" -> "FP1"); any other name unchanged. */
export function canonicalLabel(label: string): string {
  return electrodePosition(label) === null ? label : normaliseLabel(label);
}

/** Readers of recordings and of arrays on changed files: they read, or refuse with an AffectEdgeError. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readNpy, writeNpy } from '../../src/formats/arrays/npy.ts';
import { readPickle } from '../../src/formats/arrays/pickle.ts';
import { parseEeg } from '../../src/formats/eeg/recording.ts';
import { parseEye } from '../../src/formats/gaze/recording.ts';
import { toUtf8 } from '../../src/formats/text-encoding.ts';
import { fuzz } from '../support/fuzz.ts';
import { writeEdf, xdf } from '../support/recording-writers.ts';

const rows = (count: number, row: (i: number) => string) => Array.from({ length: count }, (_, i) => row(i)).join('\n');
const text = (...parts: string[]) => Buffer.from(parts.join('\n'));
const ramp = Array.from({ length: 3 }, (_, r) => Array.from({ length: 8 }, (_unused, i) => 8 * r + i));
const signals = ['Fp1', 'Cz'].map((label) => ({ label, records: ramp }));
const annotations = ['+0\x14\x14\0+0.5\x14go\x14\0', '+1\x14\x14\0', '+2\x14\x14\0'];
const stream = { id: 1, name: 'amp', format: 'float32', channels: 2, rateHz: 100, type: 'EEG' };
const marks = { id: 2, name: 'marks', format: 'string', channels: 1, rateHz: 0, type: 'Markers' };
const gaze = {
  ...{ id: 3, name: 'tracker', type: 'Gaze', format: 'float32', channels: 2, rateHz: 100 },
  desc: '<channels><channel><label>x</label><unit>normalized</unit></channel><channel><label>y</label><unit>normalized</unit></channel></channels>',
};
const stamps = Array.from({ length: 40 }, (_, i) => 50 + i / 100);

const EEG: Readonly<Record<string, readonly Buffer[]>> = {
  'EDF and BDF': [
    writeEdf({ signals }),
    writeEdf({ plus: 'D', signals, annotations }),
    writeEdf({ bdf: true, plus: 'C', signals, annotations }),
  ],
  XDF: [
    xdf.file(
      xdf.header(stream),
      xdf.header(marks),
      xdf.offset(1, 50, 3),
      xdf.samples(
        stream,
        stamps.map((_, i) => [i, -i]),
        stamps,
      ),
      xdf.samples(marks, [['go']], [50.02]),
      xdf.boundary(),
      xdf.footer(1, 40),
    ),
  ],
  'EEG CSV': [
    text(
      'time,C3,C4',
      rows(60, (i) => `${i / 250},${i},${-i}`),
    ),
    text(
      'TimeStamp,RAW_TP9,RAW_AF7,Elements',
      rows(60, (i) => `2024-01-01 10:00:00.${100 + i},${i},${i},`),
    ),
    text(
      't;C3;C4',
      rows(60, (i) => `${i / 250};${i},5;${-i}`),
    ),
    text(
      '# made by a program',
      'Time,Fp1 (mV),Marker',
      rows(60, (i) => (i % 9 === 8 ? '23:59:59,,blink' : `23:59:59.${100 + 4 * i},${i},${i % 3}`)),
    ),
    Buffer.from(['\ufefft;C3;C4', ...stamps.map((t, i) => `${t};${i},5;2`)].join('\n'), 'utf16le'),
  ],
  'EmotivPRO CSV': [
    text(
      'title:foo, start timestamp:50.0, headset type:INSIGHT, sampling rate:eeg_128;mot_32, samples:60, version:2.1,',
      'Timestamp,EEG.Counter,EEG.Interpolated,EEG.AF3,EEG.Pz,MarkerValueInt,CQ.AF3',
      rows(60, (i) => `${50 + i / 128},${i},${i % 7 === 6 ? 1 : 0},${4200 + i},${4200 - i},${i === 9 ? 3 : ''},4`),
    ),
  ],
  'OpenBCI text': [
    text(
      '%OpenBCI Raw EEG Data',
      '%Number of channels = 8',
      '%Sample Rate = 250.0 Hz',
      rows(40, (i) =>
        [i, ...Array.from({ length: 8 }, (_, c) => 1.5 * c), 0, 0, 0, '10:00:00.000', 1.55e12 + 4 * i].join(', '),
      ),
    ),
    text(
      '%OpenBCI Raw EEG Data',
      rows(40, (i) =>
        [i, ...Array(8).fill(`${i},25`), '0,1', '0,1', '0,1', '10:00:00.000', 1.55e12 + 4 * i].join(', '),
      ),
    ),
    text(
      '%OpenBCI Raw EXG Data',
      Array(24).fill('0.0').join(),
      rows(40, (i) => [i, ...Array(21).fill('1.5'), 1.55e12 + 4 * i, '10:00'].join(', ')),
    ),
  ],
};

const EYE: Readonly<Record<string, readonly Buffer[]>> = {
  'tables and streams of eye trackers': [
    text(
      'timestamp [ns],gaze x [px],worn,blink id,azimuth [deg],elevation [deg]',
      rows(40, (i) => `${17e8 + i}000000000,5,1,,2.5,4`),
    ),
    text(
      'Recording timestamp [ms]\tSensor\tEvent\tGaze point X [DACS px]\tGaze point Y [DACS px]\tPupil diameter left [mm]',
      rows(40, (i) => `${10 * i}\tEye Tracker\t\t500\t300\t3,5`),
    ),
    text(
      'CNT,TIME(2024/08/22 08:28:26.460),BPOGX,BPOGY,BPOGV,USER',
      rows(40, (i) => `${i},${i / 60},0.5,0.5,1,`),
    ),
    xdf.file(
      xdf.header(gaze),
      xdf.samples(
        gaze,
        stamps.map(() => [0.5, 0.5]),
        stamps,
      ),
      xdf.footer(3, 40),
    ),
  ],
  'gaze CSV': [
    text(
      'time_ms,x_px,y_px,pupil_left_mm',
      rows(60, (i) => `${4 * i},${i},${i},3`),
    ),
  ],
  'EyeLink ASC': [
    text(
      '** CONVERTED FROM x.edf',
      'MSG\t100 GAZE_COORDS 0.00 0.00 1919.00 1079.00',
      'START\t100 LEFT SAMPLES EVENTS',
      'SAMPLES\tGAZE\tLEFT\tRATE\t1000.00\tTRACKING\tCR',
      rows(60, (i) => `${100 + i}\t960.0\t540.0\t1000.0\t...`),
      'END\t160 SAMPLES EVENTS RES 1 1',
    ),
  ],
  "Tobii's samples": [
    text(
      [
        'RelTimestamp',
        ...['L', 'R'].flatMap((e) => [`${e}GazePos2dx`, `${e}GazePos2dy`, `${e}PupilDm`, `${e}Validity`]),
      ].join('\t'),
      rows(60, (i) => [4 * i, 0.5, 0.5, 3, 0, 0.5, 0.5, 3, 0].join('\t')),
    ),
  ],
  'Open Gaze log': [
    text(
      '<ACK ID="SCREEN_SIZE" X="0" Y="0" WIDTH="1920" HEIGHT="1080" />',
      rows(60, (i) => `<REC CNT="${i}" TIME="${i / 60}" BPOGX="0.5" BPOGY="0.5" BPOGV="1" LPMM="3" LPMMV="1" />`),
    ),
  ],
};

describe('fuzzed files', () => {
  it.each(Object.entries(EEG))('%s', { timeout: 600_000 }, (name, seeds) => {
    const report = fuzz(name, seeds, (bytes) => {
      for (const salvage of [false, true]) parseEeg({ path: 'a.csv', bytes: toUtf8(bytes) }, { salvage });
    });
    expect(report.runs).toBeGreaterThan(report.refusals);
  });

  it.each(Object.entries(EYE))('%s', { timeout: 600_000 }, (name, seeds) => {
    const report = fuzz(name, seeds, (bytes) => {
      for (const salvage of [false, true]) parseEye({ path: 'a.csv', bytes }, { salvage, screenPx: [1920, 1080] });
    });
    expect(report.runs).toBeGreaterThan(report.refusals);
  });

  it('npy', { timeout: 600_000 }, () => {
    const seed = Buffer.from(writeNpy({ shape: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) }));
    expect(fuzz('npy', [seed], (bytes) => readNpy(bytes, 'a.npy')).runs).toBeGreaterThan(0);
  });

  it('pickle', { timeout: 600_000 }, () => {
    const golden = readFileSync(new URL('../golden/pickles.json', import.meta.url), 'utf8');
    const { pickles } = JSON.parse(golden) as { pickles: Record<string, string> };
    const seeds = Object.values(pickles).map((base64) => Buffer.from(base64, 'base64'));
    expect(fuzz('pickle', seeds, (bytes) => readPickle(bytes, 'a.dat')).runs).toBeGreaterThan(0);
  });
});

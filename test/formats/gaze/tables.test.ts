/** Tables and streams of eye trackers' own programs: Pupil Labs Neon, Tobii Pro Lab, Gazepoint Analysis, XDF. */
import { describe, expect, it } from 'vitest';
import { parseEye, toEyeRecording } from '../../../src/formats/gaze/recording.ts';
import { openEegRecording, openRecording } from '../../../src/formats/open-recording.ts';
import { describeWithData, testData } from '../../support/data.ts';
import { readEye, rowsOf } from '../../support/gaze-files.ts';
import { expectOnlyRefusals } from '../../support/noise.ts';
import { xdf } from '../../support/recording-writers.ts';

const SCREEN = { screenPx: [1920, 1080] as const };
const table = (separator: string, header: readonly string[], rows: readonly (readonly (string | number)[])[]) =>
  [header, ...rows].map((cells) => cells.join(separator)).join('\n');
const rowsBy = <Row>(count: number, row: (i: number) => Row) => Array.from({ length: count }, (_, i) => row(i));
const markersOf = (recording: ReturnType<typeof readEye>) =>
  recording.markers.map(({ label, sample }) => [label, sample]);

describe('gaze.csv of Pupil Labs Neon', () => {
  const header = [
    'section id',
    'recording id',
    'timestamp [ns]',
    'gaze x [px]',
    'gaze y [px]',
    'worn',
    'fixation id',
    'blink id',
    'azimuth [deg]',
    'elevation [deg]',
  ];
  const row = (i: number, worn = 1, blink = '') => [
    's',
    'r',
    `1700000000${String(i * 5_000_000).padStart(9, '0')}`,
    800,
    600,
    worn,
    '',
    blink,
    2.5,
    4,
  ];

  it('is gaze in degrees that grow downwards, at the rate of its nanoseconds', () => {
    const recording = readEye(
      'gaze.csv',
      table(
        ',',
        header,
        rowsBy(40, (i) => row(i)),
      ),
    );
    expect(recording).toMatchObject({ format: 'Pupil Labs Neon', totalSamples: 40, info: { sampleRateHz: 200 } });
    expect(recording.info.channels.map(({ label }) => label)).toEqual(['x_deg', 'y_deg']);
    expect(rowsOf(recording)[0]).toEqual([2.5, -4]);
  });

  it('is missing in blinks and while nobody wears it', () => {
    const rows = rowsBy(40, (i) => row(i, i === 7 ? 0 : 1, i === 9 ? '3' : ''));
    const read = rowsOf(readEye('gaze.csv', table(',', header, rows)));
    expect(read.flatMap(([x], i) => (x === null ? [i] : []))).toEqual([7, 9]);
  });

  it('is refused without angles, and where a stamp is no number', () => {
    const mapped = [
      'section id',
      'recording id',
      'timestamp [ns]',
      'gaze position in reference image x [px]',
      'gaze position in reference image y [px]',
    ];
    expect(() =>
      readEye(
        'gaze.csv',
        table(
          ',',
          mapped,
          rowsBy(9, (i) => ['s', 'r', `17${i}`, 1, 2]),
        ),
      ),
    ).toThrow(/has no columns azimuth \[deg\] and elevation \[deg\]: its gaze is in pixels of a camera or an image/);
    const text = table(
      ',',
      header,
      rowsBy(9, (i) => row(i)),
    ).replace('1700000000010000000', 'soon');
    expect(() => readEye('gaze.csv', text)).toThrow('line 4 has "soon" as timestamp [ns], expected whole nanoseconds');
  });
});

describe('a data export of Tobii Pro Lab', () => {
  const NEW = [
    'Recording timestamp [ms]',
    'Sensor',
    'Recording resolution height [px]',
    'Recording resolution width [px]',
    'Event',
    'Event value',
    'Gaze point left X [DACS px]',
    'Gaze point left Y [DACS px]',
    'Gaze point right X [DACS px]',
    'Gaze point right Y [DACS px]',
    'Pupil diameter left [mm]',
    'Pupil diameter right [mm]',
    'Validity left',
    'Validity right',
  ];
  const OLD = NEW.map((name) => name.replace(/ \[.*\]$/, ''));
  const sample = (i: number, validity = 'Valid', msPerRow = 1000 / 120) => [
    (i * msPerRow).toFixed(3),
    'Eye Tracker',
    1080,
    1920,
    '',
    '',
    900 + i,
    500,
    910,
    505,
    3.1,
    '3,2',
    validity,
    'Valid',
  ];
  const event = (ms: number) => [ms, '', 1080, 1920, 'ImageStimulusStart', 'cat', '', '', '', '', '', '', '', ''];

  it('is both eyes with their validity, events as markers, and the screen that it states', () => {
    const rows = rowsBy<(string | number)[]>(60, (i) => sample(i, i === 5 ? 'Invalid' : 'Valid'));
    rows.splice(30, 0, event(249));
    const recording = readEye('export.tsv', table('\t', NEW, rows));
    expect(recording).toMatchObject({
      format: 'Tobii Pro Lab',
      totalSamples: 60,
      info: { sampleRateHz: 120, geometry: SCREEN },
    });
    expect(recording.info.channels.map(({ label }) => label)).toEqual([
      'x_left_px',
      'y_left_px',
      'x_right_px',
      'y_right_px',
      'pupil_left_mm',
      'pupil_right_mm',
    ]);
    expect([rowsOf(recording)[4], rowsOf(recording)[5]]).toEqual([
      [904, 500, 910, 505, 3.1, 3.2],
      [null, null, 910, 505, null, 3.2],
    ]);
    expect(markersOf(recording)).toEqual([['ImageStimulusStart cat', 30]]);
    expect(() => readEye('export.tsv', table('\t', NEW, rows), { screenPx: [1024, 768] })).toThrow(
      'was recorded on a screen of 1920x1080',
    );
  });

  it('may name no units: the steps tell milliseconds from microseconds', () => {
    for (const [msPerRow, rateHz] of [
      [1000 / 60, 60],
      [1e6 / 60, 60],
      [1e6 / 1200, 1200],
    ] as const) {
      const recording = readEye(
        'export.tsv',
        table(
          '\t',
          OLD,
          rowsBy(60, (i) => sample(i, 'Valid', msPerRow)),
        ),
      );
      expect(recording.info.sampleRateHz).toBe(rateHz);
    }
  });

  it('may have only the mean of the eyes, or fractions of the media', () => {
    const mean = ['Recording timestamp [us]', 'Sensor', 'Gaze point X [MCS px]', 'Gaze point Y [MCS px]'];
    const read = readEye(
      'export.tsv',
      table(
        '\t',
        mean,
        rowsBy(60, (i) => [10_000 * i, 'Eye Tracker', 4, 5]),
      ),
    );
    expect(read.info).toMatchObject({ sampleRateHz: 100, channels: [{ label: 'x_px' }, { label: 'y_px' }] });
    const norm = [
      'Recording timestamp [ms]',
      'Sensor',
      'Gaze point left X (MCSnorm)',
      'Gaze point left Y (MCSnorm)',
      'Gaze point right X (MCSnorm)',
      'Gaze point right Y (MCSnorm)',
    ];
    const text = table(
      '\t',
      norm,
      rowsBy(60, (i) => [10 * i, 'Eye Tracker', '0,5', '0,25', 0.5, 0.25]),
    );
    expect(rowsOf(readEye('export.tsv', text, SCREEN))[0]).toEqual([960, 270, 960, 270]);
    expect(() => readEye('export.tsv', text)).toThrow(/fraction of the screen: give its size with --screen-px/);
  });

  it('is refused without gaze on the screen', () => {
    const mm = ['Recording timestamp [ms]', 'Sensor', 'Gaze point left X [DACS mm]', 'Gaze point left Y [DACS mm]'];
    expect(() =>
      readEye(
        'export.tsv',
        table(
          '\t',
          mm,
          rowsBy(9, (i) => [i, 'Eye Tracker', 1, 2]),
        ),
      ),
    ).toThrow(/has no gaze on the screen in pixels or as a fraction of the media/);
  });
});

describe('a table of Gazepoint Analysis', () => {
  const header = [
    'MEDIA_ID',
    'MEDIA_NAME',
    'CNT',
    'TIME(2024/08/22 08:28:26.460)',
    'TIME_TICK(f=10000000)',
    'FPOGX',
    'FPOGY',
    'FPOGV',
    'BPOGX',
    'BPOGY',
    'BPOGV',
    'LPD',
    'LPV',
    'RPD',
    'RPV',
    'LPMM',
    'LPMMV',
    'RPMM',
    'RPMMV',
    'USER',
  ];
  const row = (i: number, valid = 1, user = '') => [
    0,
    'a',
    i,
    (i / 60).toFixed(5),
    1000 * i,
    0.1,
    0.1,
    0,
    0.5,
    0.25,
    valid,
    12,
    1,
    13,
    1,
    3.5,
    1,
    3.6,
    1,
    user,
  ];

  it('is read as a log of the same records', () => {
    const rows = rowsBy(60, (i) => row(i, i === 4 ? 0 : 1, i >= 20 && i < 23 ? 'START' : ''));
    const recording = readEye('all_gaze.csv', table(',', header, rows), SCREEN);
    expect(recording).toMatchObject({ format: 'Gazepoint', totalSamples: 60, info: { sampleRateHz: 60 } });
    expect(recording.info.channels.map(({ label }) => label)).toEqual([
      'x_px',
      'y_px',
      'pupil_left_mm',
      'pupil_right_mm',
    ]);
    expect(rowsOf(recording)[0]).toEqual([960, 270, 3.5, 3.6]);
    expect(rowsOf(recording)[4]).toEqual([null, null, 3.5, 3.6]);
    expect(markersOf(recording)).toEqual([['START', 20]]);
  });

  it('may end its rows with a separator, and asks for the screen', () => {
    const text = table(
      ',',
      header,
      rowsBy(60, (i) => [...row(i), '']),
    );
    expect(readEye('all_gaze.csv', text, SCREEN).totalSamples).toBe(60);
    expect(() => readEye('all_gaze.csv', text)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
    const cut = text.replace(/\n0,a,30,[^\n]*/, '\n0,a,30,0.5');
    expect(() => readEye('all_gaze.csv', cut, SCREEN)).toThrow(/line 32 is cut/);
  });
});

describe('gaze in XDF', () => {
  const channel = (label: string, unit: string, type = '', eye = '') =>
    `<channel><label>${label}</label><unit>${unit}</unit><type>${type}</type><eye>${eye}</eye></channel>`;
  const read = (channels: readonly string[], row: readonly number[], options = {}) => {
    const stream = {
      id: 1,
      name: 'Tracker',
      type: 'Gaze',
      format: 'float32',
      channels: channels.length,
      rateHz: 120,
      desc: `<channels>${channels.join('')}</channels>`,
    };
    const stamps = rowsBy(60, (i) => 100 + i / 120);
    const bytes = xdf.file(
      xdf.header(stream),
      xdf.samples(
        stream,
        stamps.map(() => [...row]),
        stamps,
      ),
      xdf.footer(1, 60),
    );
    const file = { path: 'a.xdf', bytes };
    return toEyeRecording(file.path, parseEye(file, options), options);
  };

  it('has the channels of XDF’s gaze meta-data', () => {
    const recording = read(
      [
        channel('Screen_X_left', 'pixels', 'ScreenX', 'left'),
        channel('Screen_Y_left', 'pixels', 'ScreenY', 'left'),
        channel('Pupil_left', 'mm', 'PupilDiameter', 'left'),
        channel('Confidence', 'normalized', 'Confidence'),
      ],
      [400, 300, 3.5, 1],
    );
    expect(recording.info.channels.map(({ label }) => label)).toEqual(['x_left_px', 'y_left_px', 'pupil_left_mm']);
    expect(rowsOf(recording)[0]).toEqual([400, 300, 3.5]);
    expect(recording.notices).toEqual(['left out: Confidence']);
  });

  it('may be normalized, with the screen size given', () => {
    const channels = ['left_x', 'left_y', 'right_x', 'right_y'].map((label) => channel(label, 'normalized'));
    expect(rowsOf(read(channels, [0.5, 0.5, 0.25, 1], SCREEN))[0]).toEqual([960, 540, 480, 1080]);
    expect(() => read(channels, [0.5, 0.5, 0.25, 1])).toThrow(/give its size with --screen-px/);
  });

  it('is refused where its unit or its channels are unknown', () => {
    expect(() => read([channel('left_x', 'parsec'), channel('left_y', 'parsec')], [1, 2])).toThrow(
      /"Tracker" \(stream 1, Gaze, .* has the channels left_x, left_y, expected x and y of the gaze/,
    );
  });
});

describeWithData('odd-recordings', 'gaze that was taken as EEG', () => {
  it.each([
    ['gaze-stream.xdf', ['x_left_px', 'y_left_px', 'pupil_left_px'], /has gaze and no EEG, which eye-events reads/],
    ['neon.csv', ['x_deg', 'y_deg'], /is gaze and not EEG/],
  ])('%s is read as gaze and refused as EEG', async (file, labels, refusal) => {
    const path = testData('odd-recordings', 'gaze-taken-as-eeg', file);
    const { info, totalSamples } = await openRecording(path);
    expect(info).toMatchObject({ modality: 'eye', sampleRateHz: 200 });
    expect([info.channels.map(({ label }) => label), totalSamples]).toEqual([labels, 2400]);
    await expect(openEegRecording(path)).rejects.toThrow(refusal);
  });
});

it('tables of gaze throw only AffectEdgeError for random bytes', () => {
  const text = table(
    ',',
    ['timestamp [ns]', 'gaze x [px]', 'azimuth [deg]', 'elevation [deg]'],
    rowsBy(30, (i) => [i * 5e6, 1, 2, 3]),
  );
  expectOnlyRefusals(
    Buffer.from(text),
    (bytes, salvage) => readEye('a.csv', bytes.toString('latin1'), { salvage }),
    200,
  );
});

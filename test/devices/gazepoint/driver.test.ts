import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { OpenGazeTracker } from '../../../devices/gazepoint/tracker.ts';
import { gazeLayout } from '../../../src/gaze/geometry.ts';
import { describeWithData, testData } from '../../support/data.ts';
import { Bench, bytesOf, frameIn, frameOf, infosOf, refusalOf, TRACKER, textOf } from '../../support/gazepoint.ts';

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
const record = (attributes: string): string => `<REC ${attributes} />\r\n`;

describe('the start of a Gazepoint tracker', () => {
  it('asks for its properties, enables all fields, and starts the stream last', () => {
    const { driver } = new Bench();
    const lines = textOf(driver.opened(0)).split('\r\n');
    expect(lines.slice(0, 3)).toEqual([
      '<GET ID="PRODUCT_ID" />',
      '<GET ID="SCREEN_SIZE" />',
      '<GET ID="TIME_TICK_FREQUENCY" />',
    ]);
    expect(lines.slice(-2)).toEqual(['<SET ID="ENABLE_SEND_DATA" STATE="1" />', '']);
    expect(lines).toContain('<SET ID="ENABLE_SEND_PUPILMM" STATE="1" />');
    expect(textOf(driver.closing())).toBe('<SET ID="ENABLE_SEND_DATA" STATE="0" />\r\n');
  });

  it('repeats only unanswered requests', () => {
    const bench = new Bench();
    bench.driver.opened(bench.nowUs);
    bench.send('<ACK ID="SCREEN_SIZE" X="0" Y="0" WIDTH="2000" HEIGHT="1000" />\r\n');
    bench.driver.tick(bench.nowUs + 9e5);
    expect(bench.driver.takeWrites()).toEqual([]);
    bench.driver.tick(bench.nowUs + 11e5);
    const again = textOf(bench.driver.takeWrites());
    expect(again).toContain('<GET ID="PRODUCT_ID" />');
    expect(again).not.toContain('SCREEN_SIZE');
    bench.wait(1.2);
    bench.wait(3);
    expect(bench.driver.takeWrites()).toEqual([]);
  });

  it('stops repeating requests that are never answered', () => {
    const { driver } = new Bench();
    driver.opened(0);
    let asked = 0;
    for (let nowUs = 0; nowUs < 60e6; nowUs += 1e5) {
      driver.tick(nowUs);
      if (driver.takeWrites().length > 0) asked++;
    }
    expect(asked).toBe(4);
  });

  it('describes the stream after a second, and emits every record of that second', () => {
    const bench = new Bench().open();
    expect(bench.stream(0, 60)).toEqual([]);
    const [info, ...samples] = bench.stream(60, 61);
    expect(info).toEqual({
      type: 'info',
      info: {
        deviceId: 'gazepoint-gp3',
        modality: 'eye',
        channels: [
          { label: 'x_left_px', unit: 'px' },
          { label: 'y_left_px', unit: 'px' },
          { label: 'x_right_px', unit: 'px' },
          { label: 'y_right_px', unit: 'px' },
          { label: 'pupil_left_mm', unit: 'mm' },
          { label: 'pupil_right_mm', unit: 'mm' },
        ],
        sampleRateHz: 60,
        simulated: false,
        geometry: { screenPx: [2000, 1000] },
      },
    });
    expect(samples).toHaveLength(61);
    expect(bench.blocks.map((block) => [block.firstSample, frameIn(block)])).toEqual(range(0, 61).map((n) => [n, n]));
    expect([...bench.blocks[2]!.data]).toEqual([
      Math.fround(2000 * 0.00049),
      250,
      Math.fround(2000 * 0.00049),
      750,
      3.5,
      3.25,
    ]);
    expect(gazeLayout(infosOf(bench.events)[0]!)).toMatchObject({ unit: 'px', pupilUnit: 'mm', pupilPerEye: true });
    expect(bench.driver.counts).toEqual({
      bytesReceived: bench.written,
      bytesDiscarded: 0,
      samplesReceived: 61,
      samplesLost: 0,
    });
  });

  it('reports that a simulated tracker is simulated', () => {
    const bench = new Bench({ product: 'SIMULATOR' }).open();
    bench.stream(0, 70);
    expect(infosOf(bench.events)).toMatchObject([{ deviceId: 'gazepoint-simulator', simulated: true }]);
  });

  it('uses pupils in pixels of the camera where there are no millimetres', () => {
    const bench = new Bench({ unknown: ['ENABLE_SEND_PUPILMM'] }).open();
    bench.stream(0, 70);
    expect(
      infosOf(bench.events)[0]!
        .channels.map(({ label }) => label)
        .slice(4),
    ).toEqual(['pupil_left_px', 'pupil_right_px']);
    expect([...bench.blocks[0]!.data.subarray(4)]).toEqual([15, 14]);
  });

  it('streams gaze alone where there are no pupils', () => {
    const unknown = ['ENABLE_SEND_PUPILMM', 'ENABLE_SEND_PUPIL_LEFT', 'ENABLE_SEND_PUPIL_RIGHT'];
    const bench = new Bench({ unknown }).open();
    bench.stream(0, 70);
    expect(infosOf(bench.events)[0]!.channels).toHaveLength(4);
  });

  it('works without a product, ticks and their frequency', () => {
    const bench = new Bench({ unknown: ['PRODUCT_ID', 'TIME_TICK_FREQUENCY', 'ENABLE_SEND_TIME_TICK'] }).open();
    bench.stream(0, 70);
    expect(infosOf(bench.events)).toMatchObject([{ deviceId: 'gazepoint', sampleRateHz: 60 }]);
    expect(bench.blocks[1]!.deviceTimeUs).toBeCloseTo(100_016_670, 3);
  });
});

describe('values of a Gazepoint tracker', () => {
  const started = (): Bench => {
    const bench = new Bench().open();
    bench.stream(0, 70);
    return bench;
  };
  const sampleOf = (bench: Bench, attributes: string): (number | null)[] => {
    bench.nowUs += 16_667;
    const [event] = bench.send(record(`CNT="1070" TIME="101.16667" ${attributes}`));
    if (event?.type !== 'samples') throw new Error('no sample came');
    return [...event.block.data].map((value) => (Number.isNaN(value) ? null : value));
  };

  it.each([
    ['whose flag says that it does not hold', 'LPOGX="0.5" LPOGY="0.5" LPOGV="0" RPOGX="0.5" RPOGY="0.5" RPOGV="1"'],
    ['without a flag', 'LPOGX="0.5" LPOGY="0.5" RPOGX="0.5" RPOGY="0.5" RPOGV="1"'],
    ['that is no number', 'LPOGX="nan" LPOGY="1,5" LPOGV="1" RPOGX="0.5" RPOGY="0.5" RPOGV="1"'],
    ['that is empty or without bound', 'LPOGX="" LPOGY="1e999" LPOGV="1" RPOGX="0.5" RPOGY="0.5" RPOGV="1"'],
  ])('are NaN: one %s', (_, attributes) => {
    expect(sampleOf(started(), attributes)).toEqual([null, null, 1000, 500, null, null]);
  });

  it('are NaN where a record has no gaze, as before a calibration', () => {
    expect(sampleOf(started(), 'LPMM="3.1" LPMMV="1"')).toEqual([null, null, null, null, Math.fround(3.1), null]);
  });

  it('may be outside the screen, but a pupil size must be positive', () => {
    const attributes = 'LPOGX="-0.1" LPOGY="1.2" LPOGV="1" LPMM="0.0" LPMMV="1" RPMM="-3" RPMMV="1"';
    expect(sampleOf(started(), attributes)).toEqual([-200, 1200, null, null, null, null]);
  });

  it('are read among fields that were not requested', () => {
    const attributes = 'FPOGX="0.9" BKID="0" KB=" " USER="a > b" TTL1="111111" LPOGX="0.25" LPOGY="0.5" LPOGV="1"';
    expect(sampleOf(started(), attributes).slice(0, 2)).toEqual([500, 500]);
  });

  it('use the screen of an update', () => {
    const bench = started();
    const [event] = bench.send('<UPDATE ACTIVE_ID="1" MAX_ID="2" X="0" Y="0" WIDTH="1000" HEIGHT="800" >\r\n');
    expect(event).toMatchObject({ type: 'info', info: { geometry: { screenPx: [1000, 800] } } });
    expect(sampleOf(bench, 'LPOGX="0.5" LPOGY="0.5" LPOGV="1"').slice(0, 2)).toEqual([500, 400]);
    expect(bench.send('<UPDATE ACTIVE_ID="1" MAX_ID="2" X="0" Y="0" WIDTH="1000" HEIGHT="800" >\r\n')).toEqual([]);
  });
});

describe('errors of a Gazepoint tracker', () => {
  it.each(['ENABLE_SEND_COUNTER', 'ENABLE_SEND_TIME', 'ENABLE_SEND_POG_LEFT', 'SCREEN_SIZE', 'ENABLE_SEND_DATA'])(
    'name the unknown command %s',
    (id) => {
      expect(refusalOf(() => new Bench({ unknown: [id] }).open())).toMatch(
        new RegExp(`^DEVICE_WRONG: Gazepoint Control refuses ${id}, without which .*: update it`),
      );
    },
  );

  it('name a screen of unknown size', () => {
    const bench = new Bench();
    bench.driver.opened(bench.nowUs);
    const send = bench.tracker;
    send.receive(
      bytesOf(['COUNTER', 'TIME', 'DATA'].map((id) => `<SET ID="ENABLE_SEND_${id}" STATE="1" />\r\n`).join('')),
    );
    expect(refusalOf(() => bench.stream(0, 300))).toMatch(/^DEVICE_WRONG: .*does not report the size of its screen/);
  });

  it.each([
    [
      'a web server',
      'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n',
      /^DEVICE_WRONG: a web server answers with "HTTP\/1.1 400 Bad Request": is this the port of Gazepoint Control/,
    ],
    ['an SSH server', 'SSH-2.0-OpenSSH_9.6\r\n', /^DEVICE_WRONG: an SSH server answers with "SSH-2.0-OpenSSH_9.6"/],
  ])('name %s at once', (_, text, message) => {
    const bench = new Bench();
    bench.driver.opened(bench.nowUs);
    expect(refusalOf(() => bench.send(text))).toMatch(message);
  });

  it('name another program after three seconds', () => {
    const bench = new Bench();
    bench.driver.opened(bench.nowUs);
    bench.send('220 mail.lab ESMTP\r\n');
    expect(bench.driver.tick(bench.nowUs + 2.9e6)).toEqual([]);
    expect(refusalOf(() => bench.driver.tick(bench.nowUs + 3e6))).toMatch(
      /^DEVICE_WRONG: 20 bytes came in 3 s and no Open Gaze message among them.*As text: "220 mail.lab ESMTP"/,
    );
  });

  it('refuse an unknown rate', () => {
    const slow = new Bench({ unknown: ['PRODUCT_ID'] }).open();
    expect(refusalOf(() => slow.stream(0, 400, (n) => 100 + n / 97))).toMatch(
      /^RATE_UNSUPPORTED: the records come at 97.0 Hz; a GP3 samples at 60 or 150 Hz\. .*computer may be too slow/,
    );
    const busy = new Bench({ rateHz: 150 }).open();
    expect(refusalOf(() => busy.stream(0, 400, (n) => 100 + n / 97))).toMatch(
      /^RATE_UNSUPPORTED: the records come at 97.0 Hz, and the tracker reports 150 Hz;/,
    );
    const fast = new Bench().open();
    expect(refusalOf(() => fast.stream(0, 2000, (n) => 100 + n / 5000))).toMatch(/^RATE_UNSUPPORTED: .*5000.* Hz/);
  });

  it('still count every byte', () => {
    const bench = new Bench();
    bench.driver.opened(bench.nowUs);
    const text = `<NACK ID="ENABLE_SEND_DATA" />\r\ngarbage\r\n`;
    expect(refusalOf(() => bench.send(text))).toMatch(/^DEVICE_WRONG/);
    bench.cut();
    expect(bench.driver.counts).toMatchObject({ bytesReceived: text.length, bytesDiscarded: 'garbage\r\n'.length });
  });

  it.each([
    ['nothing', () => undefined, /^Is Gazepoint Control running there/],
    ['answers', (bench: Bench) => void bench.open(), /^Gazepoint Control answers but sends no records/],
    [
      'records without a camera image',
      (bench: Bench) => void bench.open().send(record('CNT="0" TIME="0" BKID="0" USER="NO_DATA"')),
      /^Gazepoint Control reports that it has no data/,
    ],
    [
      'records without a counter',
      (bench: Bench) => void bench.open().send(record('TIME="1.5" CNT="x"')),
      /^Its records have no counter/,
    ],
    ['records', (bench: Bench) => void bench.open().stream(0, 80), /^Its records have stopped/],
  ])('give the reason why no sample comes after %s', (_, happen, sentence) => {
    const bench = new Bench();
    bench.driver.opened(bench.nowUs);
    happen(bench);
    expect(bench.driver.silence).toMatch(sentence);
  });
});

describe('the rate of a Gazepoint tracker', () => {
  const rateOf = (options: Partial<typeof TRACKER>, timeS: (n: number) => number, counts = (n: number) => n) => {
    const bench = new Bench(options).open();
    for (let n = 0; n < 700 && bench.blocks.length === 0; n++) {
      bench.nowUs += 5000;
      bench.send(bench.tracker.record({ ...frameOf(n, timeS(n)), count: counts(n) }));
    }
    return infosOf(bench.events)[0]?.sampleRateHz;
  };

  it.each([
    [60, 60],
    [60.9, 60],
    [59, 60],
    [150, 150],
    [147.5, 150],
  ])('is measured from its records alone: %s Hz is %s', (trueHz, nominalHz) => {
    expect(rateOf({ unknown: ['PRODUCT_ID'] }, (n) => 100 + n / trueHz)).toBe(nominalHz);
  });

  it('is that of the records where the tracker reports another', () => {
    expect(rateOf({ rateHz: 150 }, (n) => 100 + n / 60)).toBe(60);
  });

  it('may be a new one', () => {
    expect(rateOf({ rateHz: 250 }, (n) => 100 + n / 250)).toBe(250);
  });

  it('is the reported one where the computer drops some frames', () => {
    expect(rateOf({ rateHz: 60 }, (n) => 100 + (n + Math.floor(n / 15)) / 60)).toBe(60);
  });

  it('is measured over another second where one was disturbed', () => {
    const late = (n: number): number => 100 + n / 60 + (n > 30 ? 0.2 : 0);
    expect(rateOf({ unknown: ['PRODUCT_ID'] }, late)).toBe(60);
  });

  it('is measured with time stamps as coarse as after two days', () => {
    const rounded = (n: number): number => Math.fround(200_000 + n / 150);
    expect(rateOf({ unknown: ['PRODUCT_ID'] }, rounded)).toBe(150);
  });

  it('is not measured over a break', () => {
    const bench = new Bench().open();
    bench.stream(0, 30);
    bench.stream(30, 80, (n) => 150 + n / 60);
    expect(bench.blocks).toEqual([]);
    bench.stream(80, 92, (n) => 150 + n / 60);
    expect(bench.blocks[0]).toMatchObject({ firstSample: 0, lostBefore: 0 });
    expect(frameIn(bench.blocks[0]!)).toBe(30);
  });
});

describe('a connection that breaks', () => {
  it("continues the index by the tracker's counter, after a new lead-in", () => {
    const bench = new Bench().open();
    bench.stream(0, 100);
    bench.send('<REC CNT="1100" TIME="10');
    expect(bench.cut()).toEqual([]);
    expect(bench.driver.counts).toMatchObject({ bytesDiscarded: 24, samplesReceived: 100 });
    bench.nowUs += 2e6;
    bench.open();
    bench.stream(250, 400);
    expect(infosOf(bench.events)).toHaveLength(1);
    expect(bench.blocks[100]).toMatchObject({ firstSample: 250, lostBefore: 150 });
    expect(bench.blocks.every((block) => frameIn(block) === block.firstSample)).toBe(true);
    expect(bench.driver.counts).toMatchObject({ samplesReceived: 250, samplesLost: 150 });
  });

  it('drops the records of an unfinished lead-in', () => {
    const bench = new Bench().open();
    const before = bench.written;
    bench.stream(0, 30);
    bench.cut();
    expect(bench.driver.counts).toMatchObject({ samplesReceived: 0, bytesDiscarded: bench.written - before });
    bench.open();
    bench.stream(60, 130);
    expect(bench.blocks[0]).toMatchObject({ firstSample: 0, lostBefore: 0 });
  });

  it("uses the host's clock where the tracker seems to have stopped meanwhile", () => {
    const bench = new Bench().open();
    bench.stream(0, 100);
    bench.cut();
    bench.nowUs += 20e6;
    bench.open();
    bench.stream(110, 180);
    expect(bench.blocks[100]).toMatchObject({ firstSample: 99 + 20 * 60, lostBefore: 20 * 60 - 1 });
  });

  it('forgets an error', () => {
    const bench = new Bench({ unknown: ['ENABLE_SEND_DATA'] });
    expect(refusalOf(() => bench.open())).toMatch(/^DEVICE_WRONG/);
    bench.cut();
    bench.tracker = new OpenGazeTracker(TRACKER);
    bench.open();
    bench.stream(0, 70);
    expect(bench.blocks).toHaveLength(70);
  });

  it('may be followed by another tracker with another screen', () => {
    const bench = new Bench().open();
    bench.stream(0, 100);
    bench.cut();
    bench.tracker = new OpenGazeTracker({ rateHz: 150, screenPx: [1000, 500], product: 'GP3HD' });
    bench.open();
    bench.stream(0, 160, (n) => 104 + n / 150);
    expect(infosOf(bench.events)).toMatchObject([
      { deviceId: 'gazepoint-gp3', sampleRateHz: 60, geometry: { screenPx: [2000, 1000] } },
      { deviceId: 'gazepoint-gp3hd', sampleRateHz: 150, geometry: { screenPx: [1000, 500] } },
    ]);
    let next = 0;
    for (const { firstSample, lostBefore } of bench.blocks) {
      expect(firstSample).toBe(next + lostBefore);
      next = firstSample + 1;
    }
  });

  it('starts a new lead-in also where the tracker begins to sample faster', () => {
    const bench = new Bench({ unknown: ['PRODUCT_ID'] }).open();
    bench.stream(0, 100);
    bench.stream(100, 700, (n) => 100 + 100 / 60 + (n - 100) / 150);
    expect(infosOf(bench.events).map(({ sampleRateHz }) => sampleRateHz)).toEqual([60, 150]);
    expect(bench.blocks.map((block) => frameIn(block))).toEqual(range(0, 700));
  });
});

describe('damaged lines', () => {
  const started = (): Bench => {
    const bench = new Bench().open();
    bench.stream(0, 70);
    return bench;
  };

  it.each<[string, (line: string, next: string) => string, number, number]>([
    ['a line cut in the middle', (line, next) => `${line.slice(0, 50)}\r\n${next}`, 1, 52],
    ['a line cut with its end', (line, next) => line.slice(0, 50) + next, 1, 50],
    ['a line that is not closed', (line, next) => `${line.replace(' />', '')}${next}`, 1, -3],
    ['noise between lines', (line, next) => `${line}\x00\xff<\xfe\r\n${next}`, 2, 6],
    ['a line without an end', (line, next) => `${'x'.repeat(9000)}\r\n${line}${next}`, 2, 9002],
    ['two messages in a line', (line, next) => line.trim() + next, 2, 0],
  ])('%s loses nothing else', (_, damage, kept, discarded) => {
    const bench = started();
    const [line, next] = [70, 71].map((n) => bench.tracker.record(frameOf(n, 100 + n / 60))) as [string, string];
    bench.nowUs += 33_000;
    bench.send(damage(line, next));
    const { bytesDiscarded, samplesReceived } = bench.driver.counts;
    expect(samplesReceived).toBe(70 + kept);
    expect(bytesDiscarded).toBe(discarded < 0 ? line.length + discarded : discarded);
    expect(bench.blocks.at(-1)).toMatchObject({ firstSample: 71, lostBefore: 2 - kept });
  });

  it('holds a limited part of an endless line', () => {
    const bench = started();
    for (let i = 0; i < 100; i++) bench.send('y'.repeat(1000));
    expect(bench.driver.counts.bytesDiscarded).toBeGreaterThan(90_000);
    bench.cut();
    expect(bench.driver.counts.bytesDiscarded).toBe(100_000);
  });
});

describeWithData('eye-gazepoint-api', 'the published messages', () => {
  it('are all decoded, and the records are held for the second that gives their rate', async () => {
    const text = await readFile(testData('eye-gazepoint-api', 'open_gaze_records.txt'), 'latin1');
    const bench = new Bench();
    bench.driver.opened(bench.nowUs);
    bench.send(text);
    bench.cut();
    const records = text.split(/(?<=\n)/).filter((line) => line.startsWith('<REC'));
    expect(bench.driver.counts).toEqual({
      bytesReceived: text.length,
      bytesDiscarded: records.join('').length,
      samplesReceived: 0,
      samplesLost: 0,
    });
  });

  it('give their values in a stream', async () => {
    const text = await readFile(testData('eye-gazepoint-api', 'open_gaze_records.txt'), 'latin1');
    const lines = text.split('\r\n');
    const whole = lines.find((line) => line.includes('CNT="2220575"'))!;
    const bench = new Bench();
    bench.driver.opened(bench.nowUs);
    bench.send(
      lines
        .filter((line) => line.startsWith('<ACK'))
        .map((line) => `${line}\r\n`)
        .join(''),
    );
    for (let n = 0; n <= 62; n++) {
      bench.nowUs += 16_667;
      const line = whole
        .replace('CNT="2220575"', `CNT="${2_220_575 + n}"`)
        .replace('TIME="38686.52734"', `TIME="${(38_686.52734 + n / 60).toFixed(5)}"`)
        .replace('TIME_TICK="4727430607263"', `TIME_TICK="${4_727_430_607_263 + Math.round((n * 3_330_093) / 60)}"`);
      bench.send(`${line}\r\n`);
    }
    expect(infosOf(bench.events)).toMatchObject([{ deviceId: 'gazepoint-gp3', geometry: { screenPx: [1920, 1080] } }]);
    const [first, second] = bench.blocks;
    expect([...first!.data.subarray(4)]).toEqual([Math.fround(6.09139), Math.fround(5.39146)]);
    expect([...first!.data.subarray(0, 4)]).toEqual([NaN, NaN, NaN, NaN]);
    // The frequency is reported as the bits of 3330093.0.
    expect(first!.deviceTimeUs).toBeCloseTo((4_727_430_607_263 / 3_330_093) * 1e6, 0);
    expect(second!.deviceTimeUs - first!.deviceTimeUs).toBeCloseTo(1e6 / 60, 0);
  });
});

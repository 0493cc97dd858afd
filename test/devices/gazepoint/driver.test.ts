import { describe, expect, it } from 'vitest';
import { gazeLayout } from '../../../src/gaze/geometry.ts';
import { Bench, frameIn, infosOf, record, textOf } from '../../support/gazepoint.ts';
import { range } from '../../support/range.ts';

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

import { describe, expect, it } from 'vitest';
import { cytonProtocol } from '../../../devices/openbci-cyton/index.ts';
import { isAffectEdgeError } from '../../../src/errors.ts';
import { UV_PER_COUNT } from '../../../src/formats/eeg/openbci/board.ts';
import {
  bannerBytes,
  blocksOf,
  bytesOf,
  concat,
  indexesOf,
  joined,
  open,
  PERIOD_US,
  packetOf,
  plainCounts,
  startedDriver,
  text,
  valuesOf,
} from '../../support/cyton.ts';
import { range } from '../../support/range.ts';

describe('the start of a Cyton', () => {
  it('stops and resets the board, waits for its banner, and starts it', () => {
    const driver = open();
    expect(text(driver.opened(0))).toBe('sv');
    const banner = bannerBytes();
    expect(driver.push(banner.subarray(0, 40), 5e5)).toEqual([]);
    expect(text(driver.takeWrites())).toBe('');
    driver.push(banner.subarray(40), 6e5);
    expect(text(driver.takeWrites())).toBe('b');
    expect(text(driver.closing())).toBe('s');
  });

  it('repeats the reset, and then starts a board that does not answer', () => {
    const driver = open();
    driver.opened(0);
    let written = '';
    for (let nowUs = 0; nowUs <= 9e6; nowUs += 1e5) {
      driver.tick(nowUs);
      written += text(driver.takeWrites());
    }
    expect(written).toBe('vvbb');
  });

  it('drops packets that were on the way when the board was reset', () => {
    const driver = open();
    driver.opened(0);
    const early = driver.push(concat(range(40, 60).map((n) => packetOf(n))), 1e4);
    const events = driver.push(concat([bannerBytes(), ...range(0, 10).map((n) => packetOf(n))]), 9e5);
    events.push(...driver.interrupted());
    expect(early).toEqual([]);
    const blocks = blocksOf(events);
    expect(valuesOf(blocks).map(([index]) => index)).toEqual(range(0, 10));
    expect(joined([blocks[0]!.data], 0)[0]).toBe(Math.fround(plainCounts(0)[0]! * UV_PER_COUNT));
    expect(driver.counts).toMatchObject({ samplesReceived: 10, samplesLost: 0 });
  });

  it.each([
    ['in real time', (n: number) => n * PERIOD_US],
    ['all at once', () => 1000],
  ])('takes a stream without a banner %s, from its first packet', (_, arrivalUs) => {
    const driver = open();
    driver.opened(0);
    expect(
      indexesOf(
        driver,
        range(0, 600).map((n) => [n, arrivalUs(n)]),
      ),
    ).toEqual(range(0, 600));
  });

  it.each([
    [false, 8, 250],
    [true, 16, 125],
  ])('detects a Daisy by the banner (%s)', (daisy, channels, sampleRateHz) => {
    const events = [...startedDriver(daisy).push(concat(range(1, 9).map((n) => packetOf(n))), 1e5)];
    const info = events.flatMap((event) => (event.type === 'info' ? [event.info] : []));
    expect(info).toHaveLength(1);
    expect(info[0]).toMatchObject({ modality: 'eeg', sampleRateHz, simulated: false, railUv: 187_500 });
    expect(info[0]!.channels).toHaveLength(channels);
    expect(info[0]!.channels[8]?.label).toBe(daisy ? 'F7' : undefined);
  });
});

describe('errors of a Cyton', () => {
  const codeOf = (run: () => unknown): string => {
    try {
      run();
    } catch (error) {
      if (isAffectEdgeError(error)) return `${error.code}: ${error.message}`;
      throw error;
    }
    return 'none';
  };

  it('name the baud rate that fits', () => {
    expect(codeOf(() => cytonProtocol().createDriver({ baud: 57_600 }))).toMatch(
      /^BAUD_TOO_LOW: 57600 .* 82500 baud; use --baud 115200/,
    );
  });

  it('name the number of labels', () => {
    expect(codeOf(() => cytonProtocol({ montage: ['C3', 'C4'] }))).toMatch(/^CONFIG_INVALID: .*8 labels, or 16.*not 2/);
    expect(codeOf(() => cytonProtocol({ montage: [...'ABCDEFGA'] }))).toMatch(/^CONFIG_INVALID: .*A twice/);
    expect(codeOf(() => startedDriver(true, [...'ABCDEFGH']))).toMatch(/^CONFIG_INVALID: .*16 channels/);
    expect(codeOf(() => startedDriver(false, [...'ABCDEFGHIJKLMNOP']))).toMatch(/^CONFIG_INVALID: .*no Daisy, so 8/);
  });

  it.each([
    ['biosignal frames', Uint8Array.of(0xa5, 0x5a, 2, 9, 0, 1, 2, 3, 4), /--device biosignal/],
    ['noise', Uint8Array.of(1, 2, 0xff, 0x80), /--baud/],
  ])('name a device that sends %s', (_, bytes, hint) => {
    const driver = open();
    driver.opened(0);
    const run = () => {
      for (let nowUs = 0; nowUs < 5e6; nowUs += 1e5) driver.push(bytes, nowUs);
    };
    expect(codeOf(run)).toMatch(/^DEVICE_WRONG: /);
    expect(codeOf(() => driver.push(bytes, 6e6))).toMatch(hint);
  });

  it('distinguish a dongle without a board from a silent port', () => {
    const driver = open();
    driver.opened(0);
    const failure = bytesOf('Failure: Communications timeout - Device failed to poll Host$$$');
    const run = () => {
      for (let nowUs = 1e5; nowUs < 6e6; nowUs += 1e5) {
        driver.tick(nowUs);
        if (driver.takeWrites().length > 0 || nowUs === 1e5) driver.push(failure, nowUs);
      }
    };
    expect(codeOf(run)).toMatch(/^DEVICE_SILENT: the OpenBCI dongle answers, but the board does not/);
  });
});

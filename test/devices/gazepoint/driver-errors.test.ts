import { describe, expect, it } from 'vitest';
import { Bench, bytesOf, frameOf, record, refusalOf } from '../../support/gazepoint.ts';

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

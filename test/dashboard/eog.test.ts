/** The dashboard with an EOG device: two traces, and a decision between low and high. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RawEvent } from '../../src/api/events.ts';
import { TRACE_COLOUR } from '../../src/dashboard/colours.ts';
import { decision } from '../../src/pipeline/to-events.ts';
import type { StreamInfo } from '../../src/samples.ts';
import { type RunningServer, startServer } from '../../src/server/server.ts';
import {
  browserSuite,
  DASHBOARD_DIR,
  launch,
  openPage,
  PATIENT,
  pictureOf,
  placesOf,
  subscribed,
  textOf,
  type WatchedPage,
} from '../support/browser.ts';
import { OK, prediction, START_US } from '../support/fake-eyes.ts';
import { deviceEvent, FAKE_MODEL, FakeService, rawEvent, serverOptions } from '../support/fake-service.ts';

const CHANNELS = ['hEOG', 'vEOG'];
const MODEL = {
  ...FAKE_MODEL,
  id: 'fake-eog',
  modality: 'eog',
  labels: ['low', 'high'],
  montage: CHANNELS,
  bands: [],
} as const;
const INFO: StreamInfo = {
  deviceId: 'fake',
  modality: 'eog',
  channels: CHANNELS.map((label) => ({ label, unit: 'uV' })),
  sampleRateHz: 256,
  simulated: true,
};

/** As in src/dashboard/panels/traces.ts. */
const SWEEP_S = 8;
const LABEL_PX = 44;

/** A lasting look to the right from 1 s on: 280 uV in hEOG, nothing in vEOG. */
function step(block: number): RawEvent {
  const event = rawEvent(block * 8, 8, 0, INFO);
  event.block.data.fill(0);
  event.block.data.fill(block >= 32 ? 280 : 0, 0, 8);
  return event;
}

browserSuite('dashboard of EOG', () => {
  let server: RunningServer;
  let browser: Browser;
  let watched: WatchedPage;
  let page: Page;
  const service = new FakeService('session-1', [MODEL]);

  beforeAll(async () => {
    server = await startServer(service, serverOptions({}, { dashboardDir: DASHBOARD_DIR }));
    const device = deviceEvent();
    service.publish({ ...device, source: 'eog', data: { ...device.data, channels: CHANNELS, sample_rate_hz: 256 } });
    browser = await launch();
    watched = await openPage(browser, server.httpUrl, { locale: 'en-US', timezoneId: 'Asia/Tokyo' });
    page = watched.page;
    await subscribed(server);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  it('shows a decision between low and high', async () => {
    service.publish(prediction('eog', decision(['low', 'high'], 'high', [0.25, 0.75])));
    await expect.poll(() => textOf(page, '.verdict .label'), PATIENT).toBe('high');
    expect((await textOf(page, '.verdict .bars')).split(/\n+/)).toEqual(['low', '0.25', 'high', '0.75']);
  });

  it('labels the time axis of the chart with complete HH:mm:ss from the first event on', async () => {
    // Records the texts on the canvas of the chart and their left edges.
    await page.evaluate(() => {
      const written: [text: string, left: number][] = [];
      const { fillText } = CanvasRenderingContext2D.prototype;
      CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
        const left = this.textAlign === 'center' ? x - this.measureText(text).width / 2 : x;
        if (this.canvas.closest('.chart') !== null && this.textAlign === 'center') written.push([text, left]);
        fillText.call(this, text, x, y);
      };
      Object.assign(globalThis, { written });
    });
    const written = () => page.evaluate(() => Reflect.get(globalThis, 'written') as [text: string, left: number][]);
    const endUs = START_US + 2e6;
    service.publish(
      prediction('eog', OK, { t: { start_us: 0, end_us: endUs, emit_us: endUs, mono_us: endUs, clock_err_us: 0 } }),
    );
    await expect.poll(written, PATIENT).not.toEqual([]);
    const labels = await written();
    // 1.7e9 s is 22:13:20 UTC.
    expect(labels.map(([text]) => text)).toContain('07:13:30');
    for (const [text, left] of labels) {
      expect(text).toMatch(/^07:1[34]:\d\d$/);
      expect(left).toBeGreaterThanOrEqual(0);
    }
    expect(new Set(labels.map(([text]) => text)).size).toBeGreaterThan(1);
  });

  it('has the traces and no panels of EEG or an eye tracker', async () => {
    expect(await page.locator('.panel.traces').count()).toBe(1);
    for (const kind of ['scalp', 'gaze', 'pupils', 'influence']) {
      expect(await page.locator(`.panel.${kind}`).count(), kind).toBe(0);
    }
  });

  it('draws a lasting look to the side as a step, on the scale of EOG', async () => {
    // Drawings before the canvas has its final size are cleared.
    await expect.poll(async () => (await pictureOf(page, '.traces canvas')).height, PATIENT).toBeGreaterThan(150);
    service.publish(...Array.from({ length: 96 }, (_, block) => step(block)));
    /** Height of hEOG's trace at `s` seconds of the sweep, as a share of its row. */
    let heightAt!: (s: number) => number;
    await expect
      .poll(async () => {
        const { width, height, ...rest } = await pictureOf(page, '.traces canvas');
        // A line between two rows of pixels is less bright.
        const trace = placesOf({ width, height, ...rest }, TRACE_COLOUR, 150).filter(([, y]) => y < height / 2);
        heightAt = (s) => {
          const column = LABEL_PX + (s / SWEEP_S) * (width - LABEL_PX);
          const near = trace.filter(([x]) => Math.abs(x - column) < 4);
          return 1 - near.reduce((sum, [, y]) => sum + y, 0) / near.length / (height / 2);
        };
        return heightAt(2.8);
      }, PATIENT)
      .toBeGreaterThan(0);
    const before = heightAt(0.5);
    expect(before).toBeCloseTo(0.5, 1);
    // 280 of the row's 700 uV are 0.4 of its height. The display's high-pass at 0.1 Hz removes 12 % in 0.2 s and 68 % in 1.8 s.
    expect(heightAt(1.2) - before).toBeCloseTo(0.35, 1);
    expect(heightAt(2.8) - before).toBeCloseTo(0.13, 1);
  });

  it('has no errors', () => {
    expect(watched.errors).toEqual([]);
  });
});

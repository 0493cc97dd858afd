/** The dashboard with an EEG device and an eye tracker: the decision of each, and their fusion. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Source, Verdict } from '../../src/api/events.ts';
import { classColour } from '../../src/dashboard/colours.ts';
import { decision } from '../../src/pipeline/to-events.ts';
import { type RunningServer, startServer } from '../../src/server/server.ts';
import {
  browserSuite,
  coloursOf,
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
import { abstention, EYE_MODEL, OK, prediction, trackerEvent } from '../support/fake-eyes.ts';
import {
  deviceEvent,
  FAKE_MODEL,
  FAKE_STREAM,
  FakeService,
  featuresEvent,
  noticeEvent,
  qualityEvent,
  rawEvent,
  serverOptions,
} from '../support/fake-service.ts';

const NEGATIVE: Verdict = decision(FAKE_MODEL.labels, 'negative', [0.81, 0.1, 0.09]);

browserSuite('dashboard of EEG and eye movement together', () => {
  let server: RunningServer;
  let browser: Browser;
  let watched: WatchedPage;
  let page: Page;
  // Model and signal of the eye tracker are not simulated: only EEG is.
  const service = new FakeService('session-1', [FAKE_MODEL, { ...EYE_MODEL, simulated: false }]);

  beforeAll(async () => {
    server = await startServer(service, serverOptions({}, { dashboardDir: DASHBOARD_DIR }));
    service.publish(deviceEvent(), trackerEvent());
    browser = await launch();
    watched = await openPage(browser, server.httpUrl);
    page = watched.page;
    await subscribed(server);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  const labelOf = (source: Source): Promise<string> => textOf(page, `.verdict[data-source="${source}"] .label`);
  const summary = (): Promise<string> => textOf(page, '.verdict[data-source="fusion"] .summary');

  it('shows the decision of each source, and that of the fusion first and largest', async () => {
    service.publish(
      prediction('eeg', NEGATIVE),
      prediction('eye', OK, { simulated: false }),
      prediction('fusion', OK, { fused: ['eeg', 'eye'] }),
    );
    await expect.poll(() => labelOf('fusion'), PATIENT).toBe('positive');
    expect(await labelOf('eeg')).toBe('negative');
    expect(await labelOf('eye')).toBe('positive');
    expect(await summary()).toBe('EEG + eye');
    const verdicts = page.locator('.verdict');
    expect(await verdicts.evaluateAll((all) => all.map((v) => v.dataset['source']))).toEqual(['fusion', 'eeg', 'eye']);
    const sizes = await page
      .locator('.verdict .label')
      .evaluateAll((all) => all.map((label) => Number.parseFloat(getComputedStyle(label).fontSize)));
    expect(sizes[0]).toBeGreaterThan(1.5 * Math.max(sizes[1]!, sizes[2]!));
  });

  it('draws only the probabilities of the fusion', async () => {
    expect(await page.locator('.panel.history').count()).toBe(1);
    const certain: Verdict = decision(FAKE_MODEL.labels, 'positive', [0, 0, 1]);
    for (let i = 1; i <= 20; i++) {
      const at = {
        start_us: 0,
        end_us: 1.7e15 + i * 1e6,
        emit_us: 1.7e15 + i * 1e6,
        mono_us: i * 1e6,
        clock_err_us: 0,
      };
      service.publish(prediction('eeg', NEGATIVE, { t: at }));
      service.publish(prediction('fusion', certain, { t: at, fused: ['eeg', 'eye'] }));
    }
    await expect.poll(async () => [...(await coloursOf(page, '.history canvas'))], PATIENT).toContain(classColour(2));
    const picture = await pictureOf(page, '.history canvas');
    // The line of EEG's 0.81 would be high. That of the fusion is at 0, below the third class.
    const highest = (label: number): number => Math.min(...placesOf(picture, classColour(label)).map(([, y]) => y));
    expect(highest(0)).toBeGreaterThan(picture.height / 2);
    expect(highest(2)).toBeLessThan(picture.height / 4);
  });

  it('shows the panels of both devices with their own events', async () => {
    service.publish(rawEvent(0, 50), rawEvent(50, 50), featuresEvent(2), qualityEvent());
    expect(await page.locator('.group').evaluateAll((all) => all.map((g) => g.dataset['source']))).toEqual([
      'fusion',
      'eeg',
      'eye',
    ]);
    await page.locator('[data-source="eeg"] .electrodes li').first().waitFor();
    expect(await page.locator('[data-source="eeg"] .scalp canvas').count()).toBe(1);
    expect(await page.locator('[data-source="eye"] .gaze canvas').count()).toBe(2);
    expect(await page.locator('.panel.loss').count()).toBe(2);
    const devices = await textOf(page, '#devices');
    expect(devices).toContain('EEG device fake: 2 channels at 1000 Hz, streaming');
    expect(devices).toContain('eye tracker test: 6 channels at 100 Hz, streaming');
  });

  it('says which of the two devices is simulated', async () => {
    expect(FAKE_STREAM.simulated).toBe(true);
    await expect
      .poll(() => textOf(page, '#simulated'), PATIENT)
      .toBe('SIMULATED: EEG signal and EEG model come from a generator and say nothing about a person');
  });

  it('continues with the eye tracker alone when the EEG device is disconnected, and says so', async () => {
    service.publish(prediction('eeg', abstention('stale')), prediction('fusion', OK, { fused: ['eye'] }), {
      ...noticeEvent(),
      source: 'eeg',
    });
    await expect.poll(summary, PATIENT).toBe('eye alone: the EEG device is disconnected');
    expect(await labelOf('fusion')).toBe('positive');
    expect(await labelOf('eeg')).toBe('no verdict');
    expect(await textOf(page, '#notices')).toContain('EEG device: the device is gone');
    expect(await page.locator('[data-source="eeg"] .chips').getAttribute('data-state')).toBe('stale');
    expect(await page.locator('.group[data-stale]').getAttribute('data-source')).toBe('eeg');
    await expect
      .poll(() => textOf(page, '#connection'), PATIENT)
      .toBe('server connected, no signal from the EEG device');
    expect(await textOf(page, '.electrodes .note')).toBe('as they were before the signal was lost');
    service.publish(
      prediction('eye', abstention('not_worn')),
      prediction('fusion', abstention('stale', 'not_worn'), { fused: [] }),
    );
    await expect.poll(summary, PATIENT).toBe('the EEG device is disconnected; eye abstains, no eyes in view');
    expect(await labelOf('fusion')).toBe('no verdict');
    service.publish(
      prediction('eeg', NEGATIVE),
      prediction('eye', OK),
      prediction('fusion', NEGATIVE, { fused: ['eeg', 'eye'] }),
    );
    await expect.poll(summary, PATIENT).toBe('EEG + eye');
  });

  it('fits a phone, with the fusion first', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth), PATIENT).toBe(390);
    const tops = await Promise.all(
      ['.decision', '.history', '.traces', '.gaze'].map(async (kind) => (await page.locator(kind).boundingBox())!.y),
    );
    expect(tops).toEqual([...tops].sort((a, b) => a - b));
  });

  it('shows the newest notice also in the header for 10 s', async () => {
    const newest = page.locator('#notice');
    await page.clock.install();
    service.publish({ ...noticeEvent(), source: 'eye' });
    await expect.poll(() => newest.textContent(), PATIENT).toBe('eye tracker: the device is gone');
    await page.clock.fastForward(8000);
    service.publish({ ...noticeEvent(), name: 'device_back', message: 'streaming', source: 'eye' });
    await expect.poll(() => newest.textContent(), PATIENT).toBe('eye tracker: streaming');
    // The 10 s of the older notice are over, those of the newer one are not.
    await page.clock.fastForward(5000);
    expect(await newest.textContent()).toBe('eye tracker: streaming');
    await page.clock.fastForward(6000);
    expect(await newest.textContent()).toBe('');
    expect(await textOf(page, '#notices li:first-child')).toMatch(/^\d\d:\d\d:\d\d eye tracker: streaming$/);
  });

  it('uses the description of a device that was disconnected before the page was opened', async () => {
    const late = await openPage(browser, server.httpUrl);
    await expect.poll(() => server.stats.subscriptions.marker, PATIENT).toBe(2);
    service.publish(
      prediction('eeg', abstention('stale')),
      prediction('eye', abstention('stale'), { simulated: false }),
    );
    await expect
      .poll(() => textOf(late.page, '.electrodes .note'), PATIENT)
      .toBe('not known: no signal from the device');
    await expect
      .poll(() => textOf(late.page, '#simulated'), PATIENT)
      .toBe('SIMULATED: EEG signal and EEG model come from a generator and say nothing about a person');
    expect(late.errors).toEqual([]);
    await late.page.close();
  });

  it('has no errors', () => {
    expect(watched.errors).toEqual([]);
  });
});

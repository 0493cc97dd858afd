import { createHash } from 'node:crypto';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningServer, startServer } from '../../../src/server/server.ts';
import { browserSuite, DASHBOARD_DIR, launch, openPage, PATIENT, textOf } from '../../support/browser.ts';
import { EYE_MODEL, fixation, gazeEvent, OK, prediction, START_US, trackerEvent } from '../../support/fake-eyes.ts';
import { FakeService, serverOptions } from '../../support/fake-service.ts';

browserSuite('dashboard of a restarted server', () => {
  let server: RunningServer;
  let browser: Browser;
  beforeAll(async () => {
    server = await startServer(
      new FakeService('session-1', [EYE_MODEL]),
      serverOptions({}, { dashboardDir: DASHBOARD_DIR }),
    );
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  it('has the panels of its new model', async () => {
    const { page } = await openPage(browser, server.httpUrl);
    await page.locator('.plane').waitFor();
    const port = Number(new URL(server.httpUrl).port);
    await server.close();
    server = await startServer(new FakeService('session-2'), serverOptions({ port }, { dashboardDir: DASHBOARD_DIR }));
    await page.locator('.scalp').waitFor();
    expect(await page.locator('.plane').count()).toBe(0);
    expect(await textOf(page, '#connection')).toBe('connected');
  });
});

browserSuite('dashboard of an eye tracker for a token without raw samples', () => {
  const token = 'only-some-streams';
  const service = new FakeService('session-1', [EYE_MODEL]);
  let server: RunningServer;
  let browser: Browser;
  beforeAll(async () => {
    const sha256 = createHash('sha256').update(token).digest('hex');
    const tokens = [{ name: 'page', sha256, scopes: ['predictions' as const, 'features' as const] }];
    server = await startServer(service, serverOptions({ tokens }, { dashboardDir: DASHBOARD_DIR }));
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  it('says which stream the token does not allow, and shows the others', async () => {
    const { page, errors } = await openPage(browser, server.httpUrl);
    await page.locator('#token').fill(token);
    await page.getByRole('button', { name: 'Connect' }).click();
    await page.locator('.plane').waitFor();
    await expect.poll(() => textOf(page, '#notices'), PATIENT).toMatch(/raw: .*scope/);
    await expect.poll(() => server.stats.subscriptions.gaze, PATIENT).toBe(1);
    service.publish(trackerEvent(), gazeEvent(START_US, 1, fixation(2, 2, 400)), prediction('eye', OK));
    await expect.poll(() => textOf(page, 'tr[data-kind="fixation"]'), PATIENT).toMatch(/1\s+–\s+400 ms/);
    expect(await textOf(page, '.verdict .label')).toBe('positive');
    expect(errors).toEqual([]);
  });
});

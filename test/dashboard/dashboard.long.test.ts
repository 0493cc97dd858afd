/** The page in a real browser, against a running demo with one electrode off. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { classColour, TRACE_COLOUR } from '../../src/dashboard/colours.ts';
import { browserSuite, coloursOf, launch, openPage, PATIENT, textOf, type WatchedPage } from '../support/browser.ts';
import { type RunningCli, runCli, startCli } from '../support/cli.ts';

const BANDS = ['delta', 'theta', 'alpha', 'beta', 'gamma'];

browserSuite('dashboard', () => {
  let demo: RunningCli;
  let origin: string;
  let browser: Browser;
  let watched: WatchedPage;
  let page: Page;

  beforeAll(async () => {
    demo = startCli('demo', '--http-port', '0', '--no-open', '--faults', 'electrode-off=C3');
    origin = (await demo.listening()).http;
    browser = await launch();
    watched = await openPage(browser, origin);
    page = watched.page;
    await page.locator('.label[data-state="ok"]').waitFor();
  });
  afterAll(async () => {
    await browser?.close();
    await demo?.stop();
  });

  it('always says that signal and model are simulated', async () => {
    const banner = page.locator('#simulated');
    expect(await banner.innerText()).toMatch(/^SIMULATED: signal and model .* nothing about a person$/);
    await page.mouse.wheel(0, 2000);
    expect(await banner.isVisible()).toBe(true);
    expect(await banner.boundingBox()).toMatchObject({ y: 0 });
  });

  it('is connected to the simulated amplifier', async () => {
    expect(await textOf(page, '#connection')).toBe('connected');
    expect(await textOf(page, '#devices')).toMatch(/62 channels at 1000 Hz, streaming/);
    expect(await textOf(page, '#model')).toContain('demo-eeg62-cmcrd');
  });

  it('shows a class with its probabilities', async () => {
    expect(await textOf(page, '.verdict .label')).toMatch(/^(negative|neutral|positive)$/);
    const numbers = (await page.locator('.verdict output').allInnerTexts()).map(Number);
    expect(numbers).toHaveLength(3);
    expect(numbers.reduce((sum, p) => sum + p)).toBeCloseTo(1, 1);
  });

  it('sweeps the traces', async () => {
    const imageOf = (): Promise<string> =>
      page.locator('.traces canvas').evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
    await expect.poll(async () => [...(await coloursOf(page, '.traces canvas'))], PATIENT).toContain(TRACE_COLOUR);
    const before = await imageOf();
    await expect.poll(imageOf, PATIENT).not.toBe(before);
  });

  it('draws five scalp maps', async () => {
    const captions = page.locator('.scalp figcaption');
    expect(await page.locator('.scalp canvas').count()).toBe(BANDS.length);
    for (const [i, band] of BANDS.entries()) {
      expect(await captions.nth(i).innerText()).toMatch(new RegExp(`^${band} -?\\d+\\.\\d–-?\\d+\\.\\d$`));
      expect((await coloursOf(page, '.scalp canvas', i)).size).toBeGreaterThan(100);
    }
  });

  it('draws the probabilities over time', async () => {
    expect(await page.locator('.history .u-legend').innerText()).toMatch(/negative\s*neutral\s*positive/);
    // The last class is drawn over the others.
    await expect.poll(async () => [...(await coloursOf(page, '.history canvas'))], PATIENT).toContain(classColour(2));
  });

  it('shows every electrode, and what is wrong with the disconnected one', async () => {
    expect(await page.locator('.electrodes .chips li').count()).toBe(62);
    const bad = page.locator('.electrodes button[data-bad]');
    expect(await bad.allInnerTexts()).toEqual(['C3']);
    expect(await page.locator('.bad-electrodes li').allInnerTexts()).toEqual(['C3: railed: the amplifier clips']);
    expect(await textOf(page, '.verdict .summary')).toBe('1 of 62 electrodes is bad: C3');
    expect(await textOf(page, '.electrodes .note')).toMatch(/^score 0\.98$/);
  });

  it('describes an electrode on tap and by keyboard, without a strength where there is no signal', async () => {
    await page.getByRole('button', { name: 'C3, bad' }).click();
    expect(await textOf(page, '.electrodes .detail')).toBe(
      'C3: railed: the amplifier clips, interpolated from the others',
    );
    const good = page.getByRole('button', { name: 'FP1, good' });
    await good.press('Enter');
    expect(await textOf(page, '.electrodes .detail')).toMatch(/^FP1: \d+\.\d µV rms$/);
    // The next window keeps the focus.
    await expect.poll(() => textOf(page, '.electrodes .detail'), PATIENT).toMatch(/^FP1: /);
    expect(await good.evaluate((button) => button === document.activeElement)).toBe(true);
  });

  it('has the verdict in its title, and bars in the colours of the classes', async () => {
    await expect.poll(() => page.title(), PATIENT).toMatch(/^(negative|neutral|positive) \d+ % – affect-edge$/);
    const colours = await page
      .locator('.bars meter')
      .evaluateAll((meters) => meters.map((meter) => getComputedStyle(meter).getPropertyValue('--bar')));
    expect(colours).toEqual([0, 1, 2].map(classColour));
  });

  it('does not shift its layout', async () => {
    const shift = await page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          let sum = 0;
          const observer = new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) sum += (entry as PerformanceEntry & { value: number }).value;
          });
          observer.observe({ type: 'layout-shift', buffered: true });
          requestAnimationFrame(() => requestAnimationFrame(() => resolve(sum)));
        }),
    );
    expect(shift).toBeLessThan(0.1);
  });

  it('shows loss and latency', async () => {
    const text = await textOf(page, '.loss');
    expect(text).toMatch(/samples received\s+[\d,]{4,}/);
    expect(text).toMatch(/samples lost\s+0/);
    expect(text).toMatch(/window coverage\s+100 %/);
    expect(text).toMatch(/end of window to prediction\s+\d+\.\d ms/);
    expect(text).toMatch(/prediction to this page\s+\d+ ms/);
  });

  it('makes no requests to other hosts and has no errors', () => {
    expect(watched.foreignRequests).toEqual([]);
    expect(watched.errors).toEqual([]);
  });

  // The last test, because it stops the server.
  it('says that the connection is lost after the server stopped, and keeps the banner', async () => {
    expect(await demo.stop()).toBe(0);
    await page.locator('#connection[data-state="bad"]').waitFor();
    await expect
      .poll(() => textOf(page, '#connection'), PATIENT)
      .toMatch(/this page has lost the server, trying again/);
    await page.locator('.verdict[data-old]').waitFor();
    expect(await textOf(page, '#notices')).toContain('shutting down');
    expect(await page.locator('#simulated').isVisible()).toBe(true);
  });
});

browserSuite('dashboard of a server with tokens', () => {
  let demo: RunningCli;
  let browser: Browser;
  let folder: string;
  let token: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'affect-edge-dashboard-'));
    const { lines } = await runCli('token', 'page', '--scopes', 'admin');
    token = String(lines[0]!['token']);
    const config = join(folder, 'config.json');
    await writeFile(config, JSON.stringify({ server: { port: 0, tokens: [lines[0]!['entry']] } }));
    demo = startCli('demo', '--config', config, '--no-open');
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await demo?.stop();
    await rm(folder, { recursive: true });
  });

  it('asks for a token, rejects a wrong one, and opens with the right one', async () => {
    const page = await browser.newPage();
    await page.goto((await demo.listening()).http);
    const login = page.locator('#login');
    await login.waitFor();
    await page.locator('#token').fill('guessed');
    await page.getByRole('button', { name: 'Connect' }).click();
    await page.locator('#connection[data-state="bad"]').waitFor();
    await login.waitFor();
    await page.locator('#token').fill(token);
    await page.getByRole('button', { name: 'Connect' }).click();
    await page.locator('#connection[data-state="good"]').waitFor();
    expect(await login.isVisible()).toBe(false);
    await page.locator('#simulated').waitFor();
    expect(page.url()).not.toContain(token);
  });
});

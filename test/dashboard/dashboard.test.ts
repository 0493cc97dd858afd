/** The page in a real browser, against a running demo with one electrode off. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { classColour } from '../../src/dashboard/colours.ts';
import { type RunningCli, runCli, startCli } from '../support/cli.ts';

const CHROMIUM = '/usr/bin/chromium';
/** It must not look for anything outside. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const PATIENT = { timeout: 30_000 };
const BANDS = ['delta', 'theta', 'alpha', 'beta', 'gamma'];

const suite = existsSync(CHROMIUM)
  ? describe
  : (name: string, tests: () => void) => describe.skip(`${name} [skipped: ${CHROMIUM} is absent]`, tests);

const launch = (): Promise<Browser> => chromium.launch({ executablePath: CHROMIUM, args: FLAGS });

suite('dashboard', () => {
  let demo: RunningCli;
  let origin: string;
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];
  const strangers: string[] = [];

  beforeAll(async () => {
    demo = startCli('demo', '--http-port', '0', '--no-open', '--faults', 'electrode-off=C3');
    origin = (await demo.listening()).http;
    browser = await launch();
    page = await browser.newPage({ viewport: { width: 1400, height: 1000 } });
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => note(request.url()));
    page.on('websocket', (socket) => note(socket.url()));
    page.on('response', (response) => {
      if (!response.ok()) complaints.push(`${response.status()} ${response.url()}`);
    });
    await page.goto(origin);
    await page.locator('#label[data-state="ok"]').waitFor();
  });
  afterAll(async () => {
    await browser?.close();
    await demo?.stop();
  });

  function note(url: string): void {
    if (new URL(url).host !== new URL(origin).host && !url.startsWith('data:')) strangers.push(url);
  }

  const textOf = async (selector: string): Promise<string> => (await page.locator(selector).innerText()).trim();

  /** The colours on a canvas, as `#rrggbb`. */
  async function coloursOf(selector: string, nth = 0): Promise<Set<string>> {
    const colours = await page
      .locator(selector)
      .nth(nth)
      .evaluate((canvas: HTMLCanvasElement) => {
        const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
        return [...new Set(new Uint32Array(data.buffer))];
      });
    const hex = (byte: number): string => (byte & 255).toString(16).padStart(2, '0');
    return new Set(colours.map((abgr) => `#${hex(abgr)}${hex(abgr >> 8)}${hex(abgr >> 16)}`));
  }

  it('says, and goes on saying, that signal and model are simulated', async () => {
    const banner = page.locator('#simulated');
    expect(await banner.innerText()).toMatch(/^SIMULATED: signal and model .* nothing about a person$/);
    await page.mouse.wheel(0, 2000);
    expect(await banner.isVisible()).toBe(true);
    expect(await banner.boundingBox()).toMatchObject({ y: 0 });
  });

  it('is connected to the simulated amplifier', async () => {
    expect(await textOf('#connection')).toBe('connected');
    expect(await textOf('#device')).toMatch(/62 channels at 1000 Hz, streaming/);
    expect(await textOf('#model')).toContain('demo-eeg62-cmcrd');
  });

  it('shows a class with its probabilities', async () => {
    expect(await textOf('#label')).toMatch(/^(negative|neutral|positive)$/);
    const numbers = (await page.locator('#bars output').allInnerTexts()).map(Number);
    expect(numbers).toHaveLength(3);
    expect(numbers.reduce((sum, p) => sum + p)).toBeCloseTo(1, 1);
  });

  it('sweeps the traces', async () => {
    const imageOf = (): Promise<string> =>
      page.locator('#traces').evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
    expect((await coloursOf('#traces')).has('#7fd1ff')).toBe(true);
    const before = await imageOf();
    await expect.poll(imageOf, PATIENT).not.toBe(before);
  });

  it('draws five scalp maps', async () => {
    const captions = page.locator('#scalp figcaption');
    expect(await page.locator('#scalp canvas').count()).toBe(BANDS.length);
    for (const [i, band] of BANDS.entries()) {
      expect(await captions.nth(i).innerText()).toMatch(new RegExp(`^${band} -?\\d+\\.\\d–-?\\d+\\.\\d$`));
      expect((await coloursOf('#scalp canvas', i)).size).toBeGreaterThan(100);
    }
  });

  it('draws the probabilities over time', async () => {
    expect(await page.locator('#history .u-legend').innerText()).toMatch(/negative\s*neutral\s*positive/);
    // The last class is drawn over the others.
    await expect.poll(async () => [...(await coloursOf('#history canvas'))], PATIENT).toContain(classColour(2));
  });

  it('shows every electrode, and what is wrong with the one that is off', async () => {
    expect(await page.locator('#electrodes li').count()).toBe(62);
    const bad = page.locator('#electrodes li[data-bad]');
    expect(await bad.allInnerTexts()).toEqual(['C3']);
    expect(await bad.getAttribute('title')).toMatch(/^C3: .*railed.*\(interpolated\)$/);
    expect(await textOf('#quality-score')).toMatch(/^score 0\.98$/);
  });

  it('accounts for loss and latency', async () => {
    const account = await textOf('#account');
    expect(account).toMatch(/samples received\s+[\d,]{4,}/);
    expect(account).toMatch(/samples lost\s+0/);
    expect(account).toMatch(/window coverage\s+100 %/);
    expect(account).toMatch(/end of window to prediction\s+\d+\.\d ms/);
    expect(account).toMatch(/prediction to this page\s+\d+ ms/);
  });

  it('has loaded nothing from elsewhere and complained about nothing', () => {
    expect(strangers).toEqual([]);
    expect(complaints).toEqual([]);
  });

  // Last: it ends the server.
  it('says that the connection is lost once the server is gone, and keeps its warning', async () => {
    expect(await demo.stop()).toBe(0);
    await page.locator('#connection[data-state="bad"]').waitFor();
    await expect.poll(() => textOf('#connection'), PATIENT).toMatch(/connection lost/);
    expect(await textOf('#notices')).toContain('shutting down');
    expect(await page.locator('#simulated').isVisible()).toBe(true);
  });
});

suite('dashboard of a server with tokens', () => {
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

  it('asks for one, says when it is wrong, and opens with the right one', async () => {
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

/** Opens the dashboard in Debian's Chromium and collects its errors. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { describe, expect, vi } from 'vitest';
import type { RunningServer } from '../../src/server/server.ts';

const CHROMIUM = '/usr/bin/chromium';
/** The browser must not access the network. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/** The output of `npm run build`. */
export const DASHBOARD_DIR = fileURLToPath(new URL('../../dist/dashboard', import.meta.url));
export const PATIENT = { timeout: 30_000 };

export const browserSuite = existsSync(CHROMIUM)
  ? describe
  : (name: string, tests: () => void) => describe.skip(`${name} [skipped: ${CHROMIUM} is absent]`, tests);

export const launch = (): Promise<Browser> => chromium.launch({ executablePath: CHROMIUM, args: FLAGS });

export interface WatchedPage {
  readonly page: Page;
  /** Errors on the console, exceptions and failed requests. */
  readonly errors: readonly string[];
  /** Requests to other hosts than the page's own server. */
  readonly foreignRequests: readonly string[];
}

export async function openPage(
  browser: Browser,
  origin: string,
  options: BrowserContextOptions = { viewport: { width: 1400, height: 1000 } },
): Promise<WatchedPage> {
  const page = await browser.newPage(options);
  const errors: string[] = [];
  const foreignRequests: string[] = [];
  const note = (url: string): void => {
    if (new URL(url).host !== new URL(origin).host && !url.startsWith('data:')) foreignRequests.push(url);
  };
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('request', (request) => note(request.url()));
  page.on('websocket', (socket) => note(socket.url()));
  page.on('response', (response) => {
    if (!response.ok()) errors.push(`${response.status()} ${response.url()}`);
  });
  await page.goto(origin);
  return { page, errors, foreignRequests };
}

/** Resolves once the page has subscribed to everything, so it gets every event that is published afterwards. */
export async function subscribed({ stats }: RunningServer): Promise<void> {
  await vi.waitFor(() => expect(stats.subscriptions.marker).toBe(1), PATIENT); // its last subscription
}

export async function textOf(page: Page, selector: string): Promise<string> {
  return (await page.locator(selector).innerText()).trim();
}

/** The pixels of a canvas, without premultiplied alpha. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** RGBA */
  readonly data: Uint8ClampedArray;
}

export async function pictureOf(page: Page, selector: string, nth = 0): Promise<Picture> {
  const { width, height, base64 } = await page
    .locator(selector)
    .nth(nth)
    .evaluate((canvas: HTMLCanvasElement) => {
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      let binary = '';
      for (let i = 0; i < data.length; i += 8192) binary += String.fromCharCode(...data.subarray(i, i + 8192));
      return { width: canvas.width, height: canvas.height, base64: btoa(binary) };
    });
  return { width, height, data: new Uint8ClampedArray(Buffer.from(base64, 'base64')) };
}

type Rgba = readonly [red: number, green: number, blue: number, alpha: number];

/** The pixel at `x` and `y`, as shares of the width and the height. */
export function pixelAt({ width, height, data }: Picture, x: number, y: number): Rgba {
  const [column, row] = [Math.floor(x * width), Math.floor(y * height)];
  return [...data.subarray(4 * (row * width + column), 4 * (row * width + column) + 4)] as unknown as Rgba;
}

/** The opaque pixels of colour `#rrggbb`, each component within `tolerance`. */
export function placesOf({ width, data }: Picture, colour: string, tolerance = 0): [column: number, row: number][] {
  const rgb = [1, 3, 5].map((i) => Number.parseInt(colour.slice(i, i + 2), 16));
  const places: [number, number][] = [];
  for (let p = 0; p < data.length / 4; p++) {
    const isColour = rgb.every((value, i) => Math.abs(data[4 * p + i]! - value) <= tolerance);
    if (isColour && data[4 * p + 3] === 255) places.push([p % width, Math.floor(p / width)]);
  }
  return places;
}

/** All opaque colours of a canvas, as `#rrggbb`. */
export async function coloursOf(page: Page, selector: string, nth = 0): Promise<Set<string>> {
  const { data } = await pictureOf(page, selector, nth);
  const hex = (byte: number): string => byte.toString(16).padStart(2, '0');
  const colours = new Set<string>();
  for (let i = 0; i < data.length; i += 4) {
    if (data[i + 3] === 255) colours.add(`#${hex(data[i]!)}${hex(data[i + 1]!)}${hex(data[i + 2]!)}`);
  }
  return colours;
}

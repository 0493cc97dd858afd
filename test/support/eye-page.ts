/** The dashboard of a fake eye tracker in a browser. */
import type { Browser, Page } from 'playwright-core';
import { expect } from 'vitest';
import { type RunningServer, startServer } from '../../src/server/server.ts';
import { DASHBOARD_DIR, launch, openPage, PATIENT, subscribed, type WatchedPage } from './browser.ts';
import { EYE_MODEL, FakeTracker, type Look, trackerEvent } from './fake-eyes.ts';
import { FakeService, serverOptions } from './fake-service.ts';

export class EyePage {
  readonly service = new FakeService('session-1', [EYE_MODEL]);
  tracker = new FakeTracker();
  #server: RunningServer | null = null;
  #browser: Browser | null = null;
  #watched: WatchedPage | null = null;

  get page(): Page {
    return this.#watched!.page;
  }

  get watched(): WatchedPage {
    return this.#watched!;
  }

  async start(): Promise<void> {
    this.#server = await startServer(this.service, serverOptions({}, { dashboardDir: DASHBOARD_DIR }));
    this.#browser = await launch();
  }

  async stop(): Promise<void> {
    await this.#browser?.close();
    await this.#server?.close();
  }

  /** Opens a new page, which has received the description of the device and nothing else. */
  async open(options?: Parameters<typeof openPage>[2]): Promise<void> {
    const server = this.#server!;
    await this.#watched?.page.close();
    await expect.poll(() => server.stats.clients, PATIENT).toBe(0);
    this.tracker = new FakeTracker();
    this.service.publish(trackerEvent());
    this.#watched = await openPage(this.#browser!, server.httpUrl, options);
    await subscribed(server);
    await this.page.locator('.plane').waitFor();
  }

  /** Plays in real time until `isSeen`, because the page shows the present only for a short time. */
  async playUntil(look: (s: number) => Look, isSeen: () => Promise<boolean>): Promise<void> {
    const startUs = this.tracker.nowUs;
    const playing = setInterval(() => {
      const playedS = (this.tracker.nowUs - startUs) / 1e6;
      this.service.publish(...this.tracker.play(0.04, (s) => look(playedS + s)));
    }, 40);
    try {
      await expect.poll(isSeen, { ...PATIENT, interval: 20 }).toBe(true);
    } finally {
      clearInterval(playing);
    }
  }
}

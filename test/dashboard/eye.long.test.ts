/** The page of an eye tracker: what the server sends is what is to be seen. */
import { createHash } from 'node:crypto';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { EVENT_COLOURS, EYE_COLOURS } from '../../src/dashboard/colours.ts';
import { type RunningServer, startServer } from '../../src/server/server.ts';
import {
  browserSuite,
  DASHBOARD_DIR,
  launch,
  openPage,
  PATIENT,
  type Picture,
  pictureOf,
  pixelAt,
  placesOf,
  subscribed,
  textOf,
  type WatchedPage,
} from '../support/browser.ts';
import {
  abstention,
  CLOSED,
  EYE_MODEL,
  eyeQuality,
  FakeTracker,
  features,
  fixation,
  gazeEvent,
  type Look,
  OK,
  prediction,
  START_US,
  trackerEvent,
} from '../support/fake-eyes.ts';
import { FakeService, serverOptions } from '../support/fake-service.ts';
import { SCREEN } from '../support/gaze.ts';

const TRAIL = '.plane canvas:not(.heat)';

/** Where on the screen a direction meets it, as shares of width and height. */
function onScreen(xDeg: number, yDeg: number): [x: number, y: number] {
  const share = (deg: number, axis: 0 | 1): number =>
    0.5 + (Math.tan((deg * Math.PI) / 180) * SCREEN.distanceMm) / SCREEN.screenMm[axis];
  return [share(xDeg, 0), share(yDeg, 1)];
}

browserSuite('dashboard of an eye tracker', () => {
  let server: RunningServer;
  let browser: Browser;
  let service: FakeService;
  let tracker: FakeTracker;
  let watched: WatchedPage;
  let page: Page;

  beforeAll(async () => {
    service = new FakeService('session-1', [EYE_MODEL]);
    server = await startServer(service, serverOptions({}, { dashboardDir: DASHBOARD_DIR }));
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  /** A new page, which nothing has told anything yet but what the device is. */
  async function open(options?: Parameters<typeof openPage>[2]): Promise<void> {
    await page?.close();
    await expect.poll(() => server.stats.clients, PATIENT).toBe(0);
    tracker = new FakeTracker();
    service.publish(trackerEvent());
    watched = await openPage(browser, server.httpUrl, options);
    page = watched.page;
    await subscribed(server);
    await page.locator('.plane').waitFor();
  }

  /** Plays on as time does, until `isSeen`; what is shown as the present is gone soon after it. */
  async function playUntil(look: (s: number) => Look, isSeen: () => Promise<boolean>): Promise<void> {
    const startUs = tracker.nowUs;
    const playing = setInterval(() => {
      const playedS = (tracker.nowUs - startUs) / 1e6;
      service.publish(...tracker.play(0.04, (s) => look(playedS + s)));
    }, 40);
    try {
      await expect.poll(isSeen, { ...PATIENT, interval: 20 }).toBe(true);
    } finally {
      clearInterval(playing);
    }
  }

  /** Once a second from left to right in 0.2 s, at this height of the screen; then it rests there. */
  const across =
    (height: number) =>
    (s: number): Look => ({
      px: [480 + 960 * Math.min(1, (s % 1) / 0.2), height * 1080],
      mm: [3, 3],
    });
  /** How bright the trail is halfway, off the grid of 5 degrees. */
  const halfway = (picture: Picture, height: number): number =>
    Math.max(...[-2, -1, 0, 1, 2].map((row) => pixelAt(picture, 0.52, height + row / picture.height)[0]));

  it('has the panels of the eyes, and none of EEG', async () => {
    await open();
    for (const kind of ['decision', 'history', 'gaze', 'eye-events', 'pupils', 'influence', 'eye-quality', 'account']) {
      expect(await page.locator(`.panel.${kind}`).count(), kind).toBe(1);
    }
    for (const kind of ['traces', 'scalp', 'electrodes']) expect(await page.locator(`.panel.${kind}`).count()).toBe(0);
    expect(await textOf(page, '#devices')).toMatch(/6 channels at 100 Hz, streaming/);
    expect(await textOf(page, '#simulated')).toMatch(/^SIMULATED: .*model/);
  });

  it('is warm where the eyes rested, warmer where they rested longer, and cold elsewhere', async () => {
    await open();
    service.publish(...tracker.play(1, () => CLOSED));
    service.publish(
      gazeEvent(tracker.nowUs, 0, fixation(-8, 5, 900)),
      gazeEvent(tracker.nowUs, 0, fixation(10, -6, 250)),
    );
    const at = (heat: Picture, xDeg: number, yDeg: number) => pixelAt(heat, ...onScreen(xDeg, yDeg));
    let heat!: Picture;
    await expect
      .poll(async () => {
        heat = await pictureOf(page, '.heat');
        return at(heat, 10, -6)[3];
      }, PATIENT)
      .toBeGreaterThan(100);
    const [long, short] = [at(heat, -8, 5), at(heat, 10, -6)];
    expect(long[0]).toBeGreaterThan(220);
    expect(long[1]).toBeGreaterThan(100); // orange to yellow
    expect(short[0]).toBeLessThan(140); // violet
    expect(short[2]).toBeGreaterThan(80);
    for (const cold of [at(heat, 0, 0), at(heat, 8, 5), at(heat, -8, -5), at(heat, -10, -6)]) expect(cold[3]).toBe(0);

    // Three half-lives later.
    service.publish(...tracker.play(60, () => CLOSED));
    await expect.poll(async () => at(await pictureOf(page, '.heat'), -8, 5)[0], PATIENT).toBeLessThan(100);
    await expect.poll(() => textOf(page, '.gaze .note'), PATIENT).toContain('no eyes seen yet');
  });

  it('shows where the eyes look, and the way there', async () => {
    await open();
    let picture!: Picture;
    // The right eye's dot is drawn over the left one's where both look at the same place.
    await playUntil(across(0.25), async () => {
      picture = await pictureOf(page, TRAIL);
      const [r, g, b] = pixelAt(picture, 1440 / 1920, 0.25);
      const dot = `#${[r, g, b].map((value) => value.toString(16).padStart(2, '0')).join('')}`;
      return dot === EYE_COLOURS[1] && halfway(picture, 0.25) > 150;
    });
    expect(halfway(picture, 0.75)).toBeLessThan(100);
    const words = /now 11\.1° right, 6\.3° up/;
    await playUntil(
      () => across(0.25)(0.9),
      async () => words.test(await textOf(page, '.gaze .note')),
    );
  });

  it('has no trail where there is no gaze, and says so', async () => {
    await open();
    const brightness = async (): Promise<number> => halfway(await pictureOf(page, TRAIL), 0.77);
    await playUntil(across(0.77), async () => (await brightness()) > 150);
    await playUntil(
      () => CLOSED,
      async () => (await textOf(page, '.gaze .note')).includes('not seen for 2 s'),
    );
    await expect.poll(brightness, PATIENT).toBeLessThan(100);
    const picture = await pictureOf(page, TRAIL);
    for (const colour of EYE_COLOURS) expect(placesOf(picture, colour)).toEqual([]);
  });

  it('counts the events of the last 30 s, and tells the last of each kind', async () => {
    await open();
    service.publish(...tracker.play(40, () => CLOSED));
    const { nowUs } = tracker;
    const saccade = { type: 'saccade', duration_ms: 31, amplitude_deg: 5.24, peak_deg_s: 287.6 } as const;
    service.publish(
      ...[36, 9, 8, 7, 6, 5].map((agoS) => gazeEvent(nowUs, agoS, fixation(1, 1, 240 + agoS))),
      ...[33, 9, 8, 7].map((agoS) => gazeEvent(nowUs, agoS, saccade)),
      ...[8, 3].map((agoS) => gazeEvent(nowUs, agoS, { type: 'blink', duration_ms: 140 })),
      gazeEvent(nowUs, 4, { type: 'track_loss', duration_ms: 2300 }),
    );
    const rowOf = (kind: string) => page.locator(`tr[data-kind="${kind}"] td`).allInnerTexts();
    await expect.poll(() => rowOf('track_loss'), PATIENT).toEqual(['1', '2.0 / min', '2.3 s']);
    expect(await rowOf('fixation')).toEqual(['5', '0.2 / s', '245 ms']);
    expect(await rowOf('saccade')).toEqual(['3', '0.1 / s', '31 ms, 5.2°, 288 °/s']);
    expect(await rowOf('blink')).toEqual(['2', '4.0 / min', '140 ms']);
  });

  it('puts the events of the last 10 s on their lanes, the newest at the right', async () => {
    await open();
    service.publish(...tracker.play(20, () => CLOSED));
    service.publish(
      gazeEvent(tracker.nowUs, 6, fixation(1, 1, 2000)),
      gazeEvent(tracker.nowUs, 2, { type: 'blink', duration_ms: 400 }),
      gazeEvent(tracker.nowUs, 12, { type: 'saccade', duration_ms: 400, amplitude_deg: 20, peak_deg_s: 400 }),
    );
    let strip!: Picture;
    await expect
      .poll(async () => {
        strip = await pictureOf(page, '.eye-events canvas');
        return placesOf(strip, EVENT_COLOURS.blink).length;
      }, PATIENT)
      .toBeGreaterThan(0);
    const spanOf = (values: number[]): [number, number] => [Math.min(...values), Math.max(...values)];
    const [fixations, blinks] = [placesOf(strip, EVENT_COLOURS.fixation), placesOf(strip, EVENT_COLOURS.blink)];
    const [fixationX, blinkX] = [spanOf(fixations.map(([x]) => x)), spanOf(blinks.map(([x]) => x))];
    // A fifth of the strip, but for the labels' place and what time has moved out meanwhile.
    expect((fixationX[1] - fixationX[0]) / strip.width).toBeCloseTo(0.2 * (1 - 64 / strip.width), 1);
    expect(blinkX[0]).toBeGreaterThan(fixationX[1]);
    expect(Math.max(...fixations.map(([, y]) => y))).toBeLessThan(strip.height / 3);
    expect(Math.min(...blinks.map(([, y]) => y))).toBeGreaterThan((2 * strip.height) / 3);
    expect(placesOf(strip, EVENT_COLOURS.saccade)).toEqual([]);
  });

  it('draws the pupils, with a gap where the lids were closed, and their values', async () => {
    await open();
    const open2s = (): Look => ({ px: [960, 540], mm: [3.4, 3.6] });
    service.publish(...tracker.play(4, open2s), ...tracker.play(2, () => CLOSED), ...tracker.play(4, open2s));
    await playUntil(open2s, async () => (await textOf(page, '.legend')).includes('3.40 mm'));
    expect(await textOf(page, '.legend')).toMatch(/left 3\.40 mm\s*right 3\.60 mm/);
    const picture = await pictureOf(page, '.pupils canvas');
    const near = (colour: string): [number, number][] => placesOf(picture, colour);
    for (const colour of EYE_COLOURS) {
      const columns = [...new Set(near(colour).map(([x]) => x))].sort((a, b) => a - b);
      const gaps = columns.slice(1).map((x, i) => x - columns[i]! - 1);
      // 2 of 20 s.
      expect(Math.max(...gaps) / (picture.width - 36)).toBeCloseTo(0.1, 1);
      expect(gaps.filter((gap) => gap > 2)).toHaveLength(1);
    }
    const rowOf = (colour: string): number => near(colour)[0]![1];
    expect(rowOf(EYE_COLOURS[1])).toBeLessThan(rowOf(EYE_COLOURS[0])); // the larger one above
  });

  it('keeps the scale of the open eye, and draws no line to the floor where a lid closes and opens', async () => {
    await open();
    // Every 2 s for 0.2 s, in 0.05 s each way; the pupil itself turns slowly between 3.2 and 3.6 mm.
    const blinking = (s: number): Look => {
      const sinceS = s % 2;
      if (sinceS >= 0.05 && sinceS < 0.15) return CLOSED;
      const mm = (3.4 + 0.2 * Math.sin(s)) * (sinceS < 0.2 ? 0.6 : 1);
      return { px: [960, 540], mm: [mm, null] };
    };
    service.publish(...tracker.play(18, blinking));
    /** Of each column of pixels that the trace crosses, the highest and the lowest, as shares of the height. */
    const columns = ({ width, height, data }: Picture): [top: number, bottom: number][] =>
      Array.from({ length: width - 40 }, (_, x): [number, number] => {
        // Bluer than the lines of the scale, and no fainter than a slanting line's pixels.
        const rows = Array.from({ length: height }, (_, y) => y).filter((y) => {
          const [red, , blue, alpha] = data.subarray(4 * (y * width + x + 40));
          return blue! - red! > 80 && alpha! > 80;
        });
        return [Math.min(...rows) / height, Math.max(...rows) / height];
      }).filter(([top]) => Number.isFinite(top));
    let crossed: [top: number, bottom: number][] = [];
    await playUntil(
      (s) => blinking(18 + s),
      async () => {
        crossed = columns(await pictureOf(page, '.pupils canvas'));
        return crossed.length > 300;
      },
    );
    for (const [top, bottom] of crossed) expect(bottom - top).toBeLessThan(0.2);
    // The turn fills the scale, which no half closed lid has made wider.
    const tops = crossed.map(([top]) => top);
    expect(Math.max(...tops) - Math.min(...tops)).toBeGreaterThan(0.6);
  });

  it('says how much of the past each panel is about', async () => {
    await open();
    expect(await textOf(page, '.eye-events .note')).toBe('counted over the last 30 s, drawn over the last 10 s');
    expect(await textOf(page, '.pupils .note')).toBe('last 20 s');
  });

  it('knows no latency and no clock while the tracker is away', async () => {
    await open();
    const account = () => textOf(page, '.account');
    service.publish(prediction('eye', OK));
    await expect.poll(account, PATIENT).toMatch(/end of window to prediction\s+5\.0 ms/);
    expect(await account()).toMatch(/uncertainty\s+± 0\.10 ms/);
    service.publish(prediction('eye', abstention('stale')));
    await expect.poll(account, PATIENT).toMatch(/end of window to prediction\s+–/);
    for (const name of ['window coverage', 'samples lost in the window', "device clock's uncertainty"]) {
      expect(await account()).toMatch(new RegExp(`${name}\\s+–`));
    }
  });

  it('says which pupil is not seen', async () => {
    await open();
    await playUntil(
      () => ({ px: [960, 540], mm: [3.4, null] }),
      async () => (await textOf(page, '.legend')).includes('3.40'),
    );
    expect(await textOf(page, '.legend')).toMatch(/left 3\.40 mm\s*right not seen/);
  });

  it('lists the features that moved the decision, the strongest first, for and against', async () => {
    await open();
    const strongest: [name: string, influence: number, value: number][] = [
      ['saccade_amplitude_mean', -0.31, 4.567],
      ['pupil_x_mean', 0.22, 3.4111],
      ['blink_frequency_30s', 0.18, 0.2333],
      ['fixation_duration_mean', -0.11, 318.7],
      ['pupil_y_de_0.2-0.4hz', 0.09, -1.234],
      ['dispersion_x_std', -0.05, 0.4567],
    ];
    const names = EYE_MODEL.features.map(({ name }) => name);
    const influence = names.map((name) => strongest.find(([known]) => known === name)?.[1] ?? 0.01);
    const values = names.map((name) => strongest.find(([known]) => known === name)?.[2] ?? 1);
    service.publish(prediction('eye', OK), features(influence, values));
    const rows = page.locator('.influence li');
    await expect.poll(() => rows.count(), PATIENT).toBe(6);
    expect(await rows.evaluateAll((all) => all.map((li) => li.dataset['feature']))).toEqual(strongest.map(([n]) => n));
    expect(await rows.allInnerTexts().then((all) => all.map((text) => text.split(/\n+/)))).toEqual([
      ['saccade amplitude mean', '4.57°', '−0.310'],
      ['left pupil mean', '3.41 mm', '+0.220'],
      ['blink rate, 30 s', '0.233 1/s', '+0.180'],
      ['fixation duration mean', '319 ms', '−0.110'],
      ['right pupil entropy 0.2–0.4 Hz', '−1.23 nat', '+0.090'],
      ['fixation dispersion x spread', '0.457°', '−0.050'],
    ]);
    expect(await textOf(page, '.influence .sides')).toMatch(/against positive.*for positive/s);
    const bars = await rows.locator('.bar').evaluateAll((all) =>
      all.map((bar) => {
        const { width, left, right } = getComputedStyle(bar, '::before');
        const signed = Number.parseFloat(left) < Number.parseFloat(right) ? -1 : 1;
        return (signed * Number.parseFloat(width)) / (bar.clientWidth / 2);
      }),
    );
    strongest.forEach(([, value], i) => {
      expect(bars[i]).toBeCloseTo(value / 0.31, 1);
    });

    service.publish(prediction('eye', abstention('gap')));
    await expect.poll(() => rows.count(), PATIENT).toBe(0);
    expect(await textOf(page, '.influence .note')).toBe('no verdict, nothing to explain');
  });

  it('does not lay features on the decision of another window', async () => {
    await open();
    const later = { ...prediction('eye', OK), t: { ...prediction('eye', OK).t, end_us: START_US + 1e6 } };
    service.publish(
      later,
      features(
        EYE_MODEL.features.map(() => 0.1),
        EYE_MODEL.features.map(() => 1),
      ),
    );
    service.publish(eyeQuality(true, [1, 1], 1));
    await expect.poll(() => textOf(page, '.worn'), PATIENT).toBe('eyes in view'); // which came after them
    expect(await page.locator('.influence li').count()).toBe(0);
  });

  it('says in the words of eyes why there is no verdict', async () => {
    await open();
    const reasons = () => textOf(page, '.reasons');
    service.publish(prediction('eye', abstention('not_worn')), eyeQuality(false, [0.1, 0.05], 0.08));
    await expect.poll(reasons, PATIENT).toBe('no eyes in view');
    expect(await textOf(page, '.verdict .label')).toBe('no verdict');
    await expect.poll(() => textOf(page, '.worn'), PATIENT).toBe('no eyes in view');
    expect(await page.locator('.worn').getAttribute('data-state')).toBe('bad');
    expect((await textOf(page, '.eye-quality .bars')).split(/\n+/)).toEqual([
      ...['gaze seen', '8 %'],
      ...['left pupil seen', '10 %'],
      ...['right pupil seen', '5 %'],
    ]);
    service.publish(prediction('eye', abstention('gap', 'bad_channels')));
    await expect.poll(reasons, PATIENT).toBe('gaze was missing for too much of the window, pupils not seen');
    service.publish(prediction('eye', OK), eyeQuality(true, [1, 0.9], 0.96));
    await expect.poll(() => textOf(page, '.verdict .label'), PATIENT).toBe('positive');
    expect(await reasons()).toBe('');
    await expect.poll(() => textOf(page, '.worn'), PATIENT).toBe('eyes in view');
    service.publish(prediction('eye', abstention('stale')));
    await expect.poll(() => textOf(page, '.worn'), PATIENT).toBe('the eye tracker is away');
    expect(await page.locator('.eye-quality output').allInnerTexts()).toEqual(['–', '–', '–']);
  });

  it('fits a phone, the decision first', async () => {
    await open({ viewport: { width: 390, height: 844 }, isMobile: true });
    service.publish(
      prediction('eye', OK),
      features(
        EYE_MODEL.features.map((_, i) => 0.3 - i / 100),
        EYE_MODEL.features.map(() => 123.4),
      ),
    );
    service.publish(
      gazeEvent(tracker.nowUs, 0, { type: 'saccade', duration_ms: 131, amplitude_deg: 15.24, peak_deg_s: 487 }),
    );
    await page.locator('.influence li').first().waitFor();
    await expect.poll(() => textOf(page, 'tr[data-kind="saccade"]'), PATIENT).toContain('487');
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    const topOf = async (kind: string): Promise<number> => (await page.locator(`.panel.${kind}`).boundingBox())!.y;
    const tops = await Promise.all(['decision', 'history', 'gaze', 'influence', 'account'].map(topOf));
    expect(tops).toEqual([...tops].sort((a, b) => a - b));
  });

  it('has words for every picture, asked for nothing elsewhere and complained about nothing', async () => {
    await open();
    for (const canvas of await page.locator('main canvas:not(.heat):not(.uplot canvas)').all()) {
      expect(await canvas.getAttribute('role')).toBe('img');
      expect(await canvas.getAttribute('aria-label')).toMatch(/\w+ \w+/);
    }
    expect(watched.foreignRequests).toEqual([]);
    expect(watched.errors).toEqual([]);
  });
});

browserSuite('dashboard of a server that is started again', () => {
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

  it('says what it may not show, and shows the rest', async () => {
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

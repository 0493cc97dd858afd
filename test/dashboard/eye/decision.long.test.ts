import { afterAll, beforeAll, expect, it } from 'vitest';
import { browserSuite, PATIENT, textOf } from '../../support/browser.ts';
import { EyePage } from '../../support/eye-page.ts';
import {
  abstention,
  EYE_MODEL,
  eyeQuality,
  features,
  gazeEvent,
  OK,
  prediction,
  START_US,
} from '../../support/fake-eyes.ts';

browserSuite('dashboard of an eye tracker', () => {
  const eyes = new EyePage();
  beforeAll(() => eyes.start());
  afterAll(() => eyes.stop());

  it('has the panels of an eye tracker, and none of EEG', async () => {
    await eyes.open();
    for (const kind of ['decision', 'history', 'gaze', 'eye-events', 'pupils', 'influence', 'eye-quality', 'loss']) {
      expect(await eyes.page.locator(`.panel.${kind}`).count(), kind).toBe(1);
    }
    for (const kind of ['traces', 'scalp', 'electrodes'])
      expect(await eyes.page.locator(`.panel.${kind}`).count()).toBe(0);
    expect(await textOf(eyes.page, '#devices')).toMatch(/6 channels at 100 Hz, streaming/);
    expect(await textOf(eyes.page, '#simulated')).toMatch(/^SIMULATED: .*model/);
  });

  it('shows no latency and no clock while the tracker is disconnected', async () => {
    await eyes.open();
    const lossText = () => textOf(eyes.page, '.loss');
    eyes.service.publish(prediction('eye', OK));
    await expect.poll(lossText, PATIENT).toMatch(/end of window to prediction\s+5\.0 ms/);
    expect(await lossText()).toMatch(/uncertainty\s+± 0\.10 ms/);
    eyes.service.publish(prediction('eye', abstention('stale')));
    await expect.poll(lossText, PATIENT).toMatch(/end of window to prediction\s+–/);
    for (const name of ['window coverage', 'samples lost in the window', "device clock's uncertainty"]) {
      expect(await lossText()).toMatch(new RegExp(`${name}\\s+–`));
    }
  });

  it('lists the features with the strongest influence on the decision, for and against it', async () => {
    await eyes.open();
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
    eyes.service.publish(prediction('eye', OK), features(influence, values));
    const rows = eyes.page.locator('.influence li');
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
    expect(await textOf(eyes.page, '.influence .sides')).toMatch(/against positive.*for positive/s);
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

    eyes.service.publish(prediction('eye', abstention('gap')));
    await expect.poll(() => rows.count(), PATIENT).toBe(0);
    expect(await textOf(eyes.page, '.influence .note')).toBe('no verdict, nothing to explain');
  });

  it('does not show features with the decision of another window', async () => {
    await eyes.open();
    const later = { ...prediction('eye', OK), t: { ...prediction('eye', OK).t, end_us: START_US + 1e6 } };
    eyes.service.publish(
      later,
      features(
        EYE_MODEL.features.map(() => 0.1),
        EYE_MODEL.features.map(() => 1),
      ),
    );
    eyes.service.publish(eyeQuality(true, [1, 1], 1));
    await expect.poll(() => textOf(eyes.page, '.worn'), PATIENT).toBe('eyes in view'); // it was sent after them
    expect(await eyes.page.locator('.influence li').count()).toBe(0);
  });

  it('says why there is no verdict, in terms of eyes', async () => {
    await eyes.open();
    const reasons = () => textOf(eyes.page, '.reasons');
    eyes.service.publish(prediction('eye', abstention('not_worn')), eyeQuality(false, [0.1, 0.05], 0.08));
    await expect.poll(reasons, PATIENT).toBe('no eyes in view');
    expect(await textOf(eyes.page, '.verdict .label')).toBe('no verdict');
    await expect.poll(() => textOf(eyes.page, '.worn'), PATIENT).toBe('no eyes in view');
    expect(await eyes.page.locator('.worn').getAttribute('data-state')).toBe('bad');
    expect((await textOf(eyes.page, '.eye-quality .bars')).split(/\n+/)).toEqual([
      ...['gaze seen', '8 %'],
      ...['left pupil seen', '10 %'],
      ...['right pupil seen', '5 %'],
    ]);
    eyes.service.publish(prediction('eye', abstention('gap', 'bad_channels')));
    await expect.poll(reasons, PATIENT).toBe('gaze was missing for too much of the window, pupils not seen');
    eyes.service.publish(prediction('eye', OK), eyeQuality(true, [1, 0.9], 0.96));
    await expect.poll(() => textOf(eyes.page, '.verdict .label'), PATIENT).toBe('positive');
    expect(await reasons()).toBe('');
    await expect.poll(() => textOf(eyes.page, '.worn'), PATIENT).toBe('eyes in view');
    eyes.service.publish(prediction('eye', abstention('stale')));
    await expect.poll(() => textOf(eyes.page, '.worn'), PATIENT).toBe('the eye tracker is disconnected');
    expect(await eyes.page.locator('.eye-quality output').allInnerTexts()).toEqual(['–', '–', '–']);
  });

  it('fits a phone, with the decision first', async () => {
    await eyes.open({ viewport: { width: 390, height: 844 }, isMobile: true });
    eyes.service.publish(
      prediction('eye', OK),
      features(
        EYE_MODEL.features.map((_, i) => 0.3 - i / 100),
        EYE_MODEL.features.map(() => 123.4),
      ),
    );
    eyes.service.publish(
      gazeEvent(eyes.tracker.nowUs, 0, { type: 'saccade', duration_ms: 131, amplitude_deg: 15.24, peak_deg_s: 487 }),
    );
    await eyes.page.locator('.influence li').first().waitFor();
    await expect.poll(() => textOf(eyes.page, 'tr[data-kind="saccade"]'), PATIENT).toContain('487');
    expect(await eyes.page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    const topOf = async (kind: string): Promise<number> => (await eyes.page.locator(`.panel.${kind}`).boundingBox())!.y;
    const tops = await Promise.all(['decision', 'history', 'gaze', 'influence', 'loss'].map(topOf));
    expect(tops).toEqual([...tops].sort((a, b) => a - b));
  });

  it('has a label for every canvas, makes no requests to other hosts and has no errors', async () => {
    await eyes.open();
    for (const canvas of await eyes.page.locator('main canvas:not(.heat):not(.uplot canvas)').all()) {
      expect(await canvas.getAttribute('role')).toBe('img');
      expect(await canvas.getAttribute('aria-label')).toMatch(/\w+ \w+/);
    }
    expect(eyes.watched.foreignRequests).toEqual([]);
    expect(eyes.watched.errors).toEqual([]);
  });
});

import type { ModelDescription } from '../../api/events.ts';
import { eyeSetupOf } from '../gaze/frames.ts';
import { Account } from '../panels/account.ts';
import { EyeEventsPanel } from '../panels/eye-events.ts';
import { EyeQualityPanel } from '../panels/eye-quality.ts';
import { GazePanel } from '../panels/gaze.ts';
import { InfluencePanel } from '../panels/influence.ts';
import { PupilsPanel } from '../panels/pupils.ts';
import { StreamTime } from '../stream-time.ts';
import type { View } from './view.ts';

/** Counts fall and trails fade while nothing comes. */
const TICK_MS = 250;

/** Gaze on the screen, what the eyes do, the pupils, and which of all this moved the decision. */
export function createEyeView({ features }: ModelDescription): View {
  const time = new StreamTime();
  const gaze = new GazePanel(time);
  const events = new EyeEventsPanel(time);
  const pupils = new PupilsPanel(time);
  const influence = new InfluencePanel(features);
  const quality = new EyeQualityPanel();
  const account = new Account();
  let known = '';
  setInterval(() => {
    for (const panel of [gaze, events, pupils]) panel.tick();
  }, TICK_MS);
  return {
    wide: [gaze.element, events.element, pupils.element],
    narrow: [influence.element, quality.element, account.element],
    on: {
      raw(frame) {
        const { startUs, samples, sampleRateHz } = frame.info;
        time.observe(startUs + (samples * 1e6) / sampleRateHz);
        gaze.push(frame);
        pupils.push(frame);
        events.begin(startUs);
      },
      gaze(event) {
        // Without the right to raw samples, events alone tell the time.
        if (!time.isKnown) time.observe(event.t.emit_us);
        gaze.event(event);
        events.event(event);
      },
      features: (event) => influence.row(event),
      quality: (event) => quality.show(event),
      prediction(event) {
        influence.prediction(event);
        quality.prediction(event);
        account.window(event);
      },
      device(event) {
        account.device(event);
        const { device_id, channels, geometry } = event.data;
        const setup = eyeSetupOf(event.data);
        const name = JSON.stringify([device_id, channels, geometry]);
        if (setup === null || name === known) return;
        known = name;
        for (const panel of [gaze, pupils, influence, quality]) panel.setSetup(setup);
      },
    },
  };
}

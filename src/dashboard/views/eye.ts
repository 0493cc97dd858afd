import type { ModelDescription } from '../../api/events.ts';
import { isEqual } from '../equal.ts';
import { eyeSetupOf } from '../gaze/eye-setup.ts';
import { GazePanel } from '../panels/eye/gaze.ts';
import { InfluencePanel } from '../panels/eye/influence.ts';
import { EyeMovementsPanel } from '../panels/eye/movements.ts';
import { PupilsPanel } from '../panels/eye/pupils.ts';
import { EyeQualityPanel } from '../panels/eye/quality.ts';
import { LossAndLatency } from '../panels/loss-and-latency.ts';
import { StreamTime } from '../stream-time.ts';
import type { View } from './view.ts';

/** Counts fall and trails fade also while nothing arrives. */
const TICK_MS = 250;

/** Gaze on the screen, eye movements, pupils, and the features with the strongest influence on the decision. */
export function createEyeView({ features }: ModelDescription): View {
  const time = new StreamTime();
  const gaze = new GazePanel(time);
  const events = new EyeMovementsPanel(time);
  const pupils = new PupilsPanel(time);
  const influence = new InfluencePanel(features);
  const quality = new EyeQualityPanel();
  const account = new LossAndLatency();
  let known: unknown = null;
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
        // A token without the scope `raw` gets no samples. Then the events give the time.
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
        const described = { device_id, channels, geometry };
        if (setup === null || isEqual(described, known)) return;
        known = described;
        for (const panel of [gaze, pupils, influence, quality]) panel.setSetup(setup);
      },
    },
  };
}

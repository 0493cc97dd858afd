import { ElectrodesPanel } from '../panels/electrodes.ts';
import { LossAndLatency } from '../panels/loss-and-latency.ts';
import { TraceSweep } from '../panels/traces.ts';
import type { View } from './view.ts';

/**
 * The signal of two channels, and the quality of each electrode. A look at the screen's edge shifts a channel by some
 * hundred microvolts for as long as it lasts.
 */
export function createEogView(): View {
  const traces = new TraceSweep({ scaleUv: 700, highPassHz: 0.1 });
  const electrodes = new ElectrodesPanel();
  const account = new LossAndLatency();
  return {
    wide: [traces.element],
    narrow: [electrodes.element, account.element],
    on: {
      raw: (frame) => traces.push(frame),
      quality: (event) => electrodes.show(event),
      prediction: (event) => {
        electrodes.prediction(event);
        account.window(event);
      },
      device: (event) => {
        traces.setLabels(event.data.channels);
        account.device(event);
      },
    },
  };
}

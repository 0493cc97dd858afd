import { Account } from '../panels/account.ts';
import { Electrodes } from '../panels/electrodes.ts';
import { TraceSweep } from '../panels/traces.ts';
import type { View } from './view.ts';

/** Two channels, in which a look to the screen's edge is some hundred microvolts, and holds. */
export function createEogView(): View {
  const traces = new TraceSweep({ scaleUv: 700, highPassHz: 0.1 });
  const electrodes = new Electrodes();
  const account = new Account();
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

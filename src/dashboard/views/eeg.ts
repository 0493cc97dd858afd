import type { ModelDescription } from '../../api/events.ts';
import { ElectrodesPanel } from '../panels/electrodes.ts';
import { LossAndLatency } from '../panels/loss-and-latency.ts';
import { ScalpMap } from '../panels/scalp-map.ts';
import { TraceSweep } from '../panels/traces.ts';
import type { View } from './view.ts';

/** The signal of all channels, scalp maps of their differential entropy, and the quality of each electrode. */
export function createEegView({ montage, bands }: ModelDescription): View {
  const traces = new TraceSweep({ scaleUv: 100, highPassHz: 1 });
  const names = bands.map(([name]) => name);
  const scalp = new ScalpMap(montage, names);
  const electrodes = new ElectrodesPanel();
  const account = new LossAndLatency();
  return {
    wide: [traces.element],
    narrow: [scalp.element, electrodes.element, account.element],
    on: {
      raw: (frame) => traces.push(frame),
      features: ({ data }) => scalp.show(data.values),
      quality: (event) => {
        electrodes.show(event);
        scalp.mask(event);
      },
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

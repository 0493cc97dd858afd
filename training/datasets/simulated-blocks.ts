/** Simulated signal in blocks, like those of a device driver. */
import type { Block, Marker, StreamInfo } from '../../src/samples.ts';
import type { SignalGenerator } from '../../src/simulation/generator.ts';

interface SimulatedBlocks {
  readonly info: StreamInfo;
  next(): { block: Block; markers: Marker[] };
}

export function blocksOf(generator: SignalGenerator, samplesPerBlock: number): SimulatedBlocks {
  const { info, sampleRateHz } = generator;
  let firstSample = 0;
  return {
    info,
    next() {
      const { data, markers } = generator.next(samplesPerBlock);
      const timeUs = (firstSample * 1e6) / sampleRateHz;
      const block: Block = {
        info,
        firstSample,
        length: samplesPerBlock,
        data,
        lostBefore: 0,
        deviceTimeUs: timeUs,
        hostTimeUs: timeUs,
        clockErrUs: 0,
      };
      const placed = markers.map(({ label, offset }) => ({ label, sample: block.firstSample + offset }));
      firstSample += samplesPerBlock;
      return { block, markers: placed };
    },
  };
}

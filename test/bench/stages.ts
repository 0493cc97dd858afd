/** Each kernel of the signal path alone: seconds of a 62-channel signal that one second of one core gets through. */
import { butterworthBandPass, butterworthHighPass, butterworthLowPass } from '../../src/dsp/butterworth.ts';
import { SpectralDe } from '../../src/dsp/differential-entropy.ts';
import { PolyphaseResampler } from '../../src/dsp/resampler.ts';
import { SosBank } from '../../src/dsp/sos.ts';
import { splineWeights, type Vec3 } from '../../src/dsp/spherical-spline.ts';
import { EEG62, electrodePosition } from '../../src/montage.ts';
import { PAPER_BANDS } from '../../src/preprocess/eeg/config.ts';

const CHANNELS = EEG62.length;
const GRID_HZ = 200;
const BLOCK_S = 0.02;
const ROUNDS = 7;
const ROUND_US = 60_000;

interface StageRow {
  readonly stage: string;
  readonly timesRealTime: number;
}

interface Job {
  readonly stage: string;
  /** Signal time that one run stands for. */
  readonly seconds: number;
  readonly run: () => void;
}

/** In processor time. Rounds go over all the jobs in turn and the best counts: a busy machine slows them alike. */
export function benchStages(): StageRow[] {
  const bands = PAPER_BANDS.map(([, lo, hi]) => [lo, hi] as const);
  const jobs: Job[] = [
    ...[1000, 512, 250, 128].map(resampling),
    filtering('high-pass and low-pass', [
      Float64Array.of(...butterworthHighPass(4, 0.3, GRID_HZ), ...butterworthLowPass(4, 75, GRID_HZ)),
    ]),
    filtering(
      'filter bank of 5 bands',
      bands.map((edges) => butterworthBandPass(4, edges, GRID_HZ)),
    ),
    entropy(bands),
    repair(),
  ];
  const best = jobs.map(() => 0);
  for (let round = 0; round < ROUNDS; round++) {
    jobs.forEach((job, i) => {
      best[i] = Math.max(best[i]!, timesRealTime(job));
    });
  }
  return jobs.map(({ stage }, i) => ({ stage, timesRealTime: Math.round(best[i]!) }));
}

function timesRealTime({ seconds, run }: Job): number {
  const start = process.cpuUsage();
  let elapsedUs = 0;
  let runs = 0;
  while (elapsedUs < ROUND_US) {
    for (let i = 0; i < 10; i++) run();
    runs += 10;
    const { user, system } = process.cpuUsage(start);
    elapsedUs = user + system;
  }
  return (runs * seconds) / (elapsedUs / 1e6);
}

function resampling(inputRateHz: number): Job {
  const length = Math.round(inputRateHz * BLOCK_S);
  const resampler = new PolyphaseResampler({ inputRateHz, outputRateHz: 200, channels: CHANNELS });
  const block = Float32Array.from({ length: CHANNELS * length }, noise);
  return {
    stage: `resample ${inputRateHz} -> ${GRID_HZ} Hz`,
    seconds: length / inputRateHz,
    run: () => resampler.push(block, length),
  };
}

function filtering(stage: string, designs: readonly Float64Array[]): Job {
  const length = GRID_HZ * BLOCK_S;
  const banks = designs.map((sos) => new SosBank(sos, CHANNELS));
  const input = Float64Array.from({ length: CHANNELS * length }, noise);
  const block = new Float64Array(input.length);
  return {
    stage,
    seconds: BLOCK_S,
    run: () => {
      for (const bank of banks) {
        block.set(input);
        bank.process(block, length, length);
      }
    },
  };
}

function entropy(bands: readonly (readonly [number, number])[]): Job {
  const windowLength = 4 * GRID_HZ;
  const de = new SpectralDe({ method: 'fft', windowLength, rateHz: GRID_HZ, bands });
  const windows = Float64Array.from({ length: CHANNELS * windowLength }, noise);
  const out = new Float32Array(CHANNELS * bands.length);
  return {
    stage: 'DE by fft, hop 1 s',
    seconds: 1,
    run: () => {
      for (let c = 0; c < CHANNELS; c++) de.compute(windows, c * windowLength, out, c * bands.length);
    },
  };
}

function repair(): Job {
  const places = EEG62.map((label) => electrodePosition(label) as Vec3);
  return {
    stage: 'spline weights of 3 bad channels, every 1 s',
    seconds: 1,
    run: () => splineWeights(places.slice(3), places.slice(0, 3)),
  };
}

function noise(): number {
  return (Math.random() - 0.5) * 100;
}

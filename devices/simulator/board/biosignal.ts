import { isWhole } from '../../../src/gaze/geometry.ts';
import { given } from '../../../src/given.ts';
import { decodeRequest } from '../../biosignal/decode.ts';
import { FrameDecoder } from '../../biosignal/decoder.ts';
import { encodeData, encodeDescriptor, encodeMarker } from '../../biosignal/encode.ts';
import { type Descriptor, FRAME, type Request } from '../../biosignal/frame.ts';
import type { Frame } from '../faulty-link.ts';
import type { SampleSource } from '../source.ts';
import type { Board } from './board.ts';

/** About the resolution of an ADS1299 at gain 24: full scale is 187 mV, and a count is far below electrode noise. */
const UV_PER_COUNT = Math.fround(0.0223517);
/** A frame every 4 ms: about the delay of a USB link, with little framing. */
const FRAMES_PER_S = 250;
/** Keeps frames of 255 float32 channels below the longest payload. */
const MAX_SAMPLES_PER_FRAME = 4;

/**
 * A device with the biosignal protocol. It sends int24 for simulated potentials and float32 for recordings and eye
 * trackers, because only float32 can express missing values.
 */
export function biosignalBoard(source: SampleSource): Board {
  const { info } = source;
  const isConverter = info.simulated && info.modality !== 'eye';
  const scale = isConverter ? UV_PER_COUNT : 1;
  const rail = isConverter ? UV_PER_COUNT * (2 ** 23 - 1) : info.railUv;
  const descriptor: Descriptor = {
    deviceId: info.deviceId,
    modality: info.modality,
    simulated: info.simulated,
    sampleRateHz: info.sampleRateHz,
    sampleFormat: isConverter ? 'int24' : 'float32',
    channels: info.channels.map(({ label, unit }) => ({ label, unit, scale })),
    ...given({ rail, geometry: isWhole(info.geometry) ? info.geometry : undefined }),
  };
  const description = encodeDescriptor(descriptor);
  const samplesPerFrame = Math.min(MAX_SAMPLES_PER_FRAME, Math.max(1, Math.round(info.sampleRateHz / FRAMES_PER_S)));
  let decoder = new FrameDecoder();
  let streaming = false;

  return {
    samplesPerFrame,
    get streaming() {
      return streaming;
    },
    receive(bytes) {
      const requests: (Request | undefined)[] = [];
      decoder.push(bytes, {
        frame: (type, payload, from, to) => {
          if (type === FRAME.request) requests.push(decodeRequest(payload.subarray(from, to)));
        },
        discarded: () => undefined,
      });
      for (const request of requests) {
        if (request === 'start') streaming = true;
        if (request === 'stop') streaming = false;
      }
      return requests.includes('describe') ? [description] : [];
    },
    encode({ data, length, markers }, sample) {
      const frames: Frame[] = [];
      for (let from = 0; from < length; from += samplesPerFrame) {
        const to = Math.min(length, from + samplesPerFrame);
        const timeUs = ((sample + from) * 1e6) / info.sampleRateHz;
        const bytes = encodeData(descriptor, sample + from, timeUs, data, length, from, to);
        frames.push({ bytes, sample: sample + from, samples: to - from });
      }
      for (const { label, offset } of markers) {
        frames.push({ bytes: encodeMarker(sample + Math.round(offset), label), sample, samples: 0 });
      }
      return frames;
    },
    everySecond: () => [{ bytes: description, sample: 0, samples: 0 }],
    reset() {
      streaming = false;
      decoder = new FrameDecoder();
    },
  };
}

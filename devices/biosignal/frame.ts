/** Layout of the biosignal frames, as PROTOCOL.md describes it. All numbers are little endian. */
import type { GazeGeometry, Modality } from '../../src/samples.ts';

export const SYNC_0 = 0xa5;
export const SYNC_1 = 0x5a;

/** sync (2), type (1), payload length (2). */
export const HEADER_BYTES = 5;
export const CRC_BYTES = 2;
/** The CRC covers type, length and payload: everything between the sync and itself. */
export const CRC_FROM = 2;

export const PROTOCOL_VERSION = 1;

export const FRAME = { descriptor: 0x01, data: 0x02, marker: 0x03, request: 0x10 } as const;

/** counter (4), device time (4); the samples follow. */
export const DATA_HEADER_BYTES = 8;
/** counter (4); the label follows. */
export const MARKER_HEADER_BYTES = 4;
/** Bytes around the samples of one DATA frame. */
export const DATA_OVERHEAD_BYTES = HEADER_BYTES + DATA_HEADER_BYTES + CRC_BYTES;

/** Shortest and longest payload by frame type; they also limit what a false header can claim. */
export const PAYLOAD_BOUNDS: ReadonlyMap<number, readonly [min: number, max: number]> = new Map([
  [FRAME.descriptor, [14, 4096]],
  [FRAME.data, [DATA_HEADER_BYTES + 2, 4096]],
  [FRAME.marker, [MARKER_HEADER_BYTES + 1, MARKER_HEADER_BYTES + 255]],
  [FRAME.request, [1, 1]],
]);

/** The index of a name is its code on the wire, here and in the next two lists. */
export const MODALITIES: readonly Modality[] = ['eeg', 'eye', 'eog'];
export const SAMPLE_FORMATS = ['int16', 'int24', 'float32'] as const;
export const REQUESTS = ['describe', 'start', 'stop'] as const;

export type SampleFormat = (typeof SAMPLE_FORMATS)[number];
export type Request = (typeof REQUESTS)[number];

export const BYTES_PER_SAMPLE: Readonly<Record<SampleFormat, number>> = { int16: 2, int24: 3, float32: 4 };

/** Bits of a descriptor's flags. */
export const FLAGS = { simulated: 1, geometry: 2 } as const;
/** Screen width and height in px, the same in mm, viewing distance in mm, as float32. */
export const GEOMETRY_BYTES = 20;

/** A device's description of itself. */
export interface Descriptor {
  readonly deviceId: string;
  readonly modality: Modality;
  readonly simulated: boolean;
  /** Carried in millihertz. */
  readonly sampleRateHz: number;
  readonly sampleFormat: SampleFormat;
  /** A sample whose magnitude reaches this is clipped, in the unit of the samples; absent where unknown. */
  readonly rail?: number;
  readonly channels: readonly {
    readonly label: string;
    readonly unit: string;
    /** Value on the wire times `scale` is the sample in `unit`; carried as float32. */
    readonly scale: number;
  }[];
  /** Screen of an eye tracker, where the device knows it; carried as float32. */
  readonly geometry?: GazeGeometry;
}

import type { OpenGazeMessage } from '../../src/formats/gaze/open-gaze/message.ts';
import { gazeFields, type OpenGazeField, pupilFields, type ScreenPx } from '../../src/formats/gaze/open-gaze/values.ts';
import type { StreamInfo } from '../../src/samples.ts';

/** A stream and the record fields of its channels. */
export interface EyeStreamInfo {
  readonly info: StreamInfo;
  readonly fields: readonly OpenGazeField[];
}

/** PRODUCT_ID of a simulated tracker. */
export const SIMULATOR = 'SIMULATOR';

export interface EyeStreamFacts {
  /** VALUE of PRODUCT_ID. */
  readonly product: string | undefined;
  readonly rateHz: number;
  readonly screenPx: ScreenPx;
  /** Its fields show in which unit the pupils are. */
  readonly record: OpenGazeMessage;
}

/** Stream of both eyes' gaze in pixels of the screen, and their pupils. */
export function eyeStreamInfo({ product = '', rateHz, screenPx, record }: EyeStreamFacts): EyeStreamInfo {
  const fields = [...gazeFields(['LPOG', 'RPOG']), ...pupilFields(record)];
  const model = product.toLowerCase().replace(/[^a-z0-9]+/g, '');
  return {
    info: {
      deviceId: model === '' ? 'gazepoint' : `gazepoint-${model}`,
      modality: 'eye',
      channels: fields.map(({ channel }) => channel),
      sampleRateHz: rateHz,
      simulated: product === SIMULATOR,
      geometry: { screenPx },
    },
    fields,
  };
}

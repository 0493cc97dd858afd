import type { OpenGazeMessage } from '../../src/formats/gaze/open-gaze/message.ts';
import { gazeFields, type OpenGazeField, pupilFields, type ScreenPx } from '../../src/formats/gaze/open-gaze/values.ts';
import type { StreamInfo } from '../../src/samples.ts';

/** A stream and where its channels stand in a record. */
export interface EyeStreamInfo {
  readonly info: StreamInfo;
  readonly fields: readonly OpenGazeField[];
}

/** PRODUCT_ID of a tracker that is none. */
export const SIMULATOR = 'SIMULATOR';

export interface EyeStreamFacts {
  /** As PRODUCT_ID names it. */
  readonly product: string | undefined;
  readonly rateHz: number;
  readonly screenPx: ScreenPx;
  /** A record that says which pupils there are. */
  readonly record: OpenGazeMessage;
}

/** Both eyes' gaze in pixels of the screen, and their pupils. */
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

import { describe, expect, it } from 'vitest';
import { modelPreprocessor } from '../../src/model/feed.ts';
import {
  featureCount,
  featureMeans,
  type Manifest,
  manifestEssentials,
  manifestSchema,
} from '../../src/model/manifest.ts';
import { eogPreprocessConfigSchema } from '../../src/preprocess/eog/config.ts';
import { eogInfo } from '../support/eog.ts';
import { eegInfo } from '../support/signals.ts';

const MANIFEST = {
  schema: 'model-bundle/1',
  id: 'eog',
  modality: 'eog',
  montage: ['hEOG', 'vEOG'],
  preprocess: eogPreprocessConfigSchema.parse({}),
  target: 'valence',
  reconstruction: 'RECONSTRUCTION of a paper',
  classes: ['low valence', 'high valence'],
  standardisation: { mean: [1, -2], std: [60, 90] },
  temperature: 1.5,
  ece: 0.1,
  onnx_sha256: '0'.repeat(64),
  simulated: true,
  causal: true,
  training: {
    data: 'made up',
    protocol: 'none',
    seeds: [1],
    code_version: '1',
    backend: 'wasm',
    metrics: {},
    preset: null,
    simulation_version: null,
  },
};
const manifestOf = (changes: object = {}): Manifest => manifestSchema.parse({ ...MANIFEST, ...changes });

describe('a manifest of EOG', () => {
  it('has the samples of two channels as features, with one mean and standard deviation per channel', () => {
    const manifest = manifestOf();
    expect(featureCount(manifest)).toBe(1024);
    const means = featureMeans(manifest);
    expect([means.length, means[511], means[512]]).toEqual([1024, 1, -2]);
    expect(manifestEssentials(manifest).get('target')).toBe('"valence"');
    expect(manifestEssentials(manifest).get('reconstruction')).toContain('RECONSTRUCTION');
  });

  it.each([
    [
      'one mean per sample',
      { standardisation: { mean: Array(1024).fill(0), std: [1, 1] } },
      /has 1024 values, montage needs 2/,
    ],
    ['channels in the wrong order', { montage: ['vEOG', 'hEOG'] }, /montage/],
    ['another sampling rate', { preprocess: { ...MANIFEST.preprocess, sample_rate_hz: 200 } }, /sample_rate_hz/],
    ['no field `reconstruction`', { reconstruction: undefined }, /reconstruction/],
    ['an unknown target', { target: 'dominance' }, /target/],
  ])('is refused with %s', (_, changes, message) => {
    expect(() => manifestOf(changes)).toThrow(message);
  });
});

describe('the device of an EOG model', () => {
  it('may be an EOG amplifier, or an EEG amplifier with inputs named hEOG and vEOG', () => {
    expect(() => modelPreprocessor(manifestOf(), eogInfo(500))).not.toThrow();
    expect(() => modelPreprocessor(manifestOf(), eegInfo(['C3', 'hEOG', 'vEOG'], 250))).not.toThrow();
  });

  it.each([
    [
      'an EEG amplifier without such inputs',
      eegInfo(['C3', 'C4'], 250),
      'MONTAGE_MISSING_ELECTRODE',
      /hEOG and vEOG.*--montage/,
    ],
    ['an eye tracker', { ...eogInfo(250), modality: 'eye' as const }, 'MODEL_MISMATCH', /modality is "eog".*"eye"/],
    ['a device that is too slow', eogInfo(100), 'RATE_UNSUPPORTED', /at least 112.5 Hz/],
  ])('may not be %s', (_, info, code, message) => {
    expect(() => modelPreprocessor(manifestOf(), info)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });
});

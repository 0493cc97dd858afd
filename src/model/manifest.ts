/** `manifest.json` of a model bundle, schema model-bundle/1. */
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { eegPreprocessConfigSchema } from '../preprocess/eeg/config.ts';
import { EOG_CHANNELS, eogPreprocessConfigSchema, eogWidth } from '../preprocess/eog/config.ts';
import { eyePreprocessConfigSchema } from '../preprocess/eye/config.ts';
import { type EyeFeature, eyeFeatures } from '../preprocess/eye/features.ts';

const finite = z.number();

const metricsSchema = z.strictObject({
  accuracy: finite,
  balanced_accuracy: finite,
  /** Absent in older bundles. */
  macro_f1: finite.optional(),
  ece: finite,
  /** [true class][predicted class]: number of windows. */
  confusion: z.array(z.array(z.int().nonnegative())),
});

const trainingSchema = z.strictObject({
  /** Description of the training data. */
  data: z.string().min(1),
  /** How the rows were split and the epoch was chosen. */
  protocol: z.string().min(1),
  seeds: z.array(z.int()).min(1),
  code_version: z.string().min(1),
  backend: z.string().min(1),
  /** Figures per named set of rows ("validation", "test", ...). */
  metrics: z.record(z.string(), metricsSchema),
  /** Null unless the data is simulated. */
  preset: z.string().nullable(),
  simulation_version: z.union([z.string(), z.int()]).nullable(),
});

export const modelIdSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]*$/, 'use lower-case letters, digits, ".", "_" and "-"');

/** Fields of every modality. */
const common = {
  schema: z.literal('model-bundle/1'),
  id: modelIdSchema,
  classes: z.array(z.string().min(1)).min(2),
  /** Mean and standard deviation of the training rows, per feature (EOG: per channel); the graph starts with (x - mean) / std. */
  standardisation: z.strictObject({ mean: z.array(finite), std: z.array(z.number().positive()) }),
  /** probabilities = softmax(logits / temperature), inside the graph. */
  temperature: z.number().positive(),
  /** Expected calibration error on the validation rows, after the temperature. */
  ece: z.number().min(0).max(1),
  onnx_sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits'),
  /** Whether any of the training data was made by a generator. */
  simulated: z.boolean(),
  /** False where a training feature used the future; such a model is refused for live use. */
  causal: z.boolean(),
  training: trainingSchema,
};

const eegManifestSchema = z.strictObject({
  ...common,
  modality: z.literal('eeg'),
  /** Electrodes in feature order; a device's channels are selected by these labels. */
  montage: z.array(z.string().min(1)).min(1),
  preprocess: eegPreprocessConfigSchema,
});

const eyeManifestSchema = z.strictObject({
  ...common,
  modality: z.literal('eye'),
  preprocess: eyePreprocessConfigSchema,
});

const eogManifestSchema = z.strictObject({
  ...common,
  modality: z.literal('eog'),
  /** In feature order: all samples of the first channel, then all of the second. */
  montage: z.tuple([z.literal(EOG_CHANNELS[0]), z.literal(EOG_CHANNELS[1])]),
  preprocess: eogPreprocessConfigSchema,
  /** The scale whose levels are the classes. */
  target: z.enum(['valence', 'arousal']),
  /** The published system that this model reconstructs, and why it is a reconstruction. */
  reconstruction: z.string().min(1),
});

export const manifestSchema = z
  .discriminatedUnion('modality', [eegManifestSchema, eyeManifestSchema, eogManifestSchema])
  .superRefine((manifest, context) => {
    const refuse = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message });
    const { classes, standardisation } = manifest;
    if (manifest.modality === 'eeg') {
      const { montage, preprocess } = manifest;
      if (!isDeepStrictEqual(preprocess.montage, montage)) {
        refuse(['preprocess', 'montage'], 'must be the same list as montage');
      }
      if (new Set(montage).size !== montage.length) refuse(['montage'], 'names an electrode twice');
    } else if (manifest.modality === 'eye' && manifest.causal !== (manifest.preprocess.method === 'causal-30s')) {
      refuse(['causal'], `does not fit preprocess.method "${manifest.preprocess.method}"`);
    }
    if (new Set(classes).size !== classes.length) refuse(['classes'], 'names a class twice');
    const [needed, source] =
      manifest.modality === 'eog'
        ? [manifest.montage.length, 'montage']
        : [featureCount(manifest), featureSource(manifest)];
    for (const field of ['mean', 'std'] as const) {
      const length = standardisation[field].length;
      if (length !== needed) {
        refuse(['standardisation', field], `has ${length} values, ${source} needs ${needed}`);
      }
    }
  });

export type Manifest = z.infer<typeof manifestSchema>;
export type Metrics = z.infer<typeof metricsSchema>;
/** The part of a manifest that determines the model's input. */
export type ModelInput =
  | Pick<z.infer<typeof eegManifestSchema>, 'modality' | 'montage' | 'preprocess'>
  | Pick<z.infer<typeof eyeManifestSchema>, 'modality' | 'preprocess'>
  | Pick<z.infer<typeof eogManifestSchema>, 'modality' | 'montage' | 'preprocess'>;

export function featureCount(input: ModelInput): number {
  switch (input.modality) {
    case 'eeg':
      return input.montage.length * input.preprocess.bands.length;
    case 'eye':
      return input.preprocess.features;
    case 'eog':
      return eogWidth(input.preprocess);
  }
}

/** The number of features, explained by the manifest's fields. */
export function featureSource({ modality }: ModelInput): string {
  return FEATURE_SOURCES[modality];
}

const FEATURE_SOURCES: Readonly<Record<ModelInput['modality'], string>> = {
  eeg: 'montage x bands',
  eye: 'preprocess.features',
  eog: 'montage x window_s x sample_rate_hz',
};

/** The mean of each feature over the training rows. */
export function featureMeans(manifest: Manifest): Float32Array {
  const { mean } = manifest.standardisation;
  const perChannel = featureCount(manifest) / mean.length;
  return Float32Array.from({ length: featureCount(manifest) }, (_, i) => mean[Math.floor(i / perChannel)]!);
}

/** Names and units of the features of an eye movement model; empty for other models, whose montage names them. */
export function namedFeatures(input: ModelInput): readonly EyeFeature[] {
  return input.modality === 'eye' ? eyeFeatures(input.preprocess.features, input.preprocess.pupil_unit) : [];
}

const ESSENTIALS = [
  'schema',
  'id',
  'modality',
  'montage',
  'preprocess',
  'target',
  'reconstruction',
  'classes',
  'temperature',
  'simulated',
  'causal',
] as const;

export type Essentials = (
  | Exclude<ModelInput, { modality: 'eog' }>
  | Pick<z.infer<typeof eogManifestSchema>, 'modality' | 'montage' | 'preprocess' | 'target' | 'reconstruction'>
) &
  Pick<Manifest, 'schema' | 'id' | 'classes' | 'temperature' | 'simulated' | 'causal'>;

/** The fields that `metadata_props` of model.onnx repeats as JSON, so that neither file can be replaced alone. */
export function manifestEssentials(manifest: Essentials): Map<string, string> {
  const fields: Readonly<Record<string, unknown>> = manifest;
  return new Map(
    ESSENTIALS.filter((field) => fields[field] !== undefined).map((field) => [field, JSON.stringify(fields[field])]),
  );
}

/** `manifest.json` of a model bundle, schema model-bundle/1. */
import { z } from 'zod';
import { preprocessConfigSchema } from '../preprocess-config.ts';

const finite = z.number();

const metricsSchema = z.strictObject({
  accuracy: finite,
  balanced_accuracy: finite,
  /** Absent from bundles that are older than it. */
  macro_f1: finite.optional(),
  ece: finite,
  /** [true class][predicted class], window counts. */
  confusion: z.array(z.array(z.int().nonnegative())),
});

const trainingSchema = z.strictObject({
  /** What the rows were made from, in words. */
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

export const manifestSchema = z
  .strictObject({
    schema: z.literal('model-bundle/1'),
    id: modelIdSchema,
    modality: z.enum(['eeg', 'eye', 'eog']),
    /** Electrodes in feature order; a device is picked from by these labels. */
    montage: z.array(z.string().min(1)).min(1),
    preprocess: preprocessConfigSchema,
    classes: z.array(z.string().min(1)).min(2),
    /** Of the training rows, one per feature; the graph starts with (x - mean) / std. */
    standardisation: z.strictObject({ mean: z.array(finite), std: z.array(z.number().positive()) }),
    /** probabilities = softmax(logits / temperature), inside the graph. */
    temperature: z.number().positive(),
    /** Expected calibration error on the validation rows, after the temperature. */
    ece: z.number().min(0).max(1),
    onnx_sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits'),
    /** True where any of the training data was made by a generator. */
    simulated: z.boolean(),
    /** False where a feature of the training rows used the future: such a model is refused for live use. */
    causal: z.boolean(),
    training: trainingSchema,
  })
  .superRefine((manifest, context) => {
    const refuse = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message });
    const { montage, preprocess, classes, standardisation } = manifest;
    if (JSON.stringify(preprocess.montage) !== JSON.stringify(montage)) {
      refuse(['preprocess', 'montage'], 'must be the same list as montage');
    }
    if (new Set(montage).size !== montage.length) refuse(['montage'], 'names an electrode twice');
    if (new Set(classes).size !== classes.length) refuse(['classes'], 'names a class twice');
    const features = montage.length * preprocess.bands.length;
    for (const field of ['mean', 'std'] as const) {
      const length = standardisation[field].length;
      if (length !== features) {
        refuse(['standardisation', field], `has ${length} values, montage x bands needs ${features}`);
      }
    }
  });

export type Manifest = z.infer<typeof manifestSchema>;
export type Metrics = z.infer<typeof metricsSchema>;

export function featureCount(manifest: Pick<Manifest, 'montage' | 'preprocess'>): number {
  return manifest.montage.length * manifest.preprocess.bands.length;
}

const ESSENTIALS = [
  'schema',
  'id',
  'modality',
  'montage',
  'preprocess',
  'classes',
  'temperature',
  'simulated',
  'causal',
] as const;

/** What `metadata_props` of model.onnx repeats, one JSON text per field, so that neither file can be swapped alone. */
export function manifestEssentials(manifest: Pick<Manifest, (typeof ESSENTIALS)[number]>): Map<string, string> {
  return new Map(ESSENTIALS.map((field) => [field, JSON.stringify(manifest[field])]));
}

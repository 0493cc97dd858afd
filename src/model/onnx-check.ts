/** Checks that an ONNX file is the model that the manifest describes, before it runs. */
import { AffectEdgeError } from '../errors.ts';
import { featureCount, featureSource, type Manifest, manifestEssentials } from './manifest.ts';
import { FLOAT, fedInputs, type OnnxModel, type OnnxValue } from './onnx-proto.ts';

export const INPUT = 'features';
export const OUTPUTS = ['logits', 'probabilities', 'embedding'] as const;

/** Throws MODEL_MISMATCH, naming the field, the value and what was expected. */
export function checkOnnx(model: OnnxModel, manifest: Manifest): void {
  const inputs = fedInputs(model);
  const outputs = model.graph.output ?? [];
  checkNames('input', inputs, [INPUT]);
  checkNames('output', outputs, OUTPUTS);
  const classes = manifest.classes.length;
  checkShape('input', inputs[0]!, featureCount(manifest), featureSource(manifest));
  for (const output of outputs) {
    if (output.name === 'embedding') checkShape('output', output, null, '');
    else checkShape('output', output, classes, 'the number of classes');
  }
  const outside = model.graph.initializer?.find((tensor) => tensor.data_location === 1);
  if (outside !== undefined) {
    throw mismatch(`its weights "${outside.name}" lie in another file, which onnx_sha256 does not cover`);
  }
  checkMetadata(model, manifest);
}

function checkNames(kind: string, values: readonly OnnxValue[], expected: readonly string[]): void {
  const names = values.map((value) => value.name);
  if (names.length === expected.length && expected.every((name) => names.includes(name))) return;
  throw mismatch(`its ${kind}s are ${listed(names)}, expected ${listed(expected)}`);
}

/** `size` null: any. The batch must be free, so that one file serves training, tests and live use. */
function checkShape(kind: string, value: OnnxValue, size: number | null, source: string): void {
  const tensor = value.type?.tensor_type;
  if (tensor === undefined) throw mismatch(`${kind} "${value.name}" is no tensor, expected float32`);
  if (tensor.elem_type !== FLOAT) {
    throw mismatch(`${kind} "${value.name}" has element type ${tensor.elem_type}, expected ${FLOAT} (float32)`);
  }
  const dims = tensor.shape?.dim ?? [];
  const [batch, width] = dims;
  const fits =
    dims.length === 2 && batch?.dim_value === undefined && width?.dim_value !== undefined && width.dim_value > 0;
  if (fits && (size === null || width.dim_value === size)) return;
  const shape = dims.map((dim) => dim.dim_value ?? dim.dim_param ?? '?').join(', ');
  const wanted = size === null ? 'a fixed size' : `${size} (${source})`;
  throw mismatch(`${kind} "${value.name}" has shape [${shape}], expected [batch, ${wanted}]`);
}

function checkMetadata(model: OnnxModel, manifest: Manifest): void {
  const metadata = new Map(model.metadata_props?.map(({ key, value }) => [key, value]));
  for (const [field, expected] of manifestEssentials(manifest)) {
    const actual = metadata.get(field);
    if (actual === expected) continue;
    throw mismatch(`its metadata says ${field} = ${actual ?? 'nothing'}, manifest.json says ${expected}`);
  }
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.map((name) => `"${name}"`).join(', ');
}

function mismatch(problem: string): AffectEdgeError {
  return new AffectEdgeError(
    'MODEL_MISMATCH',
    `model.onnx: ${problem}; export the model with this project's training, together with its manifest`,
  );
}

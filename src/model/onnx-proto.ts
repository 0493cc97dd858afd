/**
 * The part of ONNX's protobuf schema that this project writes and reads (onnx/onnx.proto3, field numbers as there).
 * Names are those of the schema; other fields are skipped on reading.
 */
import protobuf from 'protobufjs/light.js';
import { AffectEdgeError, messageOf } from '../errors.ts';

/** TensorProto.DataType. */
export const FLOAT = 1;
export const INT64 = 7;

/** AttributeProto.AttributeType. */
export const ATTRIBUTE_FLOAT = 1;
export const ATTRIBUTE_INT = 2;
export const ATTRIBUTE_INTS = 7;

export interface OnnxTensor {
  name: string;
  dims: number[];
  data_type: number;
  raw_data: Uint8Array;
  /** 1: the values are in another file. */
  data_location?: number;
}

export interface OnnxAttribute {
  name: string;
  type: number;
  f?: number;
  i?: number;
  ints?: number[];
}

export interface OnnxNode {
  name: string;
  op_type: string;
  input: string[];
  output: string[];
  attribute?: OnnxAttribute[];
}

/** A dimension has a value, or a name where it is free. */
interface OnnxDimension {
  dim_value?: number;
  dim_param?: string;
}

export interface OnnxValue {
  name: string;
  /** `tensor_type` is absent for sequences, maps and optionals. */
  type?: { tensor_type?: { elem_type: number; shape?: { dim?: OnnxDimension[] } } };
}

export interface OnnxModel {
  ir_version: number;
  producer_name?: string;
  producer_version?: string;
  opset_import: { domain: string; version: number }[];
  metadata_props?: { key: string; value: string }[];
  graph: {
    name: string;
    node: OnnxNode[];
    initializer?: OnnxTensor[];
    input?: OnnxValue[];
    output?: OnnxValue[];
  };
}

type FieldRow = readonly [name: string, type: string, id: number, repeated?: 'repeated'];

const MESSAGES: Record<string, readonly FieldRow[]> = {
  ModelProto: [
    ['ir_version', 'int64', 1],
    ['producer_name', 'string', 2],
    ['producer_version', 'string', 3],
    ['graph', 'GraphProto', 7],
    ['opset_import', 'OperatorSetIdProto', 8, 'repeated'],
    ['metadata_props', 'StringStringEntryProto', 14, 'repeated'],
  ],
  OperatorSetIdProto: [
    ['domain', 'string', 1],
    ['version', 'int64', 2],
  ],
  StringStringEntryProto: [
    ['key', 'string', 1],
    ['value', 'string', 2],
  ],
  GraphProto: [
    ['node', 'NodeProto', 1, 'repeated'],
    ['name', 'string', 2],
    ['initializer', 'TensorProto', 5, 'repeated'],
    ['input', 'ValueInfoProto', 11, 'repeated'],
    ['output', 'ValueInfoProto', 12, 'repeated'],
  ],
  NodeProto: [
    ['input', 'string', 1, 'repeated'],
    ['output', 'string', 2, 'repeated'],
    ['name', 'string', 3],
    ['op_type', 'string', 4],
    ['attribute', 'AttributeProto', 5, 'repeated'],
  ],
  AttributeProto: [
    ['name', 'string', 1],
    ['f', 'float', 2],
    ['i', 'int64', 3],
    ['ints', 'int64', 8, 'repeated'],
    ['type', 'int32', 20],
  ],
  TensorProto: [
    ['dims', 'int64', 1, 'repeated'],
    ['data_type', 'int32', 2],
    ['name', 'string', 8],
    ['raw_data', 'bytes', 9],
    ['data_location', 'int32', 14],
  ],
  ValueInfoProto: [
    ['name', 'string', 1],
    ['type', 'TypeProto', 2],
  ],
  TypeProto: [['tensor_type', 'TensorTypeProto', 1]],
  TensorTypeProto: [
    ['elem_type', 'int32', 1],
    ['shape', 'TensorShapeProto', 2],
  ],
  TensorShapeProto: [['dim', 'DimensionProto', 1, 'repeated']],
  DimensionProto: [
    ['dim_value', 'int64', 1],
    ['dim_param', 'string', 2],
  ],
};

const modelProto = protobuf.Root.fromJSON({
  nested: Object.fromEntries(
    Object.entries(MESSAGES).map(([message, rows]) => [
      message,
      {
        fields: Object.fromEntries(
          rows.map(([name, type, id, rule]) => [name, { type, id, ...(rule === undefined ? {} : { rule }) }]),
        ),
      },
    ]),
  ),
}).lookupType('ModelProto');

export function encodeOnnx(model: OnnxModel): Uint8Array {
  return modelProto.encode(modelProto.fromObject(model)).finish();
}

/** Throws MODEL_INVALID for bytes that are not an ONNX model with a graph. */
export function decodeOnnx(bytes: Uint8Array): OnnxModel {
  let decoded: Record<string, unknown>;
  try {
    decoded = modelProto.toObject(modelProto.decode(bytes), { longs: Number, arrays: true });
  } catch (cause) {
    throw new AffectEdgeError('MODEL_INVALID', `the file is no ONNX protobuf: ${messageOf(cause)}`, { cause });
  }
  if (decoded['graph'] === undefined) throw new AffectEdgeError('MODEL_INVALID', 'the ONNX file holds no graph');
  return decoded as unknown as OnnxModel;
}

/** The inputs that a caller must feed; up to IR 3 the graph's inputs also list its weights. */
export function fedInputs(model: OnnxModel): OnnxValue[] {
  const weights = new Set(model.graph.initializer?.map((tensor) => tensor.name));
  return (model.graph.input ?? []).filter((input) => !weights.has(input.name));
}

/** Collects the nodes and weights of an ONNX graph, IR 8, opset 17. */
import * as tf from '@tensorflow/tfjs';
import {
  ATTRIBUTE_FLOAT,
  ATTRIBUTE_INT,
  ATTRIBUTE_INTS,
  encodeOnnx,
  FLOAT,
  INT64,
  type OnnxAttribute,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValue,
} from '../../src/model/onnx-proto.ts';

interface Port {
  readonly name: string;
  /** The batch dimension is free. */
  readonly width: number;
}

/** Names and types as in the specification of the operators. */
interface Attributes {
  readonly epsilon?: number;
  readonly alpha?: number;
  readonly axis?: number;
  readonly hidden_size?: number;
  readonly perm?: number[];
  readonly strides?: number[];
  readonly axes?: number[];
  readonly keepdims?: number;
}

export class OnnxGraph {
  readonly #nodes: OnnxNode[] = [];
  readonly #weights: OnnxTensor[] = [];

  /** Adds an operator with one output, and returns the output's name, which is the node's. */
  node(type: string, name: string, inputs: string[], attributes: Attributes = {}): string {
    const attribute = Object.entries(attributes).map(([key, value]) => encodeAttribute(key, value));
    this.#nodes.push({ name, op_type: type, input: inputs, output: [name], attribute });
    return name;
  }

  /** Adds a constant and returns its name. */
  constant(name: string, dims: number[], values: Float32Array): string {
    const raw_data = new Uint8Array(4 * values.length);
    const view = new DataView(raw_data.buffer);
    for (const [i, value] of values.entries()) view.setFloat32(4 * i, value, true);
    this.#weights.push({ name, dims, data_type: FLOAT, raw_data });
    return name;
  }

  /** Adds a constant of int64 numbers, such as shapes and indices, and returns its name; `dims` [] is a scalar. */
  integers(name: string, values: readonly number[], dims: number[] = [values.length]): string {
    const raw_data = new Uint8Array(8 * values.length);
    const view = new DataView(raw_data.buffer);
    for (const [i, value] of values.entries()) view.setBigInt64(8 * i, BigInt(value), true);
    this.#weights.push({ name, dims, data_type: INT64, raw_data });
    return name;
  }

  /** Adds a constant that is computed from the weights. */
  async derived(name: string, compute: () => tf.Tensor): Promise<string> {
    const tensor = tf.tidy(compute);
    await this.tensor(name, tensor);
    tensor.dispose();
    return name;
  }

  async tensor(name: string, tensor: tf.Tensor): Promise<string> {
    return this.constant(name, tensor.shape, Float32Array.from(await tensor.data()));
  }

  encode(name: string, inputs: readonly Port[], outputs: readonly Port[], metadata: Map<string, string>): Uint8Array {
    return encodeOnnx({
      ir_version: 8,
      producer_name: 'affect-edge',
      opset_import: [{ domain: '', version: 17 }],
      metadata_props: [...metadata].map(([key, value]) => ({ key, value })),
      graph: {
        name,
        node: this.#nodes,
        initializer: this.#weights,
        input: inputs.map(valueInfo),
        output: outputs.map(valueInfo),
      },
    });
  }
}

function encodeAttribute(name: string, value: number | number[]): OnnxAttribute {
  if (Array.isArray(value)) return { name, type: ATTRIBUTE_INTS, ints: value };
  if (name === 'epsilon' || name === 'alpha') return { name, type: ATTRIBUTE_FLOAT, f: value };
  return { name, type: ATTRIBUTE_INT, i: value };
}

function valueInfo({ name, width }: Port): OnnxValue {
  const shape = { dim: [{ dim_param: 'batch' }, { dim_value: width }] };
  return { name, type: { tensor_type: { elem_type: FLOAT, shape } } };
}

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAffectEdgeError } from '../../src/errors.ts';
import { decodeOnnx, encodeOnnx, FLOAT, fedInputs, type OnnxModel } from '../../src/model/onnx-proto.ts';
import { describeWithData, testData } from '../support/data.ts';

const value = (name: string) => ({
  name,
  type: { tensor_type: { elem_type: FLOAT, shape: { dim: [{ dim_param: 'batch' }, { dim_value: 2 }] } } },
});

const model: OnnxModel = {
  ir_version: 3,
  producer_name: 'test',
  opset_import: [{ domain: '', version: 17 }],
  metadata_props: [{ key: 'a', value: 'b' }],
  graph: {
    name: 'g',
    node: [{ name: 'n', op_type: 'Add', input: ['x', 'w'], output: ['y'], attribute: [] }],
    initializer: [{ name: 'w', dims: [2], data_type: FLOAT, raw_data: new Uint8Array(8) }],
    input: [value('x'), value('w')],
    output: [value('y')],
  },
};

describe('ONNX protobuf', () => {
  it('decodes what it encoded', () => {
    const decoded = decodeOnnx(encodeOnnx(model));
    expect(decoded.metadata_props).toEqual(model.metadata_props);
    expect(decoded.graph.input).toEqual(model.graph.input);
    expect(decoded.graph.node).toEqual(model.graph.node);
    expect(Array.from(decoded.graph.initializer![0]!.raw_data)).toEqual(new Array(8).fill(0));
  });

  it('does not count weights as inputs (IR 3 lists them)', () => {
    expect(fedInputs(decodeOnnx(encodeOnnx(model))).map(({ name }) => name)).toEqual(['x']);
  });

  it('decodes or refuses any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        try {
          expect(decodeOnnx(bytes).graph).toBeDefined();
        } catch (error) {
          expect(isAffectEdgeError(error, 'MODEL_INVALID')).toBe(true);
        }
      }),
    );
  });
});

interface Listed {
  file: string;
  ir_version: number;
  graph_inputs: { name: string; shape?: (number | null)[] }[];
  inputs_that_are_initializers: string[];
  outputs: { name: string }[];
}

describeWithData('onnx-models', 'published ONNX files', () => {
  it('have the inputs and outputs of their list', () => {
    const listed: Listed[] = JSON.parse(readFileSync(testData('onnx-models', 'valid.manifest.json'), 'utf8'));
    for (const { file, ir_version, graph_inputs, inputs_that_are_initializers, outputs } of listed) {
      const { graph, ...decoded } = decodeOnnx(readFileSync(testData('onnx-models', file)));
      expect(decoded.ir_version, file).toBe(ir_version);
      expect(graph.input!.map(namesOf), file).toEqual(graph_inputs.map(namesOf));
      const fed = graph_inputs.map(namesOf).filter((name) => !inputs_that_are_initializers.includes(name));
      expect(fedInputs({ ...decoded, graph }).map(namesOf), file).toEqual(fed);
      expect(graph.output!.map(namesOf), file).toEqual(outputs.map(namesOf));
    }
  });
});

const namesOf = ({ name }: { name: string }) => name;

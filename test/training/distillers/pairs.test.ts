import type * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { EEG62 } from '../../../src/montage.ts';
import { Random } from '../../../src/random.ts';
import { type RowLayout, rowWidth } from '../../../training/backbones/backbone.ts';
import { type BackboneName, createBackbone } from '../../../training/backbones/index.ts';
import type { Widths } from '../../../training/distillers/distiller.ts';
import { oneHot } from '../../support/contrast.ts';
import {
  allRows,
  CLASSES,
  contextOf,
  gradientsOf,
  labelsOf,
  normal,
  numberOf,
  TEACHING,
  teachingDistiller,
} from '../../support/distillers.ts';
import { onWasm } from '../../support/on-wasm.ts';

const LAYOUTS = { EEG: { montage: EEG62, bands: 5 }, eye: { features: 33 } } satisfies Record<string, RowLayout>;
type Modality = keyof typeof LAYOUTS;
const ROWS = 6;

onWasm();

describe.each<[student: BackboneName, modality: Modality, embedding: number, teacher: BackboneName]>([
  ['dnn', 'EEG', 128, 'dgcnn'],
  ['bihdm', 'EEG', 96, 'dnn'],
  ['dgcnn', 'EEG', 992, 'bihdm'],
  ['dgcnn', 'eye', 528, 'dgcnn'],
])('a %s student (%s, feature of %d) of a %s teacher', (studentName, modality, embedding, teacherName) => {
  it.each(TEACHING)('learns from %s', async (name) => {
    const answersOf = async (backbone: BackboneName, of: Modality) => {
      const network = await createBackbone(backbone, LAYOUTS[of], CLASSES, new Random(backbone));
      const x = normal([ROWS, rowWidth(LAYOUTS[of])], new Random('x'));
      return { parameters: network.parameters, forward: (training: boolean) => network.forward(x, training) };
    };
    const student = await answersOf(studentName, modality);
    const teacher = (await answersOf(teacherName, modality === 'EEG' ? 'eye' : 'EEG')).forward(false);
    const widthsOf = ({ hidden, embedding }: Record<keyof Widths, tf.Tensor2D>): Widths => ({
      hidden: hidden.shape[1],
      embedding: embedding.shape[1],
    });
    const widths = { student: widthsOf(student.forward(true)), teacher: widthsOf(teacher) };
    expect(widths.student.embedding).toBe(embedding);

    const labels = labelsOf(ROWS);
    const distiller = await teachingDistiller(name, contextOf({ ...widths, labels }));
    const { value, grads } = gradientsOf(
      distiller,
      { parameters: student.parameters, forward: () => student.forward(true) },
      { rows: allRows(ROWS), labels: oneHot([...labels], CLASSES), teacher, random: new Random('step') },
    );
    expect(numberOf(value)).toSatisfy(Number.isFinite);
    const slopes = student.parameters.flatMap((parameter) => [...(grads[parameter.name]?.dataSync() ?? [])]);
    expect(slopes.every(Number.isFinite)).toBe(true);
    expect(slopes.some((slope) => slope !== 0)).toBe(true);
    distiller.dispose();
  });
});

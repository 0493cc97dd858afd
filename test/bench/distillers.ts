/** CMCRD beside a student without teacher and beside CRD, on the simulated data set: per subject, with paired t-tests. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EEG62 } from '../../src/montage.ts';
import { DIRECTIONS, type RunConfig, runConfigSchema } from '../../training/cmcrd/config.ts';
import { run } from '../../training/cmcrd/run.ts';
import type { PairedTable } from '../../training/datasets/paired-table.ts';
import { standardTable } from '../../training/datasets/simulated.ts';
import { benjaminiHochberg, pairedTTest } from '../../training/evaluation/statistics.ts';
import { startBackend } from '../../training/tf/backend.ts';

type Distiller = RunConfig['distiller']['name'];

/** As `prepare --dataset simulated` has it without --seed. */
const SEED = 1;
const BASELINES = ['none', 'crd'] as const satisfies readonly Distiller[];

interface DistillerRow {
  readonly direction: RunConfig['direction'];
  readonly distiller: Distiller;
  /** Percent: mean over subjects and seeds, standard deviation between subjects. */
  readonly accuracy: number;
  readonly std: number | null;
  readonly teachers: number | null;
  /** Percent, each a subject's mean over the seeds. */
  readonly perSubject: string;
  /** CMCRD's gain over this one, in points, with a paired two-sided t-test over the subjects. */
  readonly cmcrdGains?: number;
  readonly p?: number;
  /** Benjamini-Hochberg over all comparisons here. */
  readonly q?: number;
}

export async function benchDistillers(): Promise<{ rows: DistillerRow[]; summary: Record<string, unknown> }> {
  const { name: backend } = await startBackend();
  const table = standardTable({ preset: 'benchmark', montage: EEG62, seed: SEED });
  const rows: DistillerRow[] = [];
  for (const direction of DIRECTIONS) {
    const accuracies = new Map<Distiller, number[]>();
    for (const distiller of ['cmcrd', ...BASELINES] as const) {
      const result = await runOnce(table, direction, distiller, backend);
      const perSubject = result.per_subject.map(({ accuracy }) => accuracy);
      accuracies.set(distiller, perSubject);
      const compared = distiller === 'cmcrd' ? {} : comparison(accuracies.get('cmcrd')!, perSubject);
      rows.push({
        direction,
        distiller,
        accuracy: percent(result.accuracy),
        std: result.accuracy_std && percent(result.accuracy_std),
        teachers: result.teacher_accuracy && percent(result.teacher_accuracy),
        perSubject: perSubject.map((accuracy) => percent(accuracy).toFixed(1)).join(' '),
        ...compared,
      });
    }
  }
  const tested = rows.flatMap(({ p }) => (p === undefined ? [] : [p]));
  const q = benjaminiHochberg(tested).values();
  const withQ = rows.map((row) => (row.p === undefined ? row : { ...row, q: Number(q.next().value!.toPrecision(3)) }));
  return {
    rows: withQ,
    summary: { backend, simulated: true, protocol: 'within', data: table.fingerprint, rows: withQ },
  };
}

async function runOnce(
  table: PairedTable,
  direction: RunConfig['direction'],
  name: Distiller,
  backend: string,
): ReturnType<typeof run> {
  const config = runConfigSchema.parse({ direction, protocol: 'within', distiller: { name } });
  const out = await mkdtemp(join(tmpdir(), 'affect-edge-distillers-'));
  try {
    return await run({ config, table, out, resume: false, backend, codeVersion: 'bench' });
  } finally {
    await rm(out, { recursive: true });
  }
}

function comparison(cmcrd: readonly number[], baseline: readonly number[]) {
  const { meanDifference, p } = pairedTTest(cmcrd, baseline);
  return { cmcrdGains: percent(meanDifference), p: Number(p.toPrecision(3)) };
}

function percent(share: number): number {
  return Number((100 * share).toFixed(2));
}

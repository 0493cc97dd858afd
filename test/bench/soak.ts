/** A simulated hour of the whole path (bytes -> pipeline -> events): the heap after each ten minutes, garbage collected. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { finalize, lastValueFrom, scan } from 'rxjs';
import { biosignal } from '../../devices/biosignal/index.ts';
import { generatorSource } from '../../devices/simulator/source.ts';
import { VirtualClock } from '../../src/clock.ts';
import { resolveModelDir } from '../../src/main/package-root.ts';
import { loadBundle } from '../../src/model/bundle.ts';
import { pipeline } from '../../src/pipeline/pipeline.ts';
import { simulatedInput } from '../../training/export/simulated-input.ts';
import { simulatedLink } from '../support/simulated-link.ts';

const RATE_HZ = 1000;
const HOUR_S = 3600;
const FAULTS = 'loss=0.0005/20,corrupt=0.0002,stall=300/3/lost';

interface SoakRow {
  readonly minute: number;
  readonly heap_mib: number;
  readonly rss_mib: number;
}

/** Faults included: every loss leaves its trace in some ledger, and none may stay. */
export async function benchSoak(seconds = HOUR_S): Promise<{ rows: SoakRow[]; summary: Record<string, unknown> }> {
  setFlagsFromString('--expose-gc');
  const collectGarbage: () => void = runInNewContext('gc');
  const model = await loadBundle(resolveModelDir('models/demo-eeg62-cmcrd'));
  const clock = new VirtualClock(0);
  const device$ = simulatedLink({
    protocol: biosignal,
    source: generatorSource(simulatedInput(model.manifest, { seed: 3, preset: 'demo', sampleRateHz: RATE_HZ })),
    seed: 3,
    seconds,
    clock,
    faults: FAULTS,
  });
  const rows: SoakRow[] = [];
  const stepUs = (seconds * 1e6) / 6;
  const observe = (): void => {
    if (clock.monoUs() < rows.length * stepUs + stepUs) return;
    collectGarbage();
    const { heapUsed, rss } = process.memoryUsage();
    rows.push({
      minute: clock.monoUs() / 6e7,
      heap_mib: Number((heapUsed / 2 ** 20).toFixed(1)),
      rss_mib: Math.round(rss / 2 ** 20),
    });
  };
  const events = await lastValueFrom(
    pipeline(device$, { model, clock }).pipe(
      scan((count) => {
        observe();
        return count + 1;
      }, 0),
      finalize(() => void model.close()),
    ),
  );
  const growth = rows.at(-1)!.heap_mib - rows[0]!.heap_mib;
  return { rows, summary: { simulated_s: seconds, events, heap_growth_mib: Number(growth.toFixed(1)) } };
}

/** npm run bench -- NAME [--json]: a table for people, and as the last line one JSON object. */
import { parseArgs } from 'node:util';
import { benchAccuracy } from './accuracy.ts';
import { benchDistillers } from './distillers.ts';
import { benchEye } from './eye.ts';
import { benchFanout } from './fanout.ts';
import { benchSoak } from './soak.ts';
import { benchStages } from './stages.ts';
import { benchStream } from './stream.ts';
import { benchTrain } from './train.ts';

interface Bench {
  readonly rows: readonly object[];
  /** The figures of the last line. */
  readonly summary: Record<string, unknown>;
}

const BENCHES: Record<string, (seconds: number | undefined) => Promise<Bench>> = {
  stream: benchStream,
  eye: benchEye,
  accuracy: benchAccuracy,
  train: benchTrain,
  distillers: benchDistillers,
  soak: benchSoak,
  stages: async () => listed(benchStages()),
  fanout: async () => listed(await benchFanout({ clients: [1, 100, 1000] })),
};

function listed(rows: readonly object[]): Bench {
  return { rows, summary: { rows } };
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  strict: false,
  options: { json: { type: 'boolean' }, seconds: { type: 'string' }, help: { type: 'boolean' } },
});
if (values['help']) {
  console.log(`npm run bench -- [${Object.keys(BENCHES).join('] [')}] [--seconds N] [--json]; all without a name`);
  process.exit(0);
}
const names = positionals.length > 0 ? positionals : Object.keys(BENCHES);
for (const name of names) {
  const bench = BENCHES[name];
  if (bench === undefined) {
    console.error(`no benchmark "${name}": there are ${Object.keys(BENCHES).join(', ')}`);
    process.exit(2);
  }
  const { rows, summary } = await bench(values['seconds'] === undefined ? undefined : Number(values['seconds']));
  if (!values['json']) console.table(rows);
  console.log(JSON.stringify({ bench: name, ...summary }));
}
process.exit(0);

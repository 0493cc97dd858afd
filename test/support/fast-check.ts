import fc from 'fast-check';

/**
 * The same cases in every run, so that a change and not chance turns a test red;
 * AFFECT_EDGE_FUZZ_RUNS=5000 looks for new ones, with that many cases a property and a new seed.
 */
const runs = process.env['AFFECT_EDGE_FUZZ_RUNS'];
fc.configureGlobal(runs === undefined ? { seed: 20_261_121 } : { numRuns: Number(runs) });

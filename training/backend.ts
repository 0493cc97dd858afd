/**
 * Starts the fastest TensorFlow.js backend that this machine has: CUDA, WebGPU, WebAssembly, plain JavaScript. The
 * first two are optional packages; whatever keeps one from running is said, and the next one is tried.
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { AffectEdgeError, messageOf } from '../src/errors.ts';

const BACKENDS = ['cuda', 'webgpu', 'wasm', 'cpu'] as const;
export type BackendName = (typeof BACKENDS)[number];

export interface RunningBackend {
  readonly name: BackendName;
  /** The faster ones that were tried before, and why they don't run here. */
  readonly refused: readonly { readonly name: BackendName; readonly reason: string }[];
}

/** Tries `candidates` in order; throws BACKEND_FAILED where none of them starts. */
export async function startBackend(candidates: readonly BackendName[] = BACKENDS): Promise<RunningBackend> {
  const refused: { name: BackendName; reason: string }[] = [];
  for (const name of candidates) {
    try {
      await starters[name]();
      return { name, refused };
    } catch (error) {
      refused.push({ name, reason: messageOf(error).split('\n')[0]! });
    }
  }
  const reasons = refused.map(({ name, reason }) => `${name}: ${reason}`).join('; ');
  throw new AffectEdgeError(
    'BACKEND_FAILED',
    `no TensorFlow.js backend starts (${reasons}); run npm ci again, wasm comes with it`,
  );
}

const starters: Record<BackendName, () => Promise<void>> = {
  cuda: async () => {
    restoreRemovedUtil();
    await optionalImport('@tensorflow/tfjs-node-gpu');
    await use('tensorflow');
  },
  webgpu: async () => {
    const dawn = (await optionalImport('webgpu')) as { create(options: string[]): unknown; globals: object };
    Object.assign(globalThis, dawn.globals);
    offerGpu(dawn.create([]));
    await optionalImport('@tensorflow/tfjs-backend-webgpu');
    await use('webgpu');
  },
  wasm: async () => {
    const binary = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm');
    setWasmPaths(join(dirname(binary), '/'));
    // More threads would add sums in another order on every machine.
    setThreadsCount(1);
    await use('wasm');
  },
  cpu: () => use('cpu'),
};

async function use(registeredName: string): Promise<void> {
  const started = await tf.setBackend(registeredName);
  if (!started) throw new Error(`TensorFlow.js could not start its backend "${registeredName}"`);
  await tf.ready();
}

/** By a name that is only known at run time: these packages are not among the dependencies. */
async function optionalImport(name: string): Promise<unknown> {
  try {
    return await import(name);
  } catch (error) {
    const absent = (error as { code?: unknown }).code === 'ERR_MODULE_NOT_FOUND';
    throw absent ? new Error(`${name} is not installed`) : error;
  }
}

/** tfjs-node 4.22 calls functions that Node 23 took out of `util`. */
function restoreRemovedUtil(): void {
  const target = createRequire(import.meta.url)('node:util') as Record<string, unknown>;
  target['isNullOrUndefined'] ??= (value: unknown) => value === null || value === undefined;
  target['isArray'] ??= Array.isArray;
}

/** Puts Dawn where browsers have it; Node 20 has no `navigator`, and tfjs still asks adapters in the old way. */
function offerGpu(gpu: unknown): void {
  const navigator = (globalThis as { navigator?: object }).navigator ?? {};
  Object.defineProperty(navigator, 'gpu', { value: gpu, configurable: true });
  Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });
  const adapter = (globalThis as { GPUAdapter?: { prototype: { info?: object; requestAdapterInfo?: unknown } } })
    .GPUAdapter;
  if (adapter === undefined) return;
  adapter.prototype.requestAdapterInfo ??= async function (this: { info?: object }) {
    return this.info ?? {};
  };
}

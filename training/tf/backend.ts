/**
 * Starts the fastest TensorFlow.js backend that this machine has: CUDA, WebGPU, WebAssembly, plain JavaScript. The
 * first two are optional packages. If one can't run, the reason is kept and the next one is tried. The environment
 * variable AFFECT_EDGE_BACKEND selects one backend, without a fallback.
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { AffectEdgeError, messageOf } from '../../src/errors.ts';

export const BACKEND_NAMES = ['cuda', 'webgpu', 'wasm', 'cpu'] as const;
export type BackendName = (typeof BACKEND_NAMES)[number];

interface RunningBackend {
  readonly name: BackendName;
  /** The faster ones that were tried first, and why they can't run here. */
  readonly refused: readonly { readonly name: BackendName; readonly reason: string }[];
}

/** Imports an optional package by its name, as `import()` does. */
export type ImportPackage = (name: string) => Promise<unknown>;

/** Tries `candidates` in order. Throws BACKEND_FAILED where none of them starts. */
export async function startBackend(
  candidates: readonly BackendName[] = backendCandidates(process.env),
  importPackage: ImportPackage = (name) => import(name),
): Promise<RunningBackend> {
  const refused: { name: BackendName; reason: string }[] = [];
  for (const name of candidates) {
    try {
      await starters[name]({
        load: (optional) => importOptional(optional, importPackage),
        alone: candidates.length === 1,
      });
      return { name, refused };
    } catch (error) {
      refused.push({ name, reason: messageOf(error).split('\n')[0]!.trim() });
    }
  }
  const reasons = refused.map(({ name, reason }) => `${name}: ${reason}`).join('; ');
  const wayOut = candidates.includes('wasm')
    ? 'run npm ci again, wasm comes with it'
    : 'AFFECT_EDGE_BACKEND=wasm runs everywhere';
  throw new AffectEdgeError(
    'BACKEND_FAILED',
    `no TensorFlow.js backend of those asked for starts (${reasons}); ${wayOut}`,
  );
}

/** The backend that AFFECT_EDGE_BACKEND names, or all, fastest first. Throws CONFIG_INVALID for an unknown name. */
export function backendCandidates(environment: NodeJS.ProcessEnv): readonly BackendName[] {
  const asked = environment['AFFECT_EDGE_BACKEND'];
  if (asked === undefined || asked === '') return BACKEND_NAMES;
  const known = BACKEND_NAMES.find((name) => name === asked);
  if (known !== undefined) return [known];
  throw new AffectEdgeError(
    'CONFIG_INVALID',
    `AFFECT_EDGE_BACKEND is "${asked}"; set it to ${BACKEND_NAMES.join(', ')} or leave it out`,
  );
}

interface Start {
  readonly load: ImportPackage;
  /** It is the only candidate, so a slow device is accepted. */
  readonly alone: boolean;
}

const starters: Record<BackendName, (start: Start) => Promise<void>> = {
  cuda: async ({ load }) => {
    restoreRemovedUtil();
    // From Ampere on, cuBLAS rounds the factors of a float32 product to 11 significant bits unless this is set.
    process.env['NVIDIA_TF32_OVERRIDE'] ??= '0';
    await load('@tensorflow/tfjs-node-gpu');
    await use('tensorflow');
    const { isUsingGpuDevice } = tf.backend() as unknown as NodeBackend;
    if (!isUsingGpuDevice) throw new Error('TensorFlow finds no CUDA device or library, and would compute on the CPU');
  },
  webgpu: async ({ load, alone }) => {
    const gpu = offeredGpu() ?? (await startDawn(load));
    const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
    if (adapter === null) throw new Error('no graphics device with a driver for Vulkan, Metal or Direct3D');
    const { isFallbackAdapter, description } = adapter.info;
    if (isFallbackAdapter && !alone) throw new Error(`its only device computes on the CPU (${description})`);
    offerGpu(gpu);
    try {
      await load('@tensorflow/tfjs-backend-webgpu');
      await use('webgpu');
    } catch (error) {
      offerGpu(undefined);
      throw error;
    }
  },
  wasm: async () => {
    const binary = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm');
    setWasmPaths(join(dirname(binary), '/'));
    // With more threads, the order of summation would differ between machines.
    setThreadsCount(1);
    await use('wasm');
  },
  cpu: () => use('cpu'),
};

/** The used part of the backend that @tensorflow/tfjs-node-gpu 4.22 registers as `tensorflow`. */
interface NodeBackend {
  readonly isUsingGpuDevice: boolean;
}

/** The used part of the package `webgpu` (Dawn for Node). */
interface Dawn {
  readonly globals: object;
  create(options: readonly string[]): Gpu;
}

interface Gpu {
  requestAdapter(options: { readonly powerPreference: 'high-performance' }): Promise<{
    readonly info: { readonly description: string; readonly isFallbackAdapter: boolean };
  } | null>;
}

async function use(registeredName: string): Promise<void> {
  const started = await tf.setBackend(registeredName);
  if (!started) throw new Error(`TensorFlow.js could not start its backend "${registeredName}"`);
  await tf.ready();
}

/** Imports by a name that is known only at run time, because these packages are not dependencies. */
async function importOptional(name: string, importPackage: ImportPackage): Promise<unknown> {
  try {
    return await importPackage(name);
  } catch (error) {
    // An installed package that lacks one of its own dependencies fails with the same code.
    const absent =
      (error as { code?: unknown }).code === 'ERR_MODULE_NOT_FOUND' && messageOf(error).includes(`'${name}'`);
    throw absent ? new Error(`${name} is not installed`) : error;
  }
}

/** tfjs-node 4.22 calls functions that Node 23 removed from `util`. */
function restoreRemovedUtil(): void {
  const target = createRequire(import.meta.url)('node:util') as Record<string, unknown>;
  target['isNullOrUndefined'] ??= (value: unknown) => value === null || value === undefined;
  target['isArray'] ??= Array.isArray;
}

/** Starts the GPU of the package `webgpu`. */
async function startDawn(load: ImportPackage): Promise<Gpu> {
  const dawn = (await load('webgpu')) as Dawn;
  Object.assign(globalThis, dawn.globals);
  return dawn.create([]);
}

/** The GPU of an earlier start; starting a second Dawn would crash the process. */
function offeredGpu(): Gpu | undefined {
  return (globalThis as { navigator?: { gpu?: Gpu } }).navigator?.gpu;
}

/** Sets navigator.gpu as browsers have it, or removes it. Node 20 has no `navigator`. */
function offerGpu(gpu: Gpu | undefined): void {
  const navigator = (globalThis as { navigator?: object }).navigator ?? {};
  Object.defineProperty(navigator, 'gpu', { value: gpu, configurable: true });
  Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });
}

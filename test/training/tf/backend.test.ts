import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { BACKEND_NAMES, backendCandidates, type ImportPackage, startBackend } from '../../../training/tf/backend.ts';

/** What `import()` rejects with where `missing` is not there. */
function notFound(missing: string): Error {
  return Object.assign(new Error(`Cannot find package '${missing}' imported from training/backend.js`), {
    code: 'ERR_MODULE_NOT_FOUND',
  });
}

/** A package whose import registers a backend: plain JavaScript's, with these properties. */
function registers(name: string, properties: object): () => void {
  return () => {
    tf.registerBackend(
      name,
      () => Object.assign(tf.findBackendFactory('cpu')() as object, properties) as tf.KernelBackend,
    );
    onTestFinished(() => tf.removeBackend(name));
  };
}

/** Packages by name, each loaded once; importing another one fails as where it is not installed. */
function packages(installed: Record<string, () => unknown>): ImportPackage {
  const loaded = new Map<string, unknown>();
  return async (name) => {
    const load = installed[name];
    if (load === undefined) throw notFound(name);
    if (!loaded.has(name)) loaded.set(name, await load());
    return loaded.get(name);
  };
}

const fails = (message: string) => () => {
  throw new Error(message);
};

afterEach(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

describe('startBackend', () => {
  it('every machine has wasm', async () => {
    expect(await startBackend(['wasm'])).toEqual({ name: 'wasm', refused: [] });
  });

  it('reports which optional packages are absent, and runs without them', async () => {
    expect(await startBackend(BACKEND_NAMES, packages({}))).toEqual({
      name: 'wasm',
      refused: [
        { name: 'cuda', reason: '@tensorflow/tfjs-node-gpu is not installed' },
        { name: 'webgpu', reason: 'webgpu is not installed' },
      ],
    });
  });

  it('fails with the reasons where none of those asked for runs', async () => {
    await expect(startBackend(['cuda', 'webgpu'], packages({}))).rejects.toMatchObject({
      code: 'BACKEND_FAILED',
      message:
        'no TensorFlow.js backend of those asked for starts (cuda: @tensorflow/tfjs-node-gpu is not installed; ' +
        'webgpu: webgpu is not installed); AFFECT_EDGE_BACKEND=wasm runs everywhere',
    });
  });
});

describe('AFFECT_EDGE_BACKEND', () => {
  it('tries all backends where it is not set', () => {
    expect(backendCandidates({})).toEqual(['cuda', 'webgpu', 'wasm', 'cpu']);
    expect(backendCandidates({ AFFECT_EDGE_BACKEND: '' })).toEqual(['cuda', 'webgpu', 'wasm', 'cpu']);
  });

  it('starts the backend that it names', async () => {
    vi.stubEnv('AFFECT_EDGE_BACKEND', 'cpu');
    expect(await startBackend()).toEqual({ name: 'cpu', refused: [] });
    expect(tf.getBackend()).toBe('cpu');
  });

  it('has no fallback', async () => {
    vi.stubEnv('AFFECT_EDGE_BACKEND', 'cuda');
    await expect(startBackend(undefined, packages({}))).rejects.toMatchObject({ code: 'BACKEND_FAILED' });
  });

  it('refuses an unknown name', async () => {
    vi.stubEnv('AFFECT_EDGE_BACKEND', 'CUDA');
    await expect(startBackend()).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: 'AFFECT_EDGE_BACKEND is "CUDA"; set it to cuda, webgpu, wasm, cpu or leave it out',
    });
  });
});

/** wasm in place of an accelerator, for this reason. */
async function expectRefusal(name: 'cuda' | 'webgpu', installed: Record<string, () => unknown>, reason: string) {
  expect(await startBackend([name, 'wasm'], packages(installed))).toEqual({
    name: 'wasm',
    refused: [{ name, reason }],
  });
  expect(tf.getBackend()).toBe('wasm');
}

describe('the loader of CUDA', () => {
  const PACKAGE = '@tensorflow/tfjs-node-gpu';

  it('takes the backend that the package registers', async () => {
    const installed = { [PACKAGE]: registers('tensorflow', { isUsingGpuDevice: true }) };
    expect(await startBackend(['cuda', 'wasm'], packages(installed))).toEqual({ name: 'cuda', refused: [] });
    expect(tf.getBackend()).toBe('tensorflow');
    // onTestFinished takes the backend away.
    await startBackend(['wasm']);
  });

  it.each<[string, () => unknown, string]>([
    [
      'its addon is missing',
      fails('The addon can not be found at path: /a. \nPlease rebuild'),
      'The addon can not be found at path: /a.',
    ],
    ['it misses a package of its own', () => Promise.reject(notFound('long')), notFound('long').message],
    ['it registers nothing', () => ({}), "Backend name 'tensorflow' not found in registry"],
    [
      'TensorFlow finds no CUDA',
      registers('tensorflow', { isUsingGpuDevice: false }),
      'TensorFlow finds no CUDA device or library, and would compute on the CPU',
    ],
  ])('tries the next one where %s', async (_, load, reason) => {
    await expectRefusal('cuda', { [PACKAGE]: load }, reason);
  });

  it('tries the next one where TensorFlow.js cannot start it', async () => {
    vi.spyOn(console, 'warn').mockReturnValue();
    const broken = () => {
      tf.registerBackend('tensorflow', fails('no device'));
      onTestFinished(() => tf.removeBackend('tensorflow'));
    };
    await expectRefusal('cuda', { [PACKAGE]: broken }, 'TensorFlow.js could not start its backend "tensorflow"');
  });

  it('finds what Node 23 took out of util, and products in full precision', async () => {
    const util = createRequire(import.meta.url)('node:util') as Record<string, unknown>;
    const { isNullOrUndefined, isArray } = util;
    onTestFinished(() => void Object.assign(util, { isNullOrUndefined, isArray }));
    delete util['isNullOrUndefined'];
    delete util['isArray'];
    vi.stubEnv('NVIDIA_TF32_OVERRIDE', undefined);
    let seen: unknown;
    const asks = () => {
      const { isNullOrUndefined: isNothing, isArray: isList } = util as Record<string, (value: unknown) => boolean>;
      seen = [
        [undefined, null, 0, ''].map((value) => isNothing!(value)),
        [[], {}].map((value) => isList!(value)),
        process.env['NVIDIA_TF32_OVERRIDE'],
      ];
    };
    await startBackend(['cuda', 'wasm'], packages({ [PACKAGE]: asks }));
    expect(seen).toEqual([[true, true, false, false], [true, false], '0']);
  });
});

describe('the loader of WebGPU', () => {
  const BACKEND = '@tensorflow/tfjs-backend-webgpu';
  const GRAPHICS = { description: 'a graphics card', isFallbackAdapter: false };
  const SOFTWARE = { description: 'a renderer in software', isFallbackAdapter: true };

  /** Dawn as on a machine with this device, or without one. */
  const dawn = (info: typeof GRAPHICS | null) => () => ({
    globals: { GPUFromDawn: class {} },
    create: () => ({ requestAdapter: async () => info && { info } }),
  });
  const offered = () => (globalThis as { navigator?: { gpu?: unknown } }).navigator?.gpu;

  /** Dawn leaves its globals behind, so that a test cleans up. */
  function withoutDawn(): void {
    vi.stubGlobal('navigator', undefined);
    onTestFinished(() => void Reflect.deleteProperty(globalThis, 'GPUFromDawn'));
  }

  it('offers Dawn as a browser does before the backend is imported', async () => {
    withoutDawn();
    let gpu: unknown;
    let globals: unknown;
    const backend = () => {
      gpu = offered();
      globals = (globalThis as { GPUFromDawn?: unknown }).GPUFromDawn;
      registers('webgpu', {})();
    };
    const installed = { webgpu: dawn(GRAPHICS), [BACKEND]: backend };
    expect(await startBackend(['webgpu', 'wasm'], packages(installed))).toEqual({ name: 'webgpu', refused: [] });
    expect(gpu).toHaveProperty('requestAdapter');
    expect(globals).toBeTypeOf('function');
    expect(tf.getBackend()).toBe('webgpu');
    await startBackend(['wasm']);
  });

  it('keeps the navigator that newer Node has', async () => {
    withoutDawn();
    const navigator = { hardwareConcurrency: 2 };
    vi.stubGlobal('navigator', navigator);
    await startBackend(['webgpu'], packages({ webgpu: dawn(GRAPHICS), [BACKEND]: registers('webgpu', {}) }));
    expect((globalThis as { navigator?: unknown }).navigator).toBe(navigator);
    expect(offered()).toHaveProperty('requestAdapter');
    await startBackend(['wasm']);
  });

  it('starts Dawn once, however often the backend is started', async () => {
    withoutDawn();
    const graphics = dawn(GRAPHICS)();
    const create = vi.spyOn(graphics, 'create');
    const installed = packages({ webgpu: () => graphics, [BACKEND]: registers('webgpu', {}) });
    for (const name of ['webgpu', 'wasm', 'webgpu', 'wasm'] as const) await startBackend([name], installed);
    expect(create).toHaveBeenCalledOnce();
  });

  it.each<[string, Record<string, () => unknown>, string]>([
    ['Dawn cannot be loaded', { webgpu: fails('libvulkan.so.1: no such file') }, 'libvulkan.so.1: no such file'],
    ['there is no device', { webgpu: dawn(null) }, 'no graphics device with a driver for Vulkan, Metal or Direct3D'],
    [
      'the only device is a renderer in software',
      { webgpu: dawn(SOFTWARE) },
      'its only device computes on the CPU (a renderer in software)',
    ],
    ['the backend is absent', { webgpu: dawn(GRAPHICS) }, `${BACKEND} is not installed`],
    ['the backend cannot be loaded', { webgpu: dawn(GRAPHICS), [BACKEND]: fails('too old') }, 'too old'],
    [
      'the backend registers nothing',
      { webgpu: dawn(GRAPHICS), [BACKEND]: () => ({}) },
      "Backend name 'webgpu' not found in registry",
    ],
  ])('tries the next one where %s, and removes Dawn again', async (_, installed, reason) => {
    withoutDawn();
    await expectRefusal('webgpu', installed, reason);
    expect(offered()).toBeUndefined();
  });

  it('takes a renderer in software where nothing else is asked for', async () => {
    withoutDawn();
    const installed = { webgpu: dawn(SOFTWARE), [BACKEND]: registers('webgpu', {}) };
    expect(await startBackend(['webgpu'], packages(installed))).toEqual({ name: 'webgpu', refused: [] });
    await startBackend(['wasm']);
  });
});

// Last, because a real accelerator would replace those that the other tests register.
describe('this machine', () => {
  it('runs the first that starts, and reports why the others do not', async () => {
    const { name, refused } = await startBackend(BACKEND_NAMES);
    expect(tf.getBackend()).toBe(name === 'cuda' ? 'tensorflow' : name);
    for (const { reason } of refused) expect(reason).not.toBe('');
    expect(refused.map((backend) => backend.name)).toEqual(BACKEND_NAMES.slice(0, BACKEND_NAMES.indexOf(name)));
  });
});

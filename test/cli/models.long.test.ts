import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '../support/bundle.ts';
import { runCli } from '../support/cli.ts';

describe.concurrent('models check', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'affect-edge-models-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** A copy of a shipped bundle with `spoil` done to it. */
  async function spoiled(name: string, spoil: (dir: string) => Promise<void>): Promise<string> {
    const dir = join(folder, name);
    await cp('models/demo-cyton8-cmcrd', dir, { recursive: true });
    await spoil(dir);
    return dir;
  }

  async function editManifest(dir: string, edit: (manifest: Record<string, unknown>) => void): Promise<void> {
    const file = join(dir, 'manifest.json');
    const manifest = JSON.parse(await readFile(file, 'utf8'));
    edit(manifest);
    await writeFile(file, JSON.stringify(manifest));
  }

  async function refusal(dir: string): Promise<string> {
    const { code, lines } = await runCli('models', 'check', dir);
    expect(code).toBe(5);
    expect(lines).toEqual([{ event: 'error', code: 'MODEL_INVALID', message: expect.stringContaining(dir) }]);
    return String(lines[0]!['message']);
  }

  it.each([
    ['models/demo-eeg62-cmcrd', 62],
    ['models/demo-cyton8-cmcrd', 8],
  ])('finds %s sound, and says that it is simulated', async (dir, electrodes) => {
    const { code, lines } = await runCli('models', 'check', dir);
    const onnx = await readFile(join(dir, 'model.onnx'));
    expect(lines).toEqual([
      {
        event: 'model_ok',
        id: dir.slice('models/'.length),
        modality: 'eeg',
        electrodes,
        classes: ['negative', 'neutral', 'positive'],
        simulated: true,
        onnx_sha256: sha256(onnx),
      },
    ]);
    expect(code).toBe(0);
  });

  it('refuses a model with one byte changed', async () => {
    const dir = await spoiled('byte', async (copy) => {
      const file = join(copy, 'model.onnx');
      const onnx = await readFile(file);
      onnx[onnx.length >> 1]! ^= 1;
      await writeFile(file, onnx);
    });
    expect(await refusal(dir)).toContain('onnx_sha256');
  });

  it('refuses a broken ONNX file whose hash is right', async () => {
    const dir = await spoiled('broken', async (copy) => {
      const file = join(copy, 'model.onnx');
      const cut = (await readFile(file)).subarray(0, 1000);
      await writeFile(file, cut);
      await editManifest(copy, (manifest) => {
        manifest['onnx_sha256'] = sha256(cut);
      });
    });
    const message = await refusal(dir);
    expect(message).toContain('model.onnx');
    expect(message).not.toContain('onnx_sha256');
  });

  it('refuses an unknown key in the manifest', async () => {
    const dir = await spoiled('key', (copy) =>
      editManifest(copy, (manifest) => {
        manifest['montags'] = manifest['montage'];
        delete manifest['montage'];
      }),
    );
    expect(await refusal(dir)).toMatch(/manifest\.json.*montags/s);
  });

  it('refuses golden numbers that the model does not give', async () => {
    const dir = await spoiled('golden', async (copy) => {
      const file = join(copy, 'golden.json');
      const golden = JSON.parse(await readFile(file, 'utf8'));
      golden.probabilities[0].reverse();
      await writeFile(file, JSON.stringify(golden));
    });
    expect(await refusal(dir)).toContain('golden.json');
  });

  it('refuses a folder that is not there, and one without a bundle', async () => {
    expect(await refusal(join(folder, 'nowhere'))).toContain('manifest.json');
    expect(await refusal(folder)).toContain('manifest.json');
  });
});

describe('models build', () => {
  it('refuses a folder that it cannot make before any training', async () => {
    const { code, lines } = await runCli('models', 'build', '--out', 'package.json');
    expect(code).toBe(3);
    expect(lines).toMatchObject([
      { event: 'error', code: 'FILE_INVALID', message: expect.stringContaining('package.json') },
    ]);
  });
});

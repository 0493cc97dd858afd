import { Command } from 'commander';
import { resolveModelDir } from '../../main/package-root.ts';
import { loadBundle } from '../../model/bundle.ts';
import { featureCount, type Manifest } from '../../model/manifest.ts';
import type { Output } from '../output.ts';
import { version } from '../version.ts';

export function modelsCommand(output: Output): Command {
  const check = new Command('check')
    .description('verify a bundle: hash, shapes, manifest, golden numbers')
    .argument('<dir>', 'model bundle')
    .action(async (dir: string) => {
      const bundle = await loadBundle(resolveModelDir(dir));
      await bundle.close();
      const { id, modality, classes, simulated, onnx_sha256 } = bundle.manifest;
      const inputs = inputsOf(bundle.manifest);
      output.event(
        { event: 'model_ok', id, modality, ...inputs, classes, simulated, onnx_sha256 },
        `${id} is sound: ${modality}, ${Object.entries(inputs).map(([what, count]) => `${count} ${what}`)}, classes ${classes.join(', ')}${simulated ? ' (SIMULATED training data)' : ''}`,
      );
    });
  const build = new Command('build')
    .description('build the demo bundles again from simulated signals')
    .option('--out <dir>', 'folder of the bundles', 'models')
    .action(async ({ out }: { out: string }) => {
      // Loaded only here, because a live process must not load TensorFlow.js.
      const { buildModels } = await import('../../../training/build-models.ts');
      await buildModels({ out, codeVersion: version, log: output.note });
      output.event({ event: 'models_built', out }, `bundles written to ${out}`);
    });
  return new Command('models').description('check and build model bundles').addCommand(check).addCommand(build);
}

function inputsOf(manifest: Manifest): Record<string, number> {
  return manifest.modality === 'eeg' ? { electrodes: manifest.montage.length } : { features: featureCount(manifest) };
}

import * as tf from '@tensorflow/tfjs';
import { beforeAll, beforeEach } from 'vitest';
import { startBackend } from '../../training/tf/backend.ts';

/** Runs a suite on WebAssembly, and frees each test's tensors after it. */
export function onWasm(): void {
  beforeAll(async () => {
    await startBackend(['wasm']);
  });

  beforeEach(() => {
    tf.engine().startScope();
    return () => tf.engine().endScope();
  });
}

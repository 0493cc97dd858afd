import * as tf from '@tensorflow/tfjs';
import { beforeAll, beforeEach } from 'vitest';
import { startBackend } from '../../training/tf/backend.ts';

/** A suite's tests run on WebAssembly, and what a test makes is freed after it. */
export function onWasm(): void {
  beforeAll(async () => {
    await startBackend(['wasm']);
  });

  beforeEach(() => {
    tf.engine().startScope();
    return () => tf.engine().endScope();
  });
}

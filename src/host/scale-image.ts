import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type * as ScalePng from './scale-png';

/** Beside the bundles; a checkout that was not built has none, and works in this thread. */
const WORKER = join(__dirname, 'scale-png.js');
const LIMIT_MS = 20_000;

/**
 * A PNG with no side longer than `most` pixels, made in a thread of its own: it takes up to a second, and the editor's
 * other extensions wait for ours. `undefined` where it cannot be made.
 */
export async function scaleImage(png: Uint8Array, most: number): Promise<Uint8Array | undefined> {
  const built = await access(WORKER).then(
    () => true,
    () => false,
  );
  if (!built) return inThisThread(png, most);
  const worker = new Worker(WORKER, { workerData: { png, most }, resourceLimits: { maxOldGenerationSizeMb: 1_024 } });
  return new Promise((resolve) => {
    const timer = setTimeout(() => void worker.terminate(), LIMIT_MS);
    const settle = (scaled?: Uint8Array): void => {
      clearTimeout(timer);
      resolve(scaled);
    };
    worker.once('message', settle);
    worker.once('error', () => settle());
    worker.once('exit', () => settle());
  });
}

function inThisThread(png: Uint8Array, most: number): Uint8Array | undefined {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded only when it is needed
  const { scalePng } = require('./scale-png') as typeof ScalePng;
  try {
    return scalePng(png, most);
  } catch {
    return undefined; // Damaged, too large, or of a rare form: then it is described.
  }
}

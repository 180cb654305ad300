import { resolve } from 'node:path';
import { build } from 'esbuild';

const ENTRY = resolve(__dirname, '..', '..', 'src', 'cli.ts');

/** Bundles the command line into this file. Each test file has one of its own: they run side by side. */
export async function buildCli(outfile: string): Promise<void> {
  await build({ entryPoints: [ENTRY], outfile, bundle: true, platform: 'node', target: 'node20', logLevel: 'error' });
}

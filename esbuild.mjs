// Bundles the product (`node esbuild.mjs`) and, with `--tests`, the mocha suites that run inside a real editor.
import { build } from 'esbuild';
import { rm } from 'node:fs/promises';
import { globSync } from './scripts/glob.mjs';

const node = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  external: ['vscode'],
  sourcemap: 'linked',
  legalComments: 'none',
  logLevel: 'warning',
};
const minify = !process.argv.includes('--no-minify');

await rm('dist', { recursive: true, force: true });
await Promise.all([
  build({ ...node, minify, entryPoints: ['src/extension.ts'], outfile: 'dist/extension.js' }),
  build({
    ...node,
    minify,
    entryPoints: ['src/cli.ts'],
    outfile: 'dist/cli.js',
    banner: { js: '#!/usr/bin/env node' },
  }),
  build({
    bundle: true,
    minify,
    format: 'iife',
    target: 'es2022',
    sourcemap: 'linked',
    logLevel: 'warning',
    entryPoints: ['src/panel/client/main.ts'],
    outfile: 'dist/panel.js',
  }),
]);
if (process.argv.includes('--tests')) {
  await build({
    ...node,
    entryPoints: await globSync('test/editor', /\.(test|index)\.ts$|index\.ts$/),
    outdir: 'dist/test/editor',
    external: ['vscode', 'mocha', 'playwright-core'],
  });
}

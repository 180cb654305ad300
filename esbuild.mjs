// Bundles the product (`node esbuild.mjs`) and, with `--tests`, the mocha suites that run inside a real editor.
import { build } from 'esbuild';
import { readdir, rm } from 'node:fs/promises';

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
  const files = (await readdir('test/editor')).filter((file) => file.endsWith('.ts'));
  await build({
    ...node,
    entryPoints: files.map((file) => `test/editor/${file}`),
    outdir: 'dist/test/editor',
    external: ['vscode', 'mocha', '@vscode/ripgrep'],
  });
}

// Bundles the product (`node esbuild.mjs`) and, with `--tests`, the mocha suites that run inside a real editor.
import { build } from 'esbuild';
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { keepCompiled } from './scripts/keep-compiled.mjs';

const node = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  external: ['vscode'],
  sourcemap: 'linked',
  legalComments: 'none',
  logLevel: 'warning',
  // The grammar's package is looked up only in a checkout that was not built.
  logOverride: { 'require-resolve-not-external': 'silent' },
};
/** Our own bundles: Node's loader of modules takes longer than its `require`, for the same file. What others wrote may need it. */
const own = { ...node, supported: { 'dynamic-import': false } };
/**
 * What is large and not needed at once lies beside the bundles, once for both: the SDK until a model is asked, the engine
 * of the grammars until a command is judged, the one of expressions until a job is watched for one, what turns web pages into Markdown until a page comes.
 */
const BESIDE = [
  { file: 'sdk', from: '@anthropic-ai/sdk', filter: /^@anthropic-ai\/sdk$/ },
  { file: 'tree-sitter', from: '@vscode/tree-sitter-wasm', filter: /^@vscode\/tree-sitter-wasm$/ },
  { file: 're2', from: 're2js', filter: /^re2js$/ },
  { file: 'page', from: './src/web/page.ts', filter: /\/web\/page$/ },
];
const beside = {
  name: 'beside',
  setup: (build) => {
    for (const { file, filter } of BESIDE)
      build.onResolve({ filter }, ({ kind }) => {
        // Where the grammars lie is asked of the package itself, in a checkout that was not built.
        return kind !== 'require-resolve' ? { path: `./${file}.js`, external: true } : undefined;
      });
  },
};
/** What makes images smaller runs in a thread of its own, from a file of its own. */
const scalerBeside = {
  name: 'scaler-beside',
  setup: (build) => build.onResolve({ filter: /\/scale-png$/ }, () => ({ path: './scale-png.js', external: true })),
};
/** js-yaml looks for a parser of JavaScript around the bundle, for a type of YAML that is refused here: 300 KB read at each start. */
const noEsprima = {
  name: 'no-esprima',
  setup: (build) =>
    build.onLoad({ filter: /js-yaml\/lib\/js-yaml\/type\/js\/function\.js$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replace("_require('esprima')", 'undefined'),
    })),
};
const plugins = [beside, scalerBeside, noEsprima];
const minify = !process.argv.includes('--no-minify');

await rm('dist', { recursive: true, force: true });
await Promise.all([
  build({ ...own, minify, plugins, entryPoints: ['src/extension.ts'], outfile: 'dist/extension.js' }),
  build({
    ...node,
    minify,
    entryPoints: BESIDE.map(({ file, from }) => ({ in: from, out: file === 'sdk' ? 'sdk.code' : file })),
    outdir: 'dist',
  }),
  build({ ...node, minify, entryPoints: ['src/compiled.ts'], outfile: 'dist/compiled.js' }),
  build({ ...node, minify, entryPoints: ['src/host/scale-png.ts'], outfile: 'dist/scale-png.js' }),
  build({
    ...own,
    minify,
    plugins,
    entryPoints: ['src/cli.ts'],
    outfile: 'dist/cli.code.js',
  }),
  build({
    bundle: true,
    minify,
    format: 'iife',
    target: 'es2022',
    sourcemap: 'linked',
    logLevel: 'warning',
    entryPoints: {
      panel: 'src/panel/client/main.tsx',
      'panel-colours': 'src/panel/client/colours/main.ts',
      'panel-curves': 'src/panel/client/curves/main.ts',
    },
    jsx: 'automatic',
    jsxImportSource: 'preact',
    outdir: 'dist',
  }),
]);
// A run judges a few dozen lines: V8's optimising compiler for WebAssembly would take 0.4 s of a core and 40 MB for that.
// Set before anything is loaded, since V8 takes no compiled code from a run with other flags.
await writeFile(
  'dist/cli.js',
  `#!/usr/bin/env node\nrequire('node:v8').setFlagsFromString('--liftoff-only');\nrequire('./compiled.js').load(require.resolve('./cli.code.js'));\n`,
);
await writeFile('dist/sdk.js', `module.exports = require('./compiled.js').load(require.resolve('./sdk.code.js'));\n`);
// VS Code's icons, for the panel.
for (const file of ['codicon.css', 'codicon.ttf'])
  await cp(`node_modules/@vscode/codicons/dist/${file}`, `dist/${file}`);
// The shell grammars and their engine: loaded with the first command that has to be judged.
for (const file of ['tree-sitter.wasm', 'tree-sitter-bash.wasm', 'tree-sitter-powershell.wasm']) {
  await cp(`node_modules/@vscode/tree-sitter-wasm/wasm/${file}`, `dist/wasm/${file}`);
}
await keepCompiled();
if (process.argv.includes('--tests')) {
  const files = (await readdir('test/editor')).filter((file) => file.endsWith('.ts'));
  await build({
    ...node,
    entryPoints: files.map((file) => `test/editor/${file}`),
    outdir: 'dist/test/editor',
    external: ['vscode', 'mocha', '@vscode/ripgrep'],
  });
}

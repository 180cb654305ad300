// What the package would hold, compared with the allow-list: nothing else may slip in, and it must stay small.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ALLOWED = [
  /^package\.json$/u,
  /^package\.nls(?:\.[\w-]+)?\.json$/u,
  /^l10n\/[\w.-]+\.json$/u,
  /^(?:README|CHANGELOG|LICENSE)(?:\.(?:md|txt))?$/iu,
  /^dist\/(?:extension|cli|cli\.code|compiled|panel|panel-colours|panel-curves|page|re2|sdk|sdk\.code|tree-sitter|scale-png)\.js$/u,
  /^dist\/codicon\.(?:css|ttf)$/u,
  /^dist\/(?:cli|sdk)\.code\.v8$/u,
  /^dist\/wasm\/tree-sitter(?:-bash|-powershell)?\.wasm$/u,
  /^media\/[\w./-]+$/u,
  /^droids\/[\w-]+\.md$/u,
  /^agents\/[\w-]+\.agent\.md$/u,
  /^skills\/[\w./-]+$/u,
  /^examples\/churn\/[\w./-]+$/u,
  /^docs\/screenshots\/[\w-]+\.png$/u,
];
const MAX_BYTES = 3_000_000;

const listed = execFileSync('npx', ['vsce', 'ls', '--no-dependencies'], { encoding: 'utf8' })
  .split('\n')
  .filter((line) => line !== '' && !line.includes(' '));
const extra = listed.filter((file) => !ALLOWED.some((pattern) => pattern.test(file)));
if (extra.length > 0) fail(`These files are not on the allow-list:\n  ${extra.join('\n  ')}`);
const missing = [
  'dist/extension.js',
  'dist/cli.js',
  'dist/cli.code.js',
  'dist/cli.code.v8',
  'dist/compiled.js',
  'dist/panel.js',
  'dist/panel-colours.js',
  'dist/panel-curves.js',
  'dist/page.js',
  'dist/re2.js',
  'dist/scale-png.js',
  'dist/sdk.js',
  'dist/sdk.code.js',
  'dist/sdk.code.v8',
  'dist/tree-sitter.js',
  'droids/ml-engineer.md',
  'agents/ml-engineer.agent.md',
  'media/demo/churn.json',
  'media/walkthrough/key.md',
  'media/walkthrough/ask.svg',
].filter((file) => !listed.includes(file));
if (missing.length > 0) fail(`These files are missing from the package:\n  ${missing.join('\n  ')}`);

const folder = mkdtempSync(join(tmpdir(), 'ml-engineer-package-'));
try {
  const vsix = join(folder, 'ml-engineer.vsix');
  execFileSync(
    'npx',
    [
      'vsce',
      'package',
      '--no-dependencies',
      '--allow-missing-repository',
      '--no-rewrite-relative-links',
      '--out',
      vsix,
    ],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  const { size } = statSync(vsix);
  console.log(`${listed.length} files, ${(size / 1_000_000).toFixed(2)} MB packed`);
  if (size > MAX_BYTES) fail(`The package has ${size} bytes; at most ${MAX_BYTES} are allowed.`);
} finally {
  rmSync(folder, { recursive: true });
}

function fail(message) {
  console.error(message);
  process.exitCode = 1;
}

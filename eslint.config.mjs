import { dirname, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import typescript from 'typescript-eslint';

const root = dirname(fileURLToPath(import.meta.url));

/** Who may import whom: a folder (or top-level file) of src and the ones it may reach, type imports included. */
const DIRECTIONS = {
  'extension.ts': [
    'vscode',
    'panel',
    'review',
    'checkpoints',
    'models',
    'tools',
    'library',
    'agent',
    'artefacts',
    'host',
    'text',
    'engineer.ts',
  ],
  'session-evidence.ts': ['evidence', 'jobs', 'agent', 'host', 'text'],
  'cli.ts': [
    'cli',
    'jobs',
    'ledger',
    'checkpoints',
    'models',
    'tools',
    'library',
    'agent',
    'artefacts',
    'host',
    'text',
    'engineer.ts',
  ],
  cli: [
    'web',
    'jobs',
    'ledger',
    'trackers',
    'reproduce',
    'preflight',
    'checkpoints',
    'models',
    'tools',
    'library',
    'agent',
    'artefacts',
    'host',
    'text',
    'session-evidence.ts',
    'engineer.ts',
  ],
  'compiled.ts': [],
  'engineer.ts': ['session-skills.ts', 'jobs', 'tools', 'library', 'agent', 'host', 'text'],
  'session-skills.ts': ['tools', 'library', 'agent', 'text'],
  vscode: [
    'web',
    'jobs',
    'ledger',
    'trackers',
    'reproduce',
    'preflight',
    'panel',
    'review',
    'checkpoints',
    'models',
    'tools',
    'library',
    'agent',
    'artefacts',
    'host',
    'text',
    'session-evidence.ts',
    'engineer.ts',
  ],
  panel: ['agent', 'review', 'jobs', 'ledger', 'text'],
  review: ['agent', 'text'],
  checkpoints: ['agent', 'host', 'text'],
  tools: ['agent', 'host', 'jobs', 'ledger', 'library', 'preflight', 'reproduce', 'shell', 'text', 'trackers', 'web'],
  preflight: ['agent', 'artefacts', 'host', 'jobs', 'ledger', 'metrics', 'text'],
  jobs: ['agent', 'artefacts', 'host', 'metrics', 'text'],
  metrics: ['text'],
  reproduce: ['agent', 'host', 'jobs', 'ledger', 'shell', 'text'],
  trackers: ['agent', 'host', 'ledger', 'metrics', 'text'],
  ledger: ['agent', 'artefacts', 'host', 'jobs', 'text'],
  evidence: ['text'],
  shell: ['agent', 'text'],
  artefacts: ['agent', 'host', 'shell', 'text'],
  host: ['agent', 'text'],
  web: ['agent', 'text'],
  models: ['agent', 'text'],
  library: ['text'],
  agent: ['text'],
  text: [],
};
/** Packages that only some folders may import. */
const PACKAGES = {
  vscode: ['vscode', 'extension.ts'],
  '@anthropic-ai/sdk': ['models', 'agent', 'vscode', 'tools', 'cli', 'engineer.ts', 'session-skills.ts'],
};

const importDirections = {
  meta: {
    type: 'problem',
    schema: [],
    messages: { wrong: '{{from}} may not import {{to}}; see "Who may import whom" in CONTRIBUTING.md.' },
  },
  create(context) {
    const [from] = relative(resolve(root, 'src'), context.filename).split(sep);
    const check = (node) => {
      const source = node.source?.value;
      if (typeof source !== 'string') return;
      const to = targetOf(source, context.filename);
      if (to === undefined || to === from) return;
      const allowed = PACKAGES[to] ? PACKAGES[to].includes(from) : DIRECTIONS[from]?.includes(to);
      if (!allowed) context.report({ node, messageId: 'wrong', data: { from, to } });
    };
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
    };
  },
};

function targetOf(source, filename) {
  if (!source.startsWith('.'))
    return Object.keys(PACKAGES).find((name) => source === name || source.startsWith(`${name}/`));
  const [first] = relative(resolve(root, 'src'), resolve(dirname(filename), source)).split(sep);
  if (first === '..') return undefined;
  return first in DIRECTIONS ? first : `${first}.ts` in DIRECTIONS ? `${first}.ts` : undefined;
}

const toolsStandAlone = {
  meta: { type: 'problem', schema: [], messages: { wrong: 'A tool never imports another tool.' } },
  create(context) {
    return {
      ImportDeclaration(node) {
        const isSibling = /^\.\/(?!shared-)/u.test(node.source.value);
        if (isSibling && !context.filename.endsWith(`${sep}index.ts`)) context.report({ node, messageId: 'wrong' });
      },
    };
  },
};

export default typescript.config(
  { ignores: ['dist/', 'node_modules/', 'examples/', 'test/fixtures/extensions/', '.vscode-test/'] },
  ...typescript.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: { project: ['./tsconfig.json', './src/panel/client/tsconfig.json'], tsconfigRootDir: root },
    },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/require-await': 'off', // Ports are asynchronous where one of their implementations is.
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-empty': ['error', { allowEmptyCatch: false }],
      'no-restricted-syntax': ['error', { selector: 'ExportDefaultDeclaration', message: 'Name what you export.' }],
    },
  },
  {
    files: ['src/**/*.{ts,tsx}'],
    plugins: { house: { rules: { 'import-directions': importDirections } } },
    rules: { 'house/import-directions': 'error', 'max-lines': ['error', { max: 400 }] },
  },
  {
    files: ['src/tools/*.ts'],
    plugins: { tools: { rules: { 'stand-alone': toolsStandAlone } } },
    rules: { 'tools/stand-alone': 'error' },
  },
  {
    files: ['**/*.mjs', '**/*.cjs'],
    ...typescript.configs.disableTypeChecked,
    rules: {
      ...typescript.configs.disableTypeChecked.rules,
      'no-restricted-syntax': 'off',
      '@typescript-eslint/no-require-imports': 'off',
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: { '@typescript-eslint/no-floating-promises': 'off', '@typescript-eslint/no-unsafe-assignment': 'off' },
  },
);

import assert from 'node:assert/strict';
import { classifyLine } from '../../../src/shell/classify';
import { grammarOf } from '../../../src/shell/grammar';

const FILES_ONLY = [
  'pytest',
  'pytest -q tests/test_a.py::test_b -k "split and not slow"',
  'python3 -m unittest',
  'python -m unittest -v tests.test_split',
  'python -m pytest --tb=short tests',
  'python train.py --epochs 3 --out runs/one',
  'cd src && python3 -u a.py',
  'timeout 60 python3 a.py',
  '.venv/bin/python a.py',
  'node scripts/a.mjs',
  'Rscript analysis.R',
  'bash -eu scripts/run.sh',
  'make test -j4',
  'npm test',
  'npm run build',
  'FOO=1 pytest',
];
const MORE_THAN_FILES = [
  'python -c "import os"',
  'python3 - <<EOF\nprint(1)\nEOF',
  'python3 a.py <<< x',
  'echo x | python3 a.py',
  'python3',
  'python3 -m timeit "x"',
  'python3 -m http.server',
  'python3 -i a.py',
  'python3 /tmp/a.py',
  'python3 ../a.py',
  'python3 ~/a.py',
  'python3 a.py --out=/etc/x',
  '/tmp/venv/bin/python a.py',
  'python3 $SCRIPT',
  'python3 *.py',
  'pytest *',
  'pytest -p plugin',
  'pytest --basetemp=data',
  'pytest --override-ini=x=y',
  'node -e "x"',
  'node -r ./a.js b.js',
  'perl -e x',
  'make X=$(rm)',
  'make "SHELL=rm"',
  'make --eval=x',
  'make -f other.mk',
  'npx something',
  'npm exec something',
  'npm run build -- --x',
  'uv run --with x a.py',
  'docker run x',
  'xargs python3 a.py',
  'find . -name x -exec python3 a.py {} +',
  'PYTHONPATH=/tmp pytest',
];

describe('a command that runs code', () => {
  const allOf = async (line: string): Promise<boolean> => {
    const parts = classifyLine(line, await grammarOf('bash'), { cwd: '/work/repo', folders: ['/work/repo'] });
    return parts.every((part) => part.class === 'read-only' || part.onlyFiles === true);
  };
  for (const line of FILES_ONLY)
    it(`runs only files of the workspace: ${line}`, async () => assert.equal(await allOf(line), true));
  for (const line of MORE_THAN_FILES)
    it(`runs more than that, or is not known not to: ${line}`, async () => assert.equal(await allOf(line), false));
});

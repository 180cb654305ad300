import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Dialect } from '../../../src/agent/tool';
import { threatsOf, type Threats } from '../../../src/artefacts/threats';
import { ArtefactWorkspace } from '../../support/artefact-workspace';

const never = new AbortController().signal;

describe('what a call may lose', () => {
  let workspace: ArtefactWorkspace;

  before(() => {
    workspace = new ArtefactWorkspace();
    workspace
      .put({
        'data/train.csv': 500,
        'data/test.csv': 400,
        'data/README.md': 'about',
        'data/raw/a b.parquet': 300,
        'checkpoints/best.ckpt': 900,
        'checkpoints/last.ckpt': 800,
        'runs/exp/weights/best.pt': 700,
        'committed.pkl': 100,
        'changed.pkl': 100,
        'new.csv': 50,
        'src/train.py': 'print(1)',
        '.gitignore': '/data/\ncheckpoints/\nruns/\n',
        'sub/data/other.npy': 60,
        'tmp/note.txt': 'x',
      })
      .commit('committed.pkl', 'changed.pkl', 'src', '.gitignore')
      .put({ 'changed.pkl': 120 });
  });
  after(() => workspace.remove());

  const threats = async (command: string, cwd?: string, dialect?: Dialect): Promise<Threats> =>
    threatsOf(
      await workspace.command(command, cwd, dialect),
      { folders: [{ name: 'w', path: workspace.path }], globs: [] },
      never,
    );
  const shown = ({ artefacts }: Threats, quiet: boolean): string[] =>
    artefacts
      .filter((one) => one.quiet === quiet)
      .map((one) => one.shown)
      .sort();

  const DATA = ['data/raw/a b.parquet', 'data/test.csv', 'data/train.csv'];
  const CHECKPOINTS = ['checkpoints/best.ckpt', 'checkpoints/last.ckpt'];
  const LOST: [string, string[], string?][] = [
    ['rm -rf data', DATA],
    ['rm -rf ./data/', DATA],
    ['rm -rf -- data/*', DATA],
    ['rm data/*.csv', ['data/test.csv', 'data/train.csv']],
    ['rm data/t{est,rain}.csv', ['data/test.csv', 'data/train.csv']],
    ["rm 'data/raw/a b.parquet'", ['data/raw/a b.parquet']],
    ['sudo rm -rf data', DATA],
    ['bash -c "rm -rf data"', DATA],
    ['D=data; rm -rf "$D"', DATA],
    ['rm -rf ${OUT:-data}', DATA],
    ['rm -rf "$(pwd)/data"', DATA],
    ['for d in data checkpoints; do rm -rf $d; done', [...CHECKPOINTS, ...DATA]],
    ['cd data && rm -rf raw', ['data/raw/a b.parquet']],
    ['cd missing; rm -rf data', DATA],
    ['cd tmp && rm -rf data', []],
    ['(cd tmp && ls); rm -rf data', DATA],
    ['cd tmp && python gen.py & rm -rf data', DATA],
    ['rm -rf data', ['sub/data/other.npy'], 'sub'],
    ['rm -rf ../data', DATA, 'sub'],
    ['find data -name "*.csv" -delete', ['data/test.csv', 'data/train.csv']],
    ['find data -name "*.csv" | xargs rm -f', ['data/test.csv', 'data/train.csv']],
    ['find data -type f -exec rm {} +', DATA],
    ['find . -name "*.pyc" -delete', []],
    ['find . -name "*.pyc" -o -name "*.ckpt" -delete', CHECKPOINTS],
    ['mv new.csv data/train.csv', ['data/train.csv']],
    ['mv data/train.csv data/old.csv', []],
    ['mv data tmp/ && rm -rf tmp', DATA],
    ['cp new.csv data/train.csv', ['data/train.csv']],
    ['cp -n new.csv data/train.csv', []],
    ['cp src/train.py checkpoints/', []],
    ['cp tmp/best.ckpt checkpoints', ['checkpoints/best.ckpt']],
    ['echo a > data/train.csv', ['data/train.csv']],
    ['echo a >> data/train.csv', []],
    ['sort new.csv | tee data/train.csv', ['data/train.csv']],
    ['tee -a data/train.csv < new.csv', []],
    ['truncate -s 0 checkpoints/best.ckpt', ['checkpoints/best.ckpt']],
    ['dd if=/dev/zero of=checkpoints/best.ckpt count=1', ['checkpoints/best.ckpt']],
    ['sed -i s/a/b/ data/train.csv', ['data/train.csv']],
    ['curl -o data/train.csv https://example.org/x', ['data/train.csv']],
    ['rsync -a --delete tmp/ data/', DATA],
    ['rsync -an --delete tmp/ data/', []],
    ['git clean -fd', ['sub/data/other.npy']],
    ['git clean -fdx', [...CHECKPOINTS, ...DATA, 'runs/exp/weights/best.pt', 'sub/data/other.npy']],
    ['git clean -ndx', []],
    ['git checkout .', ['changed.pkl']],
    ['git checkout -- changed.pkl', ['changed.pkl']],
    ['git reset --hard', ['changed.pkl']],
    ['git restore committed.pkl', []],
    ['git stash', ['changed.pkl']],
    ['git -C sub/../ clean -fdX', [...CHECKPOINTS, ...DATA, 'runs/exp/weights/best.pt']],
    ['python train.py --output_dir checkpoints --overwrite_output_dir', CHECKPOINTS],
    ['python train.py --output-dir=checkpoints', CHECKPOINTS],
    ['yolo train project=runs name=exp exist_ok=True', ['runs/exp/weights/best.pt']],
    ['yolo train name=weights project=runs/exp resume=False', ['runs/exp/weights/best.pt']],
    ["python -c \"open('data/train.csv','w')\"", ['data/train.csv']],
    ['python - <<EOF\nimport shutil\nshutil.rmtree("data")\nEOF', DATA],
    ['cat data/train.csv', []],
    ['ls -la data; echo done', []],
    ['rm -rf src/__pycache__', []],
  ];
  for (const [command, expected, cwd] of LOST) {
    it(`${cwd ? `in ${cwd}: ` : ''}${command.replaceAll('\n', '⏎')}`, async () => {
      assert.deepEqual(shown(await threats(command, cwd), false), expected);
    });
  }

  const LOST_IN_POWERSHELL: [string, string[]][] = [
    ['Remove-Item -Recurse -Force data', DATA],
    ['rm -r .\\data', DATA],
    ['del data\\train.csv, data\\test.csv', ['data/test.csv', 'data/train.csv']],
    ["$d = 'data'; Remove-Item $D -Recurse", DATA],
    ["foreach ($f in 'data', 'checkpoints') { rm -r $f }", [...CHECKPOINTS, ...DATA]],
    ['Get-ChildItem data -Recurse | Remove-Item', DATA],
    ['gci checkpoints | % { Remove-Item $_.FullName }', CHECKPOINTS],
    ['cd data; rm train.csv', ['data/train.csv']],
    ['Move-Item new.csv data\\train.csv', ['data/train.csv']],
    ['Copy-Item new.csv -Destination data\\train.csv', ['data/train.csv']],
    ["'x' > data\\train.csv", ['data/train.csv']],
    ["'x' >> data\\train.csv", []],
    ['Get-Date | Out-File data/train.csv', ['data/train.csv']],
    ['Clear-Content data\\train.csv', ['data/train.csv']],
    ['Remove-Item data -Recurse -WhatIf', []],
    ["[IO.File]::Delete('data/train.csv')", ['data/train.csv']],
    ["[System.IO.Directory]::Delete('data', $true)", DATA],
    ["[IO.File]::WriteAllText('data/train.csv', 'x')", ['data/train.csv']],
    ["powershell -c 'rm -r data'", DATA],
    ['git clean -fdx', [...CHECKPOINTS, ...DATA, 'runs/exp/weights/best.pt', 'sub/data/other.npy']],
    ['Get-Content data\\train.csv', []],
  ];
  for (const [command, expected] of LOST_IN_POWERSHELL) {
    it(`in PowerShell: ${command}`, async () => {
      assert.deepEqual(shown(await threats(command, '.', 'powershell'), false), expected);
    });
  }

  const NAMED: [string, string[]][] = [
    ['python train.py --data data/train.csv', ['data/train.csv']],
    ['python train.py --output_dir checkpoints --resume checkpoints/last.ckpt', CHECKPOINTS],
    ["python -c \"p='data/train.csv'; f(open(p,'w'))\"", ['data/train.csv']],
    ['python train.py', []],
  ];
  for (const [command, expected] of NAMED) {
    it(`is worth a copy, not a question: ${command}`, async () => {
      const found = await threats(command);
      assert.deepEqual(shown(found, true), expected);
      assert.deepEqual(shown(found, false), []);
    });
  }

  it('says what is committed and unchanged, and what is nowhere else', async () => {
    const { artefacts } = await threats('rm committed.pkl changed.pkl data/train.csv');
    assert.deepEqual(Object.fromEntries(artefacts.map((one) => [one.shown, one.elsewhere])), {
      'committed.pkl': 'git',
      'changed.pkl': 'nowhere',
      'data/train.csv': 'nowhere',
    });
  });

  it('knows what is written over in place, which a hard link would not keep', async () => {
    const harm = async (command: string): Promise<string | undefined> => (await threats(command)).artefacts[0]?.harm;
    assert.equal(await harm('rm data/train.csv'), 'deletes');
    assert.equal(await harm('mv new.csv data/train.csv'), 'replaces');
    assert.equal(await harm('cp new.csv data/train.csv'), 'overwrites');
    assert.equal(await harm('rm data/train.csv; echo > data/train.csv'), 'overwrites');
    assert.equal((await threats('python x.py && rm data/train.csv')).runsCode, true);
    assert.equal((await threats('rm data/train.csv')).runsCode, false);
  });

  it('counts an edit of an artefact, and not that of a program', async () => {
    const looking = { folders: [{ name: 'w', path: workspace.path }], globs: [] };
    assert.deepEqual(shown(await threatsOf(workspace.edit('data/train.csv'), looking, never), false), [
      'data/train.csv',
    ]);
    assert.deepEqual(shown(await threatsOf(workspace.edit('src/train.py'), looking, never), false), []);
    assert.deepEqual(shown(await threatsOf(workspace.edit('data/none.csv'), looking, never), false), []);
  });

  it('says which words it could not read', async () => {
    assert.deepEqual((await threats('rm -rf "$SOMEWHERE"')).unclear, ['"$SOMEWHERE"']);
  });

  it('stops at its budget and says so', async () => {
    const action = await workspace.command('rm -rf data checkpoints');
    const looking = { folders: [{ name: 'w', path: workspace.path }], globs: [], budget: { files: 1, ms: 2_000 } };
    assert.equal((await threatsOf(action, looking, never)).complete, false);
    assert.equal((await threats('rm -rf data checkpoints')).complete, true);
  });

  it('follows no link below a target, and writes through one', async () => {
    const linked = new ArtefactWorkspace().put({ 'data/x.csv': 5, 'real/y.pt': 5 });
    symlinkSync(join(linked.path, 'real'), join(linked.path, 'data/link'));
    symlinkSync(join(linked.path, 'real/y.pt'), join(linked.path, 'z.pt'));
    const looking = { folders: [{ name: 'w', path: linked.path }], globs: [] };
    const of = async (command: string): Promise<string[]> =>
      shown(await threatsOf(await linked.command(command), looking, never), false);
    assert.deepEqual(await of('rm -rf data'), ['data/x.csv']);
    assert.deepEqual(await of('rm z.pt'), []);
    assert.deepEqual(await of('echo > z.pt'), ['real/y.pt']);
    await linked.remove();
  });

  it('runs no program that the repository names', async () => {
    const hostile = new ArtefactWorkspace().put({
      'a.pkl': 5,
      'evil.sh': '#!/bin/sh\ntouch "$(dirname "$0")/pwned"\n',
    });
    hostile.commit('a.pkl');
    execFileSync('chmod', ['+x', join(hostile.path, 'evil.sh')]);
    hostile.git('config', 'core.fsmonitor', join(hostile.path, 'evil.sh'));
    hostile.put({ '.git/hooks/post-index-change': '#!/bin/sh\ntouch pwned\n' });
    const looking = { folders: [{ name: 'w', path: hostile.path }], globs: [] };
    const found = await threatsOf(await hostile.command('rm a.pkl; git clean -fdx'), looking, never);
    assert.equal(found.artefacts.length, 1);
    assert.equal(found.artefacts[0]?.elsewhere, 'git');
    assert.equal(execFileSync('ls', [hostile.path], { encoding: 'utf8' }).includes('pwned'), false);
    await hostile.remove();
  });
});

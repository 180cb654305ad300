import assert from 'node:assert/strict';
import { recognise, type FileFacts } from '../../../src/artefacts/recognise';

const facts = (shown: string, more: Partial<FileFacts> = {}): FileFacts => ({
  shown,
  size: 10,
  git: 'untracked',
  ...more,
});
const kind = (shown: string, more?: Partial<FileFacts>, globs?: string[]): string | undefined =>
  recognise(facts(shown, more), globs)?.kind;

describe('recognising artefacts', () => {
  it('knows them by extension, in any letter case and folder', () => {
    const kinds = {
      checkpoint: ['a.pt', 'deep/er/best.pth', 'x.ckpt', 'w.H5'],
      model: ['m.safetensors', 'm.keras', 'm.onnx', 'm.gguf', 'm.pkl', 'm.joblib'],
      'data set': ['a.npz', 'a.npy', 'a.parquet', 'a.feather', 'a.arrow', 'a.tfrecord'],
      run: ['events.out.tfevents.1700000000.host', 'mlflow.db'],
    };
    for (const [expected, paths] of Object.entries(kinds))
      for (const path of paths) assert.equal(kind(path), expected, path);
  });

  it('knows what lies in folders of data, checkpoints, models and runs, but not the programs beside it', () => {
    assert.equal(kind('data/images/1.jpg'), 'data set');
    assert.equal(kind('data/notes.csv'), 'data set');
    assert.equal(kind('checkpoints/step-1/optimizer'), 'checkpoint');
    assert.equal(kind('wandb/run-1/config.yaml'), 'run');
    assert.equal(kind('mlruns/0/meta.yaml'), 'run');
    assert.equal(kind('models/model.bin'), 'model');
    for (const path of ['src/data/load.py', 'models/net.py', 'data/README.md', 'src/runs.py', 'data/.gitkeep'])
      assert.equal(kind(path), undefined, path);
    assert.equal(kind('runs/compare.py', { git: 'clean' }), undefined);
  });

  it('knows large tables, and whatever is large and not in git', () => {
    assert.equal(kind('table.csv', { size: 999 }), undefined);
    assert.equal(kind('table.csv', { size: 2e6 }), 'data set');
    assert.equal(kind('blob.bin', { size: 30e6 }), 'data set');
    assert.equal(kind('blob.bin', { size: 30e6, git: 'none' }), 'data set');
    assert.equal(kind('blob.bin', { size: 30e6, git: 'clean' }), undefined);
  });

  it('leaves alone what is installed or built again', () => {
    assert.equal(kind('.venv/lib/python3.11/site-packages/numpy/tests/data/a.pkl'), undefined);
    assert.equal(kind('node_modules/x/data/a.csv', { size: 5e6 }), undefined);
    assert.equal(kind('.git/objects/pack/pack-1.pack', { size: 90e6 }), undefined);
    assert.equal(kind('build/lib.so', { size: 90e6 }), undefined);
    assert.equal(kind('build/model.onnx'), 'model');
  });

  it('lets the user add and remove, the last glob that fits deciding', () => {
    assert.equal(kind('notes.xyz', {}, ['*.xyz']), 'data set');
    assert.equal(kind('deep/notes.xyz', {}, ['*.xyz']), 'data set');
    assert.equal(kind('golden/x.txt', {}, ['golden/']), 'data set');
    assert.equal(kind('test/fixtures/a.pkl', {}, ['!test/fixtures/**']), undefined);
    assert.equal(kind('test/fixtures/a.pkl', {}, ['!test/**', '*.pkl']), 'model');
    assert.equal(kind('a.pt', {}, ['*.pt', '!*.pt']), undefined);
    assert.match(recognise(facts('notes.xyz'), ['*.xyz'])?.why ?? '', /your setting names \*\.xyz/);
  });

  it('tells which sign gave it away', () => {
    assert.equal(recognise(facts('x/best.ckpt'))?.why, 'a .ckpt file');
    assert.equal(recognise(facts('data/a.jpg'))?.why, 'it lies in data/');
  });

  it('is not misled by odd names', () => {
    for (const path of ['', '.', '.pt/x', 'constructor/a', '__proto__', 'a.constructor'])
      assert.equal(kind(path), undefined, path);
  });
});

import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EDITOR_FAULTS } from '../../faults/editor';
import { JOB_FAULTS } from '../../faults/jobs';
import { FAULTS, reliabilityPage } from '../../faults/index';

describe('the table of faults', () => {
  it('names each fault once, and has a word in each cell', () => {
    const ids = FAULTS.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    for (const row of FAULTS)
      for (const [name, text] of Object.entries<string>({ ...row }))
        assert.ok(text.trim() !== '', `${row.id}: ${name}`);
  });

  it('has a test for each fault of the editor and of jobs, whose title begins with its id', async () => {
    const folders = ['unit', 'editor', 'journey'].map((name) => join(__dirname, '..', '..', name));
    const files = await Promise.all(folders.map((folder) => filesIn(folder)));
    const texts = await Promise.all(files.flat().map((file) => readFile(file, 'utf8')));
    for (const { id } of [...EDITOR_FAULTS, ...JOB_FAULTS])
      assert.ok(
        texts.some((text) => new RegExp(`\\bit\\(\\s*['"\`]${id}: `, 'u').test(text)),
        id,
      );
  });

  it('is what docs/reliability.md shows; npm run manifest writes it', async () => {
    const page = await readFile(join(__dirname, '..', '..', '..', 'docs', 'reliability.md'), 'utf8');
    assert.equal(page, reliabilityPage());
  });
});

async function filesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  return names.filter((name) => name.endsWith('.test.ts')).map((name) => join(folder, name));
}

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FAULTS, reliabilityPage } from '../../faults/index';

describe('the table of faults', () => {
  it('names each fault once, and has a word in each cell', () => {
    const ids = FAULTS.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    for (const row of FAULTS)
      for (const [name, text] of Object.entries<string>({ ...row }))
        assert.ok(text.trim() !== '', `${row.id}: ${name}`);
  });

  it('is what docs/reliability.md shows; npm run manifest writes it', async () => {
    const page = await readFile(join(__dirname, '..', '..', '..', 'docs', 'reliability.md'), 'utf8');
    assert.equal(page, reliabilityPage());
  });
});

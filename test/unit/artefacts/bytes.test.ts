import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { haveSameBytes } from '../../../src/artefacts/bytes';

describe('the bytes of two files', () => {
  let folder: string;
  beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'bytes-'))));
  afterEach(() => rm(folder, { recursive: true }));

  it('are the same only where both hold all of them, over pieces of any size', async () => {
    const large = Buffer.alloc(2_097_152, 1);
    const cases: readonly [Buffer, Buffer, boolean][] = [
      [Buffer.alloc(0), Buffer.alloc(0), true],
      [large, Buffer.from(large), true],
      [large, Buffer.concat([large, Buffer.from('x')]), false],
      [Buffer.concat([large, Buffer.from('x')]), large, false],
      [large, Buffer.concat([large.subarray(1), Buffer.from([2])]), false],
    ];
    for (const [index, [one, two, wanted]] of cases.entries()) {
      const [a, b] = [join(folder, `${index}a`), join(folder, `${index}b`)];
      await Promise.all([writeFile(a, one), writeFile(b, two)]);
      assert.equal(await haveSameBytes(a, b, new AbortController().signal), wanted, String(index));
    }
  });
});

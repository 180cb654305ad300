import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { build } from 'esbuild';
import { writeWhole } from '../../../src/host/atomic-write';

const LINES = 20_000;
const KILLS = 30;

/** Writes a file of equal lines over and over, each time of another number. */
const WRITER = `
import { writeWhole } from './src/host/atomic-write';
void (async () => {
  for (let n = 0; ; n++) {
    await writeWhole(process.argv[2] as string, Buffer.from(\`\${n}\\n\`.repeat(${LINES})));
    if (n === 0) process.stdout.write('going');
  }
})();
`;

describe('a file written whole', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ml-engineer-write-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it(`is the old or the new one after ${KILLS} kills in the middle of writing, and the next write tidies up`, async () => {
    const program = join(folder, 'writer.cjs');
    const stdin = { contents: WRITER, resolveDir: process.cwd(), loader: 'ts' } as const;
    await build({ stdin, bundle: true, platform: 'node', outfile: program, logLevel: 'error' });
    const path = join(folder, 'kept', 'result.json');
    let leftovers = 0;
    for (let round = 0; round < KILLS; round++) {
      const child = spawn(process.execPath, [program, path], { stdio: ['ignore', 'pipe', 'inherit'] });
      await once(child.stdout, 'data');
      await wait(Math.random() * 30);
      child.kill('SIGKILL');
      await once(child, 'exit');
      const lines = (await readFile(path, 'utf8')).split('\n');
      assert.equal(lines.length, LINES + 1);
      assert.equal(new Set(lines.slice(0, -1)).size, 1);
      leftovers += (await readdir(join(folder, 'kept'))).length - 1;
      await writeWhole(path, Buffer.from('next'));
      assert.deepEqual(await readdir(join(folder, 'kept')), ['result.json']);
    }
    assert.ok(leftovers > 0, 'no kill came in the middle of a write: this test proved nothing');
  });

  it('leaves alone what a running process, another machine or another file is being written through', async () => {
    const path = join(folder, 'a');
    let name = '';
    const slow = writeWhole(path, Buffer.alloc(50_000_000));
    while (name === '') name = (await readdir(folder)).find((one) => one.startsWith('.ml-engineer-')) ?? '';
    await slow;
    const [, begin = '', host = ''] = /^(\.ml-engineer-[0-9a-f]+-)([0-9a-f]+-)/u.exec(name) ?? [];
    const dead = '999999999-0a.tmp'; // Past any pid there can be.
    const others = [
      `${begin}${host}${process.ppid}-0a.tmp`,
      `${begin}0123456789-${dead}`,
      `.ml-engineer-0123456789-${host}${dead}`,
    ];
    for (const other of [...others, `${begin}${host}${dead}`]) await writeFile(join(folder, other), '');
    await writeWhole(path, Buffer.from('x'));
    assert.deepEqual((await readdir(folder)).sort(), [...others, 'a'].sort());
  });

  it('takes a name as long as names can be', async () => {
    const path = join(folder, 'é'.repeat(127));
    await writeWhole(path, Buffer.from('x'));
    assert.equal(await readFile(path, 'utf8'), 'x');
  });
});

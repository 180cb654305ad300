// Rows of npm run bench: searching, reading and editing against ripgrep itself and a plain loop over the file.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { rgPath } from '@vscode/ripgrep';
import { createNodeHost } from '../src/host/node';
import { edit } from '../src/tools/edit';
import { executeTool } from '../src/tools/execute';
import { glob } from '../src/tools/glob';
import { grep } from '../src/tools/grep';
import { read } from '../src/tools/read';
import { FakeSession } from '../test/support/fake-tool-context';

const RUNS = 7;
const FOLDERS = 100;
const FILES_PER_FOLDER = 1_000;
/** Grep may cost this much above ripgrep's own time, Glob this factor of `rg --files --sortr modified`. */
const GREP_EXTRA_MS = 30;
const GLOB_FACTOR = 1.5;

const run = promisify(execFile);
const median = (values: number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** Both in turns, so that what slows the machine slows both; after one warm-up. */
async function pairs(
  ours: () => Promise<unknown>,
  floor: () => Promise<unknown>,
): Promise<{ ours: number; floor: number }> {
  const times: [number, number][] = [];
  for (let index = 0; index <= RUNS; index++) {
    const pair: [number, number] = [await timed(ours), await timed(floor)];
    if (index > 0) times.push(pair);
  }
  return { ours: median(times.map(([time]) => time)), floor: median(times.map(([, time]) => time)) };
}

async function manyFiles(folder: string): Promise<void> {
  for (let index = 0; index < FOLDERS; index++) {
    const inner = join(folder, `part-${index}`);
    await mkdir(inner);
    await Promise.all(
      Array.from({ length: FILES_PER_FOLDER }, (_, file) =>
        writeFile(join(inner, `run_${file}.py`), `def step_${file}():\n    return ${file === 7 ? 'needle' : file}\n`),
      ),
    );
  }
}

/** Prints the rows; gives false when a limit is broken. */
export async function benchTools(): Promise<boolean> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'ml-engineer-bench-')));
  try {
    await manyFiles(folder);
    const session = new FakeSession({ host: createNodeHost({ folders: [folder], ripgrep: [rgPath] }) });
    const rg = (...args: string[]): Promise<unknown> =>
      run(rgPath, ['--no-config', ...args], { cwd: folder, maxBuffer: 1e8 });
    const found = await pairs(
      () => session.call(grep, { pattern: 'needle' }),
      () => rg('-l', 'needle', folder),
    );
    const listed = await pairs(
      () => session.call(glob, { patterns: ['**/*.py'] }),
      () => rg('--files', '--sortr', 'modified'),
    );
    const path = join(folder, 'long.py');
    const text = Array.from({ length: 2_000 }, (_, line) => `value_${line} = ${line}`).join('\n');
    await writeFile(path, text);
    const shown = await pairs(
      () => session.call(read, { file_path: path }),
      async () =>
        (await readFile(path, 'utf8'))
          .split('\n')
          .map((line, index) => `${index + 1}\t${line}`)
          .join('\n'),
    );
    const state = { state: join(folder, '.state'), secrets: [], waitSeconds: () => 600, stopSeconds: () => 10 };
    // Each may become a job; the floor is the same call without that.
    const started = await pairs(
      () => session.call(executeTool(undefined, state), { command: 'true' }),
      () => session.call(executeTool(), { command: 'true' }),
    );
    let turn = 0;
    const changed = await pairs(
      () =>
        session.call(edit, {
          file_path: path,
          old_str: `value_9 = ${turn || 9}`,
          new_str: `value_9 = ${(turn += 100)}`,
        }),
      async () => writeFile(path, (await readFile(path, 'utf8')).replace('value_10 = 10', 'value_10 = 10')),
    );
    const row = (name: string, { ours, floor }: typeof found, goal?: { text: string; kept: boolean }): void => {
      const times = `ours ${ours.toFixed(1).padStart(6)} ms  floor ${floor.toFixed(1).padStart(6)} ms  ratio ${(ours / floor).toFixed(2)}`;
      console.log(
        `${name.padEnd(24)} ${times}${goal ? `  goal ${goal.text}: ${goal.kept ? 'reached' : 'NOT reached'}` : ''}`,
      );
    };
    const grepKept = found.ours <= found.floor + GREP_EXTRA_MS;
    const globKept = listed.ours <= listed.floor * GLOB_FACTOR;
    console.log(
      `\n${(FOLDERS * FILES_PER_FOLDER).toLocaleString('en')} files, medians of ${RUNS} pairs after one warm-up.`,
    );
    row('Grep, against rg -l', found, { text: `rg + ${GREP_EXTRA_MS} ms`, kept: grepKept });
    row('Glob, against rg --files', listed, { text: GLOB_FACTOR.toFixed(2), kept: globKept });
    row('Read, 2,000 lines', shown);
    row('Execute, may be a job', started);
    row('Edit, synced and read back', changed);
    return grepKept && globKept;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

// Rows of npm run bench: a checkpoint after a one-file edit against plain git on the same files.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DEFAULT_CHECKPOINTS } from '../src/checkpoints/bounds';
import { CheckpointStore } from '../src/checkpoints/store';

const RUNS = 7;
const FOLDERS = 500;
const FILES_PER_FOLDER = 100;
const GOAL_MS = 300;
const GOAL_RATIO = 2;

const run = promisify(execFile);
const median = (values: number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** The longest time for which nothing else could run in this process meanwhile. */
async function longestPause(work: () => Promise<unknown>): Promise<number> {
  let [last, longest] = [performance.now(), 0];
  const beat = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 1);
  await work();
  clearInterval(beat);
  return longest;
}

/** Prints the row; gives false when a limit is broken. */
export async function benchCheckpoints(): Promise<boolean> {
  const top = await realpath(await mkdtemp(join(tmpdir(), 'ml-engineer-bench-')));
  const folder = join(top, 'work');
  try {
    for (let part = 0; part < FOLDERS; part++) {
      await mkdir(join(folder, `part-${part}`), { recursive: true });
      await Promise.all(
        Array.from({ length: FILES_PER_FOLDER }, (_, file) =>
          writeFile(join(folder, `part-${part}`, `m${file}.py`), `def step_${file}():\n    return ${part * file}\n`),
        ),
      );
    }
    const store = new CheckpointStore({
      ...{ storage: join(top, 'storage'), folders: () => [folder], settings: () => DEFAULT_CHECKPOINTS },
    });
    const env = { PATH: process.env['PATH'], HOME: top, GIT_DIR: join(top, 'plain'), GIT_WORK_TREE: folder };
    const plain = async (): Promise<void> => {
      await run('git', ['add', '-A'], { cwd: folder, env });
      await run('git', ['write-tree'], { cwd: folder, env });
    };
    await run('git', ['init', '-q'], { cwd: folder, env: { ...env, GIT_WORK_TREE: folder } });
    const first = { ours: await timed(() => store.take()), floor: await timed(plain) };
    const [ours, floor, pauses]: number[][] = [[], [], []];
    for (let turn = 0; turn <= RUNS; turn++) {
      await writeFile(join(folder, 'part-7', 'm7.py'), `edit = ${turn}\n`);
      const pair = [await timed(() => store.take()), await timed(plain)];
      await writeFile(join(folder, 'part-7', 'm7.py'), `edit = 0${turn}\n`);
      const pause = await longestPause(() => store.take());
      if (turn === 0) continue;
      ours!.push(pair[0]!);
      floor!.push(pair[1]!);
      pauses!.push(pause);
    }
    const ratio = median(ours!) / median(floor!);
    const isKept = ratio <= GOAL_RATIO;
    const within = median(ours!) <= GOAL_MS ? `under ${GOAL_MS} ms` : `over ${GOAL_MS} ms`;
    console.log(
      `\n${(FOLDERS * FILES_PER_FOLDER).toLocaleString('en')} files, one of them edited, against git add -A && git write-tree, medians of ${RUNS} pairs.`,
    );
    console.log(
      `${'checkpoint'.padEnd(24)} ours ${median(ours!).toFixed(0).padStart(6)} ms  floor ${median(floor!).toFixed(0).padStart(6)} ms  ratio ${ratio.toFixed(2)}  goal ${GOAL_RATIO.toFixed(2)}: ${isKept ? 'reached' : 'NOT reached'}, ${within}`,
    );
    console.log(
      `first: ours ${first.ours.toFixed(0)} ms, floor ${first.floor.toFixed(0)} ms; the longest pause of the process meanwhile ${median(pauses!).toFixed(0)} ms`,
    );
    return isKept;
  } finally {
    await rm(top, { recursive: true, force: true });
  }
}

// Rows of npm run bench: the hunks of a review against `git diff --no-index` on the same two texts.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { begin, changed, type Author } from '../src/review/file-review';
import { accept } from '../src/review/decide';
import { hunksOf } from '../src/review/hunks';
import { rowsOf } from '../src/review/rows';

const RUNS = 7;
/** A change in every so many lines. */
const SIZES = [
  { lines: 1_000, every: 50, goal: 2 },
  { lines: 50_000, every: 100, goal: 3 },
] as const;

const AGENT: Author = { by: 'agent', call: 'call' };
const median = (values: number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

async function timed(work: () => unknown): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** Exit code 1 says that they differ. */
function gitDiff(before: string, after: string): Promise<void> {
  return new Promise((done, fail) =>
    execFile('git', ['diff', '--no-index', '--', before, after], { maxBuffer: 1e8 }, (error) =>
      error && error.code !== 1 ? fail(new Error(error.message)) : done(),
    ),
  );
}

/** Prints the rows; gives false when a limit is broken. */
export async function benchReview(): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'ml-engineer-bench-'));
  let isKept = true;
  try {
    console.log(`\nHunks with context and word marks, medians of ${RUNS} pairs after one warm-up.`);
    for (const { lines, every, goal } of SIZES) {
      const old = Array.from({ length: lines }, (_, line) => `    value_${line % 997} = compute(${line})\n`);
      const young = old.map((line, index) => (index % every === 7 ? line.replace('compute', 'estimate') : line));
      const [before, after] = [Buffer.from(old.join('')), Buffer.from(young.join(''))];
      const [beforePath, afterPath] = [join(folder, 'before'), join(folder, 'after')];
      await Promise.all([writeFile(beforePath, before), writeFile(afterPath, after)]);
      const [ours, floor, one]: number[][] = [[], [], []];
      for (let run = 0; run <= RUNS; run++) {
        let review = begin('/w/a.py', before);
        const mine = await timed(() => {
          review = changed(begin('/w/a.py', before), after, AGENT);
          for (const hunk of hunksOf(review)) rowsOf(review, hunk);
        });
        const theirs = await timed(() => gitDiff(beforePath, afterPath));
        const decision = await timed(() => accept(review, hunksOf(review).slice(3, 4)));
        if (run === 0) continue;
        ours!.push(mine);
        floor!.push(theirs);
        one!.push(decision);
      }
      const ratio = median(ours!) / median(floor!);
      isKept &&= ratio <= goal;
      console.log(
        `${`hunks, ${lines.toLocaleString('en')} lines`.padEnd(24)} ours ${median(ours!).toFixed(1).padStart(6)} ms  floor ${median(floor!).toFixed(1).padStart(6)} ms  ratio ${ratio.toFixed(2)}  goal ${goal.toFixed(2)}: ${ratio <= goal ? 'reached' : 'NOT reached'}  (accepting one: ${median(one!).toFixed(1)} ms)`,
      );
    }
    return isKept;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

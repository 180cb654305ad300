// Opening a session of 100 MB, against reading the same file and parsing each of its lines, in the same run.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Session } from '../src/agent/session';
import { fileStore } from '../src/host/file-store';
import { longJournal } from '../test/support/long-journal';

const BYTES = 100e6;
const ROUNDS = 5;
const GOAL_RATIO = 0.6;

/** Processor time in ms. */
async function spent(work: () => Promise<unknown>): Promise<number> {
  const began = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1_000;
}

const median = (values: number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

/** True when the goal is reached. */
export async function benchJournal(): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'ml-engineer-bench-journal-'));
  try {
    const path = join(folder, 'journal.jsonl');
    await writeFile(path, longJournal(BYTES));
    const [ours, floor]: number[][] = [[], []];
    for (let round = 0; round < ROUNDS; round++) {
      floor?.push(
        await spent(async () =>
          (await readFile(path, 'utf8')).split('\n').map((line): unknown => line && JSON.parse(line)),
        ),
      );
      ours?.push(await spent(() => Session.open('s', fileStore(folder))));
    }
    const ratio = median((ours ?? []).map((ms, index) => ms / (floor?.[index] ?? NaN)));
    const isReached = ratio <= GOAL_RATIO;
    console.log(
      `open 100 MB              ours ${median(ours ?? [])
        .toFixed(0)
        .padStart(6)} ms  floor ${median(floor ?? [])
        .toFixed(0)
        .padStart(
          6,
        )} ms  ratio ${ratio.toFixed(2)}  goal ${GOAL_RATIO.toFixed(2)}: ${isReached ? 'reached' : 'NOT reached'}`,
    );
    return isReached;
  } finally {
    await rm(folder, { recursive: true });
  }
}

// Rows of npm run bench: long logs, many jobs at once and a long ledger, against the plain reading of the same bytes.
import { createReadStream } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { appendFile, mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createNodeHost } from '../src/host/node';
import { EYES } from '../src/jobs/eyes';
import { isDamaged, listJobs, type JobStatus } from '../src/jobs/jobs';
import { partOfLog, tailOfLog } from '../src/jobs/log';
import { JobReading } from '../src/jobs/reading';
import { startJob, type JobsHome } from '../src/jobs/start';
import { stopJob } from '../src/jobs/stop';
import { glance } from '../src/jobs/wait';
import { rank } from '../src/ledger/best';
import { comparisonOf } from '../src/ledger/comparison';
import { readLedger } from '../src/ledger/read';
import { LEDGER_VERSION, lineOf, type RunRecord } from '../src/ledger/record';
import { likeRuns } from '../src/preflight/expected';

const MEGABYTE = 1e6;
const PIECE_BYTES = 512 * 1024;
/** `ML_ENGINEER_BENCH_LOGS=100,1000` for a gigabyte as well: a minute more, and as much room in the temporary folder. */
const LOGS_MB = (process.env['ML_ENGINEER_BENCH_LOGS'] ?? '100').split(',').map(Number);
const JOBS = 50;
const RUNS = 10_000;
/** Megabytes of log in a second of processor time, and how long others may have to wait meanwhile. */
const GOALS = {
  mbPerSecond: 15,
  pieceMs: 50,
  jobsMs: 1_000,
  ledgerMs: 1_500,
  partMbPerSecond: 400,
  growthMb: 150,
  followMs: 20,
};

const signal = new AbortController().signal;

/** Processor time in ms: other work on the machine does not count. */
async function spent(work: () => Promise<unknown>): Promise<number> {
  const began = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1_000;
}

/** Prints a row; gives whether its goal is kept. */
function row(name: string, ours: number, floor: number, goalMs: number): boolean {
  const isKept = ours <= goalMs;
  console.log(
    `${name.padEnd(24)} ours ${ours.toFixed(0).padStart(6)} ms  floor ${floor.toFixed(0).padStart(6)} ms  ratio ${(ours / floor).toFixed(2)}  goal ${goalMs} ms: ${isKept ? 'reached' : 'NOT reached'}`,
  );
  return isKept;
}

/** What a training run prints: mostly bars and words, a metric now and then. */
function linesFrom(from: number): string {
  return Array.from({ length: 10_000 }, (_, index) => {
    const step = from + index;
    if (step % 10 === 0)
      return `epoch ${Math.floor(step / 1_000)} step ${step} loss=${(1 / (1 + step)).toFixed(6)} lr=0.001`;
    if (step % 50 === 1) return `{"step": ${step}, "val_auc": ${(0.5 + (step % 400) / 1_000).toFixed(4)}}`;
    return `2026-11-25 10:00:00,${step % 1_000} INFO worker ${step % 8}: fetched shard ${step} of the training data`;
  }).join('\n');
}

async function writeLog(path: string, bytes: number): Promise<void> {
  await writeFile(path, '');
  for (let written = 0, step = 0; written < bytes; step += 10_000) {
    const text = `${linesFrom(step)}\n`;
    await appendFile(path, text);
    written += text.length;
  }
}

async function readBytes(path: string): Promise<void> {
  for await (const _ of createReadStream(path, { highWaterMark: 512 * 1024 })) continue;
}

interface Watched {
  /** Megabytes that the process came to hold more than before, at the most. */
  growthMb: number;
  /** The longest that others waited for their turn. */
  blockedMs: number;
}

/** What work costs beside its time. */
async function watched(work: () => Promise<unknown>): Promise<Watched> {
  const before = process.memoryUsage().rss;
  let most = before;
  const timer = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 20);
  const delays = monitorEventLoopDelay({ resolution: 5 });
  delays.enable();
  await work();
  delays.disable();
  clearInterval(timer);
  return { growthMb: (Math.max(most, process.memoryUsage().rss) - before) / MEGABYTE, blockedMs: delays.max / 1e6 };
}

async function benchLogs(home: JobsHome, folder: string): Promise<boolean> {
  const status = await ended(home, folder);
  let isKept = true;
  for (const megabytes of LOGS_MB) isKept = (await benchLog(status, megabytes)) && isKept;
  await rm(status.found.record.log);
  return isKept;
}

async function benchLog(status: JobStatus, megabytes: number): Promise<boolean> {
  const { log } = status.found.record;
  await writeLog(log, megabytes * MEGABYTE);
  let plain: Watched = { growthMb: 0, blockedMs: 0 };
  const floor = await spent(async () => (plain = await watched(() => readBytes(log))));
  const reading = await JobReading.of(status, EYES);
  let beside: Watched = { growthMb: 0, blockedMs: 0 };
  const ours = await spent(async () => (beside = await watched(() => reading.catchUp(status, signal))));
  const kept = [row(`log of ${megabytes} MB`, ours, floor, Math.round((megabytes / GOALS.mbPerSecond) * 1_000))];
  // Others get their turn after each piece of half a megabyte (jobs/reading.ts).
  const piece = ours / ((megabytes * MEGABYTE) / PIECE_BYTES);
  const { growthMb, blockedMs } = beside;
  console.log(
    `  ${piece.toFixed(0)} ms for a piece, after which others get their turn (goal ${GOALS.pieceMs}; longest wait ${blockedMs.toFixed(0)} ms of the clock, with plain reading ${plain.blockedMs.toFixed(0)}); ${growthMb.toFixed(0)} MB more memory (goal ${GOALS.growthMb}, with plain reading ${plain.growthMb.toFixed(0)})`,
  );
  kept.push(piece <= GOALS.pieceMs, growthMb <= GOALS.growthMb);
  const whole = Math.round((megabytes / GOALS.partMbPerSecond) * 1_000);
  const parts = await watched(async () => {
    const tail = await spent(() => partOfLog(log, { from: 'tail' }, 40, signal));
    kept.push(row('  its last lines, numbered', tail, floor, whole));
    const line = megabytes * 6_000;
    const around = await spent(() => partOfLog(log, { from: 'around', line }, 40, signal));
    kept.push(row('  lines from its middle', around, floor, whole));
    kept.push(row('  its end, as a card has it', await spent(() => tailOfLog(log, 30)), floor, GOALS.followMs));
  });
  await appendFile(log, `${linesFrom(0)}\n`);
  const follow = await spent(() => reading.catchUp(status, signal));
  kept.push(row('  10,000 lines more', follow, floor, 150));
  console.log(`  ${parts.growthMb.toFixed(0)} MB more memory for parts (goal ${GOALS.growthMb})`);
  kept.push(parts.growthMb <= GOALS.growthMb);
  return kept.every(Boolean);
}

async function ended(home: JobsHome, folder: string): Promise<JobStatus> {
  const { id } = await started(home, folder, 'true');
  for (;;) {
    const [one] = await listJobs({ state: home.state, folders: [folder] });
    if (one?.id === id && !isDamaged(one) && one.state.state === 'ended') return one;
  }
}

function started(home: JobsHome, folder: string, command: string): ReturnType<typeof startJob> {
  const wanted = { title: command, words: [], watches: [], session: 's', call: 'c' };
  return startJob(home, createNodeHost({ folders: [folder] }), { ...wanted, command, cwd: folder });
}

async function benchMany(home: JobsHome, folder: string): Promise<boolean> {
  const place = { state: home.state, folders: [folder] };
  const command = 'for n in $(seq 200); do echo epoch=$n loss=0.$n; done; sleep 600';
  for (let index = 0; index < JOBS; index++) await started(home, folder, command);
  const running = async (): Promise<JobStatus[]> =>
    (await listJobs(place)).filter((one): one is JobStatus => !isDamaged(one) && one.state.state === 'running');
  try {
    const ours = await spent(async () => {
      const all = await running();
      if (all.length !== JOBS) throw new Error(`${all.length} of ${JOBS} jobs run`);
      await Promise.all(all.map((one) => glance(one, EYES, signal)));
    });
    const root = join(home.state, 'jobs');
    const floor = await spent(async () => {
      const files = await readdir(root, { recursive: true });
      await Promise.all(files.map((file) => readFile(join(root, file)).catch(() => undefined)));
    });
    return row(`status of ${JOBS} jobs`, ours, floor, GOALS.jobsMs);
  } finally {
    await Promise.all((await running()).map((one) => stopJob(one, { by: 's', graceMs: 0, signal })));
  }
}

function record(index: number): RunRecord {
  const auc = 0.5 + ((index * 7_919) % 4_000) / 10_000;
  return {
    ...{ v: LEDGER_VERSION, kind: 'run', id: `20260101T000000-${index.toString(16).padStart(6, '0')}` },
    ...{ at: new Date(1.77e12 + index * 1e6).toISOString(), title: `Run ${index}`, cwd: '.', state: 'ok', exit: 0 },
    command: `python3 train.py --depth ${index % 40} --rate 0.${index % 7} --seed ${index % 5}`,
    seconds: 60 + (index % 600),
    metrics: [
      { name: 'auc', last: auc, split: 'val', line: 9 },
      { name: 'loss', last: 1 - auc },
    ],
    seeds: [{ name: '--seed', value: String(index % 5) }],
    code: { commit: 'c'.repeat(40), dirty: false },
    data: [{ path: 'data/churn.csv', size: 1_000, hash: 'd'.repeat(64) }],
    environment: { python: '3.11.2', lock: { kind: 'uv', hash: 'e'.repeat(64) } },
    ...{ artefacts: [{ path: `runs/${index}/model.pt`, size: 9, hash: 'f'.repeat(64) }], session: 's' },
  };
}

async function benchLedger(folder: string): Promise<boolean> {
  const path = join(folder, 'ledger.jsonl');
  await writeFile(path, Array.from({ length: RUNS }, (_, index) => lineOf(record(index))).join(''));
  const floor = await spent(async () =>
    (await readFile(path, 'utf8')).split('\n').map((line): unknown => line && JSON.parse(line)),
  );
  const ours = await spent(async () => {
    const { runs } = await readLedger(folder, 'ledger.jsonl');
    if (runs.length !== RUNS) throw new Error(`${runs.length} of ${RUNS} runs were read`);
    comparisonOf(runs.slice(-8), runs);
    rank(runs, 'auc', 'max');
    likeRuns(runs, runs.at(-1)?.record.command ?? '', '.');
  });
  return row(`ledger of ${RUNS} runs`, ours, floor, GOALS.ledgerMs);
}

/** Prints the rows; gives false when a goal is missed. */
export async function benchJobs(): Promise<boolean> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'ml-engineer-bench-jobs-')));
  const folder = join(root, 'work');
  await mkdir(folder);
  const home: JobsHome = { state: join(root, 'state'), secrets: [], waitSeconds: () => 1, stopSeconds: () => 1 };
  try {
    console.log('\nJobs: what is read for metrics, all that run, and the ledger opened, compared and ranked.');
    const kept = [await benchLogs(home, folder), await benchMany(home, folder), await benchLedger(folder)];
    return kept.every(Boolean);
  } finally {
    await rm(root, { recursive: true, force: true, maxRetries: 5 });
  }
}

if (process.argv[1]?.endsWith('bench-jobs.ts')) void benchJobs().then((isKept) => (process.exitCode = isKept ? 0 : 1));

// npm run bench: the command line against the floor, the same trajectory in the same run, as ratios.
import { spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { benchCheckpoints } from './bench-checkpoints';
import { benchJobs } from './bench-jobs';
import { benchJournal } from './bench-journal';
import { benchReview } from './bench-review';
import { benchChanges } from './bench-changes';
import { benchPanel } from './bench-panel';
import { benchEvidence } from './bench-evidence';
import { benchTools } from './bench-tools';
import { startAnthropicServer, type ScriptedTurn } from '../test/support/anthropic-server';

const PROJECT = resolve(__dirname, '..');
const RUNS = 7;
/** What is to be reached, as a multiple of the floor or as it stands. */
const GOALS = { trajectory: 2.5, firstRequest: 250 / 75, memoryMb: 130, headBytes: 24_000 };

interface Sample {
  trajectoryMs: number;
  firstRequestMs: number;
  memoryMb: number;
  headBytes: number;
}

async function measure(command: string[], turns: ScriptedTurn[]): Promise<Sample> {
  const home = await mkdtemp(join(tmpdir(), 'ml-engineer-bench-'));
  const folder = join(home, 'churn');
  await cp(join(PROJECT, 'examples', 'churn'), folder, { recursive: true });
  let first = 0;
  const server = await startAnthropicServer({ turns, onRequest: () => (first ||= performance.now()) });
  const began = performance.now();
  try {
    const errors = await ended(command, folder, {
      PATH: process.env['PATH'] ?? '',
      HOME: home,
      ANTHROPIC_API_KEY: 'test-key',
      ANTHROPIC_BASE_URL: server.url,
      ANTHROPIC_MODEL: 'claude-opus-5-5',
    });
    const trajectoryMs = performance.now() - began;
    const body = server.requests[0]?.body;
    if (server.requests.length !== turns.length)
      throw new Error(
        `${command.join(' ')} made ${server.requests.length} requests of ${turns.length}: ${server.refusals.join()} ${errors}`,
      );
    const memory = /Maximum resident set size \(kbytes\): (\d+)/u.exec(errors)?.[1];
    return {
      trajectoryMs,
      firstRequestMs: first - began,
      memoryMb: Number(memory ?? NaN) / 1024,
      headBytes: Buffer.byteLength(JSON.stringify([body?.system, body?.tools])),
    };
  } finally {
    await server.stop();
    await rm(home, { recursive: true, force: true });
  }
}

/** Runs a command to its end; resolves to what it wrote on standard error, with GNU time's figures where it is there. */
function ended(command: string[], cwd: string, env: Record<string, string>): Promise<string> {
  return new Promise((done, fail) => {
    const child = spawn('/usr/bin/time', ['-v', ...command], { cwd, env, stdio: ['ignore', 'ignore', 'pipe'] });
    let errors = '';
    child.stderr.on('data', (data) => (errors += String(data)));
    child.once('error', fail);
    child.once('close', () => done(errors));
  });
}

const median = (values: number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

async function main(): Promise<void> {
  const { turns } = JSON.parse(
    await readFile(join(PROJECT, 'test', 'fixtures', 'trajectories', 'nine-requests.json'), 'utf8'),
  ) as { turns: ScriptedTurn[] };
  const allowed = ['--permission-mode', 'acceptEdits', '--allow', 'Execute(python3 -m unittest *)'];
  const ours = [process.execPath, join(PROJECT, 'dist', 'cli.js'), ...allowed, 'fix the split'];
  const floor = [process.execPath, join(PROJECT, 'scripts', 'bench-floor.mjs'), 'fix the split'];
  const pairs: { ours: Sample; floor: Sample }[] = [];
  for (let run = 0; run <= RUNS; run++) {
    const pair = { ours: await measure(ours, turns), floor: await measure(floor, turns) };
    if (run > 0) pairs.push(pair);
  }
  let isBroken = false;
  const of = (who: 'ours' | 'floor', what: keyof Sample): number => median(pairs.map((pair) => pair[who][what]));
  const ratio = (what: keyof Sample): number => median(pairs.map((pair) => pair.ours[what] / pair.floor[what]));
  const row = (name: string, what: keyof Sample, unit: string, value: number, goal: number): void => {
    const mark = value <= goal ? 'reached' : 'NOT reached';
    isBroken ||= value > goal;
    console.log(
      `${name.padEnd(24)} ours ${of('ours', what).toFixed(0).padStart(6)} ${unit}  floor ${of('floor', what).toFixed(0).padStart(6)} ${unit}  ratio ${ratio(what).toFixed(2)}  goal ${goal.toFixed(2)}: ${mark}`,
    );
  };
  console.log(`Nine requests on examples/churn, medians of ${RUNS} pairs after one warm-up, Node ${process.version}.`);
  row('whole trajectory', 'trajectoryMs', 'ms', ratio('trajectoryMs'), GOALS.trajectory);
  row('start to first request', 'firstRequestMs', 'ms', ratio('firstRequestMs'), GOALS.firstRequest);
  row('memory at its highest', 'memoryMb', 'MB', of('ours', 'memoryMb'), GOALS.memoryMb);
  row('system and tools', 'headBytes', 'B ', of('ours', 'headBytes'), GOALS.headBytes);
  if (!(await benchTools())) isBroken = true;
  if (!(await benchJournal())) isBroken = true;
  if (!(await benchJobs())) isBroken = true;
  if (!(await benchReview())) isBroken = true;
  if (!(await benchCheckpoints())) isBroken = true;
  if (!(await benchPanel())) isBroken = true;
  if (!(await benchChanges())) isBroken = true;
  if (!benchEvidence()) isBroken = true;
  process.exitCode = isBroken ? 1 : 0;
}

void main();

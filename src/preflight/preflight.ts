import { mkdir, realpath, rm, statfs } from 'node:fs/promises';
import { constrainedMemory } from 'node:process';
import { freemem, totalmem } from 'node:os';
import type { Action } from '../agent/tool';
import { threatsOf } from '../artefacts/threats';
import type { Host } from '../host/host';
import { cards } from '../jobs/usage';
import { maskSecrets } from '../text/secrets';
import { codeState, hashOfState, madeSince } from './code-state';
import { expectedByTrial, isSameProgram, scaleOf } from './expected';
import { packageFaults, packagesOf } from './packages';
import { armReads, type ReadProof } from './read-proof';
import { peakOf, PREFLIGHT_VERSION, wholeBytes, type Expected, type Report, type Trial } from './report';
import { runTrial } from './trial';
import { lookBefore, writtenSince, type Output, type Places } from './written';

/** So many files are watched for being read: what a run goes on from is among the largest. */
const MAX_WATCHED = 20;
/** Of what is free a job should leave this much. */
const ROOM = 0.9;

export interface PreflightWish {
  command: string;
  /** What the job would do, for a look at what it may lose. */
  action: Action;
  /** One batch of it, its output in `scratch` where it can be told so. */
  dry: string;
  /** Begins from what the dry run saved. */
  resume?: string | undefined;
  /** Absolute. */
  cwd: string;
  /** The workspace folder. */
  project: string;
  /** A folder of this trial alone, absolute; gone when it is over. */
  scratch: string;
  /** Of each of the two commands. */
  timeoutMs: number;
  globs: readonly string[];
  secrets: readonly string[];
  /** What the ledger says of the time. */
  byRuns: Expected | undefined;
  /** US dollars that an hour costs. */
  pricePerHour: number | undefined;
  progress: (text: string) => void;
}

/** Tries a job in small: runs, saves, goes on from there; and looks at what the whole of it will need. */
export async function preflight(wish: PreflightWish, host: Host, signal: AbortSignal): Promise<Report> {
  const { scratch, project } = wish;
  const before = await codeState(project, signal);
  await mkdir(scratch, { recursive: true, mode: 0o700 });
  try {
    const tried = await tryOut(wish, host, signal);
    const after = await codeState(project, signal);
    const made = madeSince(before, after);
    const code = { hash: hashOfState(before), files: before.files.size, complete: before.complete, made };
    return masked(await reported({ ...wish, ...tried, code }, host, signal), wish.secrets);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

interface Tried {
  dry_: Trial;
  resume_: Trial | undefined;
  saved: Output[];
  writtenBytes: number;
  resumed: Report['resumed'];
}

async function tryOut(wish: PreflightWish, host: Host, signal: AbortSignal): Promise<Tried> {
  const { dry, resume, cwd, timeoutMs, progress, globs, scratch } = wish;
  const places: Places = { folders: host.folders, globs, scratch };
  const run = (command: string, title: string): Promise<Trial> =>
    runTrial({ command, cwd, title, timeoutMs, progress }, host, signal);
  const before = await lookBefore(places, signal);
  const dryTrial = await run(dry, 'Pre-flight: dry run');
  const { saved, bytes } = await writtenSince(before, places, signal);
  const tried = { dry_: dryTrial, saved, writtenBytes: bytes };
  if (resume === undefined || dryTrial.exit !== 0 || saved.length === 0)
    return { ...tried, resume_: undefined, resumed: 'not tried' };
  const proof = await armReads(saved.slice(0, MAX_WATCHED).map(({ path }) => path));
  try {
    const resumeTrial = await run(resume, 'Pre-flight: resume');
    return { ...tried, resume_: resumeTrial, resumed: await resumedBy(proof, dryTrial, resumeTrial) };
  } finally {
    await proof.close();
  }
}

async function resumedBy(proof: ReadProof, dry: Trial, resume: Trial): Promise<Report['resumed']> {
  const wasRead = await proof.wasRead();
  if (wasRead === true) return 'read';
  if (dry.from !== undefined && resume.from !== undefined && resume.from > dry.from) return 'went on';
  return wasRead === false ? 'not read' : 'unknown';
}

type Known = PreflightWish & Tried & { code: Report['code'] };

async function reported(known: Known, host: Host, signal: AbortSignal): Promise<Report> {
  const { cwd, project, dry_: dry, resume_: resume, command, pricePerHour } = known;
  const { python } = await host.environment();
  const path = (await host.variables(cwd))['PATH'];
  const scale = scaleOf(known.dry, command);
  const expected = known.byRuns ?? (dry.exit === 0 ? expectedByTrial(dry.seconds, scale) : undefined);
  const [{ packages, lock }, gpus, disk, threats] = await Promise.all([
    packagesOf([cwd, project], python),
    cards(path),
    statfs(cwd).catch(() => undefined),
    threatsOf(known.action, { folders: host.folders, globs: known.globs }, signal),
  ]);
  const facts: Omit<Report, 'faults' | 'warnings'> = {
    v: PREFLIGHT_VERSION,
    at: new Date().toISOString(),
    ...{ command, cwd, code: known.code, dry },
    ...(resume ? { resume } : {}),
    saved: known.saved.map(({ shown, bytes }) => ({ shown, bytes })),
    writtenBytes: known.writtenBytes,
    resumed: known.resumed,
    ...(scale ? { ratio: scale.ratio } : {}),
    ...(expected ? { expected } : {}),
    ...costOf(expected, pricePerHour),
    ...(python ? { interpreter: python } : {}),
    ...(lock === undefined ? {} : { lock }),
    packages,
    memory: memoryNow(),
    gpus: gpus.flatMap(({ name, usedMb = 0, totalMb }) =>
      totalMb === undefined ? [] : [{ name, freeMb: totalMb - usedMb, totalMb }],
    ),
    ...(disk ? { diskFreeBytes: disk.bavail * disk.bsize } : {}),
    threatened: threats.artefacts
      .filter(({ quiet }) => !quiet)
      .map(({ shown, kind, size }) => ({ shown, kind, bytes: size })),
  };
  return { ...facts, faults: faultsOf(known, facts), warnings: await warningsOf(known, facts) };
}

function costOf(expected: Expected | undefined, pricePerHour: number | undefined): Partial<Report> {
  if (!expected || pricePerHour === undefined) return {};
  return { pricePerHour, costUsd: (expected.seconds / 3_600) * pricePerHour };
}

/** A container's limit counts before the machine's memory. */
function memoryNow(): Report['memory'] {
  const limit = constrainedMemory();
  const totalBytes = limit > 0 ? Math.min(limit, totalmem()) : totalmem();
  return { totalBytes, freeBytes: Math.min(freemem(), totalBytes) };
}

function faultsOf({ dry, command, resume }: Known, { dry: trial, resume: second, saved, resumed }: Facts): string[] {
  const all: [boolean, string][] = [
    [!isSameProgram(dry, command), 'the dry run is no run of the same program: what it shows is not of this job'],
    [trial.timedOut, 'the dry run did not end in its time: make it smaller'],
    [!trial.timedOut && trial.exit !== 0, `the dry run ended with ${endOf(trial)}`],
    [
      trial.exit === 0 && resume !== undefined && saved.length === 0,
      'nothing could be resumed: the dry run wrote no file that is known as a checkpoint or model',
    ],
    [second?.timedOut === true, 'the resume did not end in its time'],
    [second !== undefined && !second.timedOut && second.exit !== 0, `the resume ended with ${endOf(second)}`],
    [second?.exit === 0 && resumed === 'not read', 'the resume did not read what the dry run saved: it began anew'],
  ];
  return all.flatMap(([holds, text]) => (holds ? [text] : []));
}

type Facts = Omit<Report, 'faults' | 'warnings'>;

function endOf(trial: Trial | undefined): string {
  return trial?.exit === null || trial?.exit === undefined ? 'a signal' : `exit code ${trial.exit}`;
}

async function warningsOf(known: Known, facts: Facts): Promise<string[]> {
  const { dry, resume, memory, diskFreeBytes, saved, threatened, packages, gpus } = facts;
  const peak = peakOf(dry, resume);
  const whole = wholeBytes(facts);
  const isFull = whole !== undefined && diskFreeBytes !== undefined && whole > diskFreeBytes * ROOM;
  const mostFree = Math.max(0, ...gpus.map(({ freeMb }) => freeMb));
  const all: [boolean, string][] = [
    [dry.exit === 0 && saved.length === 0 && known.resume === undefined, 'it saves nothing that it could go on from'],
    [
      dry.exit === 0 && saved.length > 0 && known.resume === undefined,
      'that it can go on from its checkpoint was not tried',
    ],
    [facts.resumed === 'unknown', 'that the resume read the checkpoint is not shown'],
    [peak !== undefined && peak > memory.freeBytes * ROOM, 'MEMORY may not be enough, with the same batch'],
    [gpus.length > 0 && (dry.gpuMb ?? 0) > mostFree * ROOM, 'the memory of the GPU may not be enough'],
    [isFull, 'the DISK may not be enough'],
    [threatened.length > 0, 'it may write over what is there'],
    [!facts.code.complete, 'there is more code than is compared: whether it changes later is told of a part only'],
    [await isOther(facts), `it ran ${dry.interpreters.join(', ')}, which is not the interpreter of the workspace`],
  ];
  return [...all.flatMap(([holds, text]) => (holds ? [text] : [])), ...packageFaults(packages)];
}

/** A virtual environment's interpreter is a link to the one that it was made with. */
async function isOther({ interpreter, dry: { interpreters } }: Facts): Promise<boolean> {
  if (!interpreter || interpreters.length === 0) return false;
  const real = await realpath(interpreter.path).catch(() => interpreter.path);
  return !interpreters.includes(real) && !interpreters.includes(interpreter.path);
}

function masked(report: Report, secrets: readonly string[]): Report {
  const mask = (text: string): string => maskSecrets(text, secrets).text;
  const trial = (one: Trial): Trial => ({ ...one, command: mask(one.command), tail: mask(one.tail) });
  const { resume } = report;
  return {
    ...report,
    command: mask(report.command),
    dry: trial(report.dry),
    ...(resume ? { resume: trial(resume) } : {}),
  };
}

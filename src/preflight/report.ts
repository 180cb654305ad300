import * as z from 'zod';
import { countOf, listOf } from '../text/counting';
import { ageOf, sizeOf } from '../text/sizes';

export const PREFLIGHT_VERSION = 1;
/** Free memory, free disk and data change: what was tried so long ago says little. */
export const HOLDS_MS = 24 * 3_600_000;

const trialSchema = z.object({
  command: z.string(),
  /** `null` where a signal or its time limit ended it. */
  exit: z.int().nullable(),
  timedOut: z.boolean(),
  seconds: z.number(),
  /** The processes of its group together, at their highest; absent where the system does not tell. */
  peakBytes: z.number().optional(),
  /** More of one card's memory than before it began. */
  gpuMb: z.number().optional(),
  /** Interpreters that were seen at work, absolute. */
  interpreters: z.array(z.string()),
  /** First and last epoch or step that its log names. */
  from: z.number().optional(),
  to: z.number().optional(),
  /** The end of what it printed. */
  tail: z.string(),
});
export type Trial = z.infer<typeof trialSchema>;

const savedSchema = z.object({ shown: z.string(), bytes: z.number() });

/**
 * How it is known that the second run began from the first one's checkpoint. `read`: the file was opened and read.
 * `went on`: its epochs or steps begin after those of the first. `not read`: this disk notes reads, and none was.
 * `unknown`: nothing tells. `not tried`: there was no command to try it with.
 */
export const RESUMED = ['read', 'went on', 'not read', 'unknown', 'not tried'] as const;

const expectedSchema = z.object({
  seconds: z.number(),
  /** `at least`: the dry run left out more than the numbers tell. */
  bound: z.enum(['about', 'at most', 'at least']),
  /** For people: what it rests on. */
  why: z.string(),
});
export type Expected = z.infer<typeof expectedSchema>;

const packageSchema = z.object({
  name: z.string(),
  installed: z.string().optional(),
  /** The file that asks for it. */
  by: z.string().optional(),
  /** The one version that file allows. */
  pinned: z.string().optional(),
});
export type Package = z.infer<typeof packageSchema>;

/** What trying a job in small has shown. Kept as JSON beside the jobs, and in the folder of the job that it was for. */
export const reportSchema = z.object({
  v: z.literal(PREFLIGHT_VERSION),
  /** ISO 8601 */
  at: z.string(),
  /** The job's, secrets masked. */
  command: z.string(),
  cwd: z.string(),
  /** What stood in the code: the job must find the same. `made`: what the trial itself wrote, which is left out. */
  code: z.object({ hash: z.string(), files: z.int(), complete: z.boolean(), made: z.array(z.string()) }),
  dry: trialSchema,
  resume: trialSchema.optional(),
  saved: z.array(savedSchema),
  /** All that the dry run wrote and that was seen. */
  writtenBytes: z.number(),
  resumed: z.enum(RESUMED),
  /** How many times as much the job does, by the numbers of the two commands; absent where they do not tell. */
  ratio: z.number().optional(),
  expected: expectedSchema.optional(),
  costUsd: z.number().optional(),
  pricePerHour: z.number().optional(),
  interpreter: z.object({ path: z.string(), version: z.string() }).optional(),
  lock: z.string().optional(),
  packages: z.array(packageSchema),
  memory: z.object({ freeBytes: z.number(), totalBytes: z.number() }),
  gpus: z.array(z.object({ name: z.string(), freeMb: z.number(), totalMb: z.number() })),
  diskFreeBytes: z.number().optional(),
  /** Guarded files that the job may lose or write over, by its words. */
  threatened: z.array(z.object({ shown: z.string(), kind: z.string(), bytes: z.number() })),
  /** Why it did not pass. */
  faults: z.array(z.string()),
  /** What a person should know although it passed. */
  warnings: z.array(z.string()),
});
export type Report = z.infer<typeof reportSchema>;

export function isPassed({ faults }: Pick<Report, 'faults'>): boolean {
  return faults.length === 0;
}

/** The report for people, a row a matter: what is wrong first. Plain text, all that strangers wrote in one line. */
export function preflightRows(report: Report, now = Date.now()): string[] {
  const { faults, warnings, at } = report;
  const age = ageOf(now - Date.parse(at));
  return [
    `Pre-flight ${isPassed(report) ? 'passed' : 'FAILED'} ${age} ago.`,
    ...faults.map((fault) => `FAILED: ${fault}`),
    ...warnings.map((warning) => `WARNING: ${warning}`),
    ranRow('Dry run', report.dry),
    savedRow(report),
    resumedRow(report),
    ...timeRows(report),
    memoryRow(report),
    ...gpuRows(report),
    diskRow(report),
    environmentRow(report),
    outputRow(report),
  ].map(oneLine);
}

function ranRow(name: string, { command, exit, timedOut, seconds, from, to }: Trial): string {
  const how = timedOut ? 'did not end in its time' : `ended with ${exit === null ? 'a signal' : `exit code ${exit}`}`;
  const steps = from === undefined || to === undefined ? '' : `, epochs or steps ${from} to ${to}`;
  return `${name}: ${command} ${how} after ${spanOf(seconds)}${steps}.`;
}

function savedRow({ saved, writtenBytes }: Report): string {
  if (saved.length === 0) return `Saved: no checkpoint or model was seen (${sizeOf(writtenBytes)} written in all).`;
  const names = saved.slice(0, 3).map(({ shown, bytes }) => `${shown} (${sizeOf(bytes)})`);
  const more = saved.length > 3 ? ` and ${saved.length - 3} more` : '';
  return `Saved: ${names.join(', ')}${more}.`;
}

function resumedRow({ resume, resumed }: Report): string {
  if (!resume) return 'Resume: NOT tried.';
  const words: Record<Report['resumed'], string> = {
    read: 'It read the checkpoint.',
    'went on': 'It went on after the first.',
    'not read': 'It did NOT read the checkpoint.',
    unknown: 'Whether it read the checkpoint cannot be told here.',
    'not tried': '',
  };
  return `${ranRow('Resume', resume)} ${words[resumed]}`;
}

function timeRows({ expected, costUsd, pricePerHour }: Report): string[] {
  if (!expected) return ['Time: not known, neither the ledger nor the numbers of the dry run tell it.'];
  const time = `Time: ${expected.bound} ${spanOf(expected.seconds)} (${expected.why}).`;
  if (costUsd === undefined || pricePerHour === undefined) return [time];
  return [time, `Cost: ${expected.bound} $${costUsd.toFixed(2)}, at $${pricePerHour} an hour.`];
}

function memoryRow({ dry, resume, memory }: Report): string {
  const peak = peakOf(dry, resume);
  if (peak === undefined) return 'Memory: this system does not tell.';
  return `Memory: ${sizeOf(peak)} at its highest, ${sizeOf(memory.freeBytes)} of ${sizeOf(memory.totalBytes)} free.`;
}

export function peakOf(...trials: readonly (Trial | undefined)[]): number | undefined {
  const peaks = trials.flatMap((trial) => trial?.peakBytes ?? []);
  return peaks.length === 0 ? undefined : Math.max(...peaks);
}

function gpuRows({ dry, gpus }: Report): string[] {
  if (gpus.length === 0) return ['GPU: nvidia-smi names none.'];
  const cards = gpus.map(({ name, freeMb, totalMb }) => `${name}, ${freeMb} of ${totalMb} MB free`);
  return [`GPU: ${dry.gpuMb ?? 0} MB more in use at its highest; ${cards.join('; ')}.`];
}

function diskRow(report: Report): string {
  const { writtenBytes, diskFreeBytes } = report;
  const whole = wholeBytes(report);
  const all = whole === undefined ? '' : `, ${sizeOf(whole)} by the whole job if it keeps all`;
  const free = diskFreeBytes === undefined ? 'how much is free is not known' : `${sizeOf(diskFreeBytes)} are free`;
  return `Disk: ${sizeOf(writtenBytes)} written by the dry run${all}; ${free}.`;
}

/** What the job writes where it goes on as the dry run did. */
export function wholeBytes({ writtenBytes, ratio }: Pick<Report, 'writtenBytes' | 'ratio'>): number | undefined {
  return ratio === undefined ? undefined : Math.round(writtenBytes * Math.max(1, ratio));
}

const MAX_PACKAGES = 12;

function environmentRow({ interpreter, dry, packages, lock }: Report): string {
  const python = interpreter
    ? `Python ${interpreter.version} (${interpreter.path})`
    : (dry.interpreters[0] ?? 'No Python');
  const named = packages.slice(0, MAX_PACKAGES).map(({ name, installed = 'NOT installed', pinned, by }) => {
    const held = lock !== undefined ? '' : pinned !== undefined ? ' (pinned)' : by === undefined ? '' : ' (not pinned)';
    return `${name} ${installed}${held}`;
  });
  const more = packages.length > MAX_PACKAGES ? `, and ${packages.length - MAX_PACKAGES} more` : '';
  const locked = lock === undefined ? '' : `; locked by ${lock}`;
  return `Environment: ${[python, ...named].join(', ')}${more}${locked}.`;
}

function outputRow({ threatened }: Report): string {
  if (threatened.length === 0) return 'Output: no data, checkpoint or model is in its way, by its words.';
  const names = threatened.slice(0, 3).map(({ shown, kind, bytes }) => `${shown} (${kind}, ${sizeOf(bytes)})`);
  const rest = threatened.length - names.length;
  return `Output: it MAY WRITE OVER ${listOf([...names, ...(rest > 0 ? [countOf(rest, 'more file|more files')] : [])])}.`;
}

/** A span of time as people plan with it. */
export function spanOf(seconds: number): string {
  if (seconds < 90) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  const hours = seconds / 3_600;
  return hours < 48 ? `${hours.toFixed(1)} h` : `${(hours / 24).toFixed(1)} days`;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/gu, ' ').trim();
}

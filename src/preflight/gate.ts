import { ToolError } from '../agent/tool';
import type { Host } from '../host/host';
import { realPath } from '../host/paths';
import { rootFor } from '../jobs/jobs';
import { placeOf, type JobsHome, type PreflightSettings } from '../jobs/start';
import { readBook } from '../ledger/book';
import { pathIn } from '../ledger/of-job';
import { codeState, hashOfState } from './code-state';
import { expectedByRuns, likeRuns, trainsByItsWords } from './expected';
import { keptReport, type JobCommand } from './kept';
import { HOLDS_MS, isPassed, preflightRows, spanOf, type Expected, type Report } from './report';

export const DEFAULT_PREFLIGHT: PreflightSettings = { mode: 'suggest', longMinutes: 30 };

/** What is known of a job before it starts. */
export interface Outlook {
  /** The pre-flight that holds for this command and this code. */
  report?: Report;
  /** Why an older one does not hold. */
  outdated?: string;
  expected?: Expected;
  length: 'long' | 'short' | 'unknown';
}

/** Finds out what the ledger and a pre-flight say of a job. `said`: somebody said that it is long, which can only add to it. */
export async function outlookOf(
  job: JobCommand & { said: boolean },
  home: JobsHome,
  host: Host,
  signal: AbortSignal,
): Promise<Outlook> {
  const { longMinutes } = home.preflight?.() ?? DEFAULT_PREFLIGHT;
  const { project, root } = await rootFor(placeOf(home, host), job.cwd);
  const [byRuns, kept] = await Promise.all([expectedFor(job, project, home), keptReport(root, job)]);
  const outdated = kept && (await whyOutdated(kept, project, host, signal));
  const report = kept && outdated === undefined ? kept : undefined;
  // One that failed may have measured anything.
  const expected = byRuns ?? (report && isPassed(report) ? report.expected : undefined);
  const isLong = job.said || (expected !== undefined && expected.seconds > longMinutes * 60);
  // What is at least so long may be much longer.
  const isShort = expected !== undefined && expected.bound !== 'at least';
  return {
    ...(report ? { report } : {}),
    ...(outdated === undefined ? {} : { outdated }),
    ...(expected ? { expected } : {}),
    length: isLong ? 'long' : isShort ? 'short' : 'unknown',
  };
}

/** What like runs of the ledger say of how long a job takes. */
export async function expectedFor(job: JobCommand, project: string, home: JobsHome): Promise<Expected | undefined> {
  const path = home.ledger?.();
  if (path === undefined) return undefined;
  // A ledger that cannot be read says nothing; who reads it for its own sake is told why.
  const book = await readBook({ folders: [{ name: '', path: project }], path }).catch(() => undefined);
  if (!book) return undefined;
  return expectedByRuns(likeRuns(book.runs, job.command, pathIn(project, await realPath(job.cwd))));
}

async function whyOutdated(
  { at, code, interpreter }: Report,
  project: string,
  host: Host,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (Date.now() - Date.parse(at) > HOLDS_MS) return 'it is older than a day';
  const { python } = await host.environment();
  if (python?.path !== interpreter?.path || python?.version !== interpreter?.version)
    return 'the interpreter is another one now';
  const now = hashOfState(await codeState(project, signal), code.made);
  return now === code.hash ? undefined : 'the code changed since';
}

const HOW =
  'Call Job with action preflight, this very command, dry (the same program on one batch or epoch, writing into {out}) and resume (going on from what it saved).';

/** Why a job may not start, for the model; `undefined` where it may. Pure. */
export function refusalOf(outlook: Outlook, { mode }: PreflightSettings): string | undefined {
  const { report, length } = outlook;
  if (mode !== 'required' || length === 'short' || (report && isPassed(report))) return undefined;
  const why = length === 'long' ? 'it is expected to be long' : 'how long it takes is not known';
  return `Not started: ${why}, and the user wants a pre-flight before such a job. ${stateOf(outlook)}. ${HOW}`;
}

function stateOf({ report, outdated }: Outlook): string {
  if (report) return `Its pre-flight failed: ${report.faults.join('; ')}`;
  return outdated === undefined ? 'It has had no pre-flight' : `Its pre-flight does not hold: ${outdated}`;
}

/**
 * Why a command may not run as no job at all, for the model; `undefined` where it may. What nothing is known of may, unless it
 * is to go on in the background and trains by its words: else each command would need a pre-flight. Pure.
 */
export function commandRefusalOf(
  outlook: Outlook,
  settings: PreflightSettings,
  { command, inBackground, inSubagent }: { command: string; inBackground: boolean; inSubagent: boolean },
): string | undefined {
  const { report, length } = outlook;
  const isLong = length === 'long' || (length === 'unknown' && inBackground && trainsByItsWords(command));
  if (settings.mode !== 'required' || !isLong) return undefined;
  if (inSubagent)
    return 'Not started: it is a long run, for which the user wants a pre-flight and a job. You have no jobs: say in your last message that it is to be done, with this very command.';
  if (report && isPassed(report))
    return 'Not started: it is a long run, and its pre-flight passed. Call Job with action start and this very command: the user reads the report in the question about it.';
  return refusalOf(outlook, settings);
}

/** What is to be said of a command that became a job while it ran. */
export interface Untried {
  /** For the job's record. */
  missing: string;
  /** For people, where they want it otherwise. */
  problem?: string;
  /** For the model. */
  said: string;
}

/** What was not tried of a command that became a job while it ran; `undefined` where nothing is to be said. Pure. */
export function untriedOf(outlook: Outlook, { mode }: PreflightSettings): Untried | undefined {
  const { report, outdated, length } = outlook;
  if (mode === 'off' || length === 'short' || (report && isPassed(report))) return undefined;
  const why = report ? 'the one of it failed' : outdated === undefined ? 'none was made' : `${outdated}`;
  const missing = `a pre-flight that holds (${why}): it became a job while it ran`;
  const said = `${stateOf(outlook)}.`;
  if (mode !== 'required') return { missing, said };
  return {
    missing,
    problem: `It runs without a pre-flight that holds (${why}), though your settings want one before a long run: it was no job when it began.`,
    said: `${said} The user wants one before a long run: tell them that this one runs without, and let them decide whether it goes on.`,
  };
}

/** Throws a ToolError for a job that may not start. */
export function refuse(outlook: Outlook, settings: PreflightSettings): void {
  const why = refusalOf(outlook, settings);
  if (why !== undefined) throw new ToolError(why);
}

/** What a person is shown before the job starts; none where there is nothing to say. */
export function outlookRows({ report, outdated, expected, length }: Outlook, { mode }: PreflightSettings): string[] {
  if (report) return preflightRows(report);
  if (mode === 'off' || length !== 'long') return [];
  const time = expected ? `about ${spanOf(expected.seconds)} are expected (${expected.why})` : 'it is said to be long';
  const state = outdated === undefined ? 'no pre-flight was made' : `its pre-flight does not hold: ${outdated}`;
  return [`WARNING: ${time}, and ${state}.`];
}

/** Whether the person is asked although a rule would allow it. */
export function isToBeAsked({ length }: Outlook, { mode }: PreflightSettings): boolean {
  return mode === 'required' && length !== 'short';
}

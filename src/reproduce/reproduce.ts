import { readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { hashOf } from '../agent/store';
import { ToolError } from '../agent/tool';
import type { Host } from '../host/host';
import { within } from '../host/paths';
import { EYES } from '../jobs/eyes';
import { installed } from '../jobs/facts';
import { isOver } from '../jobs/job';
import { findJob, isDamaged, type JobStatus } from '../jobs/jobs';
import type { Observed } from '../jobs/observe';
import { placeOf, startJob, type JobsHome, type Started } from '../jobs/start';
import { FILES } from '../jobs/supervisor';
import { glance, waitFor } from '../jobs/wait';
import { recordOfJob } from '../ledger/of-job';
import type { RunRecord } from '../ledger/record';
import { grammarOf } from '../shell/grammar';
import { namesIn } from '../shell/names';
import { differencesOf, packageDifferences, type Difference } from './differences';
import { venvOf, type Plan } from './plan';
import { rebuild, removeTree } from './rebuild';
import { verdictOf, verdictText, type Verdict } from './verdict';

/** In the place of a run that is made again: its job, and what of then could not be had. */
const STATE = 'state.json';

interface Begun {
  job: string;
  /** The command that runs: another one is another plan. */
  command: string;
  lacking: Difference[];
  told: boolean;
}

/** The job that makes a run again and that nobody was told the outcome of; `undefined` where there is none. */
export async function pendingFor(plan: Plan, home: JobsHome, host: Host): Promise<JobStatus | undefined> {
  const begun = await begunIn(plan);
  if (!begun || begun.told || begun.command !== plan.command) return undefined;
  const found = await findJob(placeOf(home, host), begun.job);
  return found && !isDamaged(found) ? found : undefined;
}

/** Rebuilds the run's tree and starts its command there as a job. Throws ToolError or UserError. */
export async function begin(
  plan: Plan,
  home: JobsHome,
  host: Host,
  { signal, ...by }: { session: string; call: string; signal: AbortSignal },
): Promise<Started> {
  const { record } = plan.run;
  const before = await begunIn(plan);
  const other = before && (await findJob(placeOf(home, host), before.job));
  if (other && !isDamaged(other) && !isOver(other.state))
    throw new ToolError(`Job ${other.id} still makes this run again, with other packages: wait for it, or stop it.`);
  const lacking = await rebuild(plan, host, signal);
  // What was hashed then is hashed again, whether the command names it or not.
  const hashed = [...record.data, ...(record.sources ?? [])].flatMap(({ path }) => placed(path, plan.root));
  const words = [...namesIn(record.command, await grammarOf(host.dialect)), ...hashed];
  const wanted = {
    command: plan.command,
    cwd: plan.cwd,
    title: `Reproduce: ${record.title}`,
    words,
    watches: [],
    ...by,
  };
  const started = await startJob(home, host, wanted);
  const begun: Begun = { job: started.id, command: plan.command, lacking, told: false };
  await writeFile(join(plan.place, STATE), JSON.stringify(begun), { mode: 0o600 });
  return started;
}

/** A path of the ledger's, in the tree; from the home folder or absolute it is what it was. */
function placed(path: string, root: string): string[] {
  if (path.startsWith('~/')) return [join(homedir(), path.slice(2))];
  if (isAbsolute(path)) return [path];
  return within(root, join(root, path)) === undefined ? [] : [join(root, path)];
}

/** Waits for its end at most so long; `undefined` where it goes on. */
export async function endOf(
  job: Pick<JobStatus, 'id' | 'folder'>,
  { signal, ms }: { signal: AbortSignal; ms: number },
): Promise<Observed | undefined> {
  for (const until = Date.now() + ms; ;) {
    const waited = await waitFor(job, { eyes: EYES, signal, ms: Math.max(0, until - Date.now()) });
    if (!waited) throw new ToolError(`Job ${job.id} is gone: its folder was deleted.`);
    if (isOver(waited.observed.status.state)) return waited.observed;
    if (Date.now() >= until) return undefined;
  }
}

/**
 * Says whether the run came back, once its job is over. The tree of one that came back goes; another's stays to be looked
 * at. `tolerance` is a share of the value then.
 */
export async function outcome(
  plan: Plan,
  { status, readings, series }: Observed,
  { secrets, tolerance }: { secrets: readonly string[]; tolerance: number },
): Promise<{ verdict: Verdict; text: string }> {
  const { state, found, folder } = status;
  if (state.state !== 'ended') throw new ToolError(`Job ${status.id} is lost: how it ended will not be known.`);
  const begun = await begunIn(plan);
  const diff = await readFile(join(folder, FILES.diff)).catch(() => undefined);
  const now = recordOfJob({
    // Its files are named from its own tree, as those of then are from the workspace folder.
    status: { id: status.id, state, found: { ...found, record: { ...found.record, project: plan.root } } },
    ...{ readings, series: series?.(), artefacts: [], secrets, now: Date.now(), diff: diff && hashOf(diff) },
  });
  const then = plan.run.record;
  const differences = [...(begun?.lacking ?? []), ...(await withPackages(plan, then, now))];
  const verdict = verdictOf(then, now, { tolerance, differences });
  const isGone = verdict.cameBack === true && differences.length === 0;
  const about = [
    plan.packages.text,
    ...(now.state === 'ok' ? [] : [`Its job ${status.id} ended ${now.state}: read its log.`]),
    isGone
      ? `It ran as job ${status.id}, in a worktree that is gone again.`
      : `It ran as job ${status.id}, in ${plan.root}.`,
  ];
  if (isGone) await removeTree(plan);
  else if (begun) await writeFile(join(plan.place, STATE), JSON.stringify({ ...begun, told: true }), { mode: 0o600 });
  return { verdict, text: verdictText(then.id, verdict, about) };
}

/** What was installed anew is known from where it was installed, not from the interpreter of the workspace. */
async function withPackages(plan: Plan, then: RunRecord, now: RunRecord): Promise<Difference[]> {
  const all = differencesOf(then, now);
  const { kind, list } = plan.packages;
  if (kind === 'uv') return all.filter((one) => one.kind !== 'packages' || one.text.startsWith('Python'));
  if (kind !== 'venv' || list === undefined) return all;
  const python = { path: join(venvOf(plan), 'bin', 'python'), version: now.environment.python ?? '' };
  const made = packageDifferences(list, (await installed(python)) ?? '');
  return [...all.filter((one) => one.kind !== 'packages' || one.text.startsWith('Python')), ...made];
}

async function begunIn({ place }: Plan): Promise<Begun | undefined> {
  const text = await readFile(join(place, STATE), 'utf8').catch(() => undefined);
  try {
    return text === undefined ? undefined : (JSON.parse(text) as Begun);
  } catch {
    return undefined; // Torn: it is begun anew.
  }
}

/** The whole of it, for who waits: begins, waits to the end, and gives the outcome. */
export async function reproduce(
  plan: Plan,
  home: JobsHome,
  host: Host,
  given: { session: string; call: string; signal: AbortSignal; tolerance: number },
): Promise<{ verdict: Verdict; text: string }> {
  const { signal, tolerance } = given;
  const job = (await pendingFor(plan, home, host)) ?? (await begin(plan, home, host, given));
  const observed = await endOf(job, { signal, ms: Infinity });
  const last = observed ?? (await glance(job, EYES, signal));
  if (!last) throw new ToolError(`Job ${job.id} is gone: its folder was deleted.`);
  return outcome(plan, last, { secrets: home.secrets, tolerance });
}

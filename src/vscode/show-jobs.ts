import * as vscode from 'vscode';
import { isOver } from '../jobs/job';
import { isDamaged, listJobs, stateWord, type JobsPlace, type JobStatus } from '../jobs/jobs';
import { label } from '../text/label';
import { isInLedger, jobNamed, openJobFolder, openLog, stopAfterEpoch, stopAsked } from './job-actions';

/** A list of more is of no use to a person. */
const MOST = 100;
const MAX_LABEL_CHARACTERS = 120;

export interface ShowingJobs {
  jobsPlace: () => JobsPlace;
  runShelf: { showLine(id: string): Promise<void> };
}

interface Row extends vscode.QuickPickItem {
  job: string;
}

/** Lists the jobs of this workspace, and does with one what is picked. */
export async function showJobs(showing: ShowingJobs): Promise<void> {
  const none = vscode.l10n.t('There are no jobs in this workspace yet.');
  const id = await pickJob(await jobsNow(showing), vscode.l10n.t('Jobs'), none);
  if (id !== undefined) await actOn(await jobNamed(showing.jobsPlace(), id), showing);
}

/** Lists the jobs that run, and stops the one that is picked. */
export async function stopOne(showing: ShowingJobs): Promise<void> {
  const running = (await jobsNow(showing)).filter(({ state }) => !isOver(state));
  const none = vscode.l10n.t('No job runs in this workspace.');
  const id = await pickJob(running, vscode.l10n.t('Stop Job'), none);
  if (id !== undefined) await stopAsked(await jobNamed(showing.jobsPlace(), id));
}

async function jobsNow({ jobsPlace }: ShowingJobs): Promise<JobStatus[]> {
  const all = await listJobs(jobsPlace(), MOST);
  const jobs = all.flatMap((one) => (isDamaged(one) ? [] : [one]));
  return [...jobs.filter(({ state }) => !isOver(state)), ...jobs.filter(({ state }) => isOver(state))];
}

async function pickJob(jobs: readonly JobStatus[], title: string, none: string): Promise<string | undefined> {
  if (jobs.length === 0) {
    void vscode.window.showInformationMessage(none);
    return undefined;
  }
  const picked = await vscode.window.showQuickPick(jobs.map(rowOf), {
    title,
    placeHolder: vscode.l10n.t('Pick a job'),
    matchOnDescription: true,
    matchOnDetail: true,
  });
  return picked?.job;
}

const ICONS: Record<ReturnType<typeof stateWord>, string> = {
  waiting: 'watch',
  starting: 'loading',
  running: 'play-circle',
  ok: 'pass',
  failed: 'error',
  killed: 'circle-slash',
  unknown: 'question',
  lost: 'debug-disconnect',
};

function rowOf({ id, state, found: { record, exit } }: JobStatus): Row {
  const when = new Intl.DateTimeFormat(vscode.env.language, { dateStyle: 'short', timeStyle: 'short' });
  const code = exit?.code ?? undefined;
  const words = code === undefined ? plain(wordsOf(state)) : vscode.l10n.t('exit code {0}', code);
  return {
    job: id,
    label: `$(${ICONS[stateWord(state)]}) ${plain(record.title)}`,
    description: `${words} · ${when.format(Date.parse(record.startedAt))}`,
    detail: plain(record.command),
  };
}

function wordsOf(state: JobStatus['state']): string {
  const words: Record<ReturnType<typeof stateWord>, string> = {
    waiting: vscode.l10n.t('Waiting in the queue: {0}', state.state === 'waiting' ? state.why : ''),
    starting: vscode.l10n.t('Starting…'),
    running: vscode.l10n.t('Running'),
    // With an exit code, which is said instead; a signal alone leaves none.
    ok: vscode.l10n.t('Ended'),
    failed: vscode.l10n.t('Ended'),
    killed: vscode.l10n.t('Ended'),
    unknown: vscode.l10n.t('Ended, and nobody recorded how.'),
    lost: vscode.l10n.t('Lost: it may still run, but its end will not be recorded here.'),
  };
  return words[stateWord(state)];
}

/** A list draws `$(name)` as an icon. */
function plain(text: string): string {
  return label(text, MAX_LABEL_CHARACTERS).replaceAll('$(', '$ (');
}

type Act = () => Promise<unknown>;

async function actOn(job: JobStatus, { runShelf }: ShowingJobs): Promise<void> {
  const item = (icon: string, text: string, act: Act): vscode.QuickPickItem & { act: Act } => ({
    label: `$(${icon}) ${text}`,
    act,
  });
  const items = [
    ...(isOver(job.state) ? [] : [item('debug-stop', vscode.l10n.t('Stop'), () => stopAsked(job))]),
    ...(job.state.state === 'running'
      ? [item('debug-pause', vscode.l10n.t('Stop After This Epoch'), () => stopAfterEpoch(job))]
      : []),
    item('output', vscode.l10n.t('Open Log'), () => openLog(job)),
    item('folder', vscode.l10n.t('Open Folder'), () => openJobFolder(job)),
    ...((await isInLedger(job))
      ? [item('book', vscode.l10n.t('Show in Ledger'), () => runShelf.showLine(job.id))]
      : []),
  ];
  const picked = await vscode.window.showQuickPick(items, { title: plain(job.found.record.title) });
  await picked?.act();
}

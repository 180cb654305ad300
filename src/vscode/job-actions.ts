import { access } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { UserError } from '../agent/tool';
import { EYES } from '../jobs/eyes';
import { isOver } from '../jobs/job';
import { findJob, isDamaged, lookAt, type JobsPlace, type JobStatus } from '../jobs/jobs';
import { stopJob } from '../jobs/stop';
import { appendEvent } from '../jobs/store';
import { glance } from '../jobs/wait';
import { KEPT } from '../ledger/keep';
import { label } from '../text/label';
import { readSettings } from './settings';

const MAX_TITLE_CHARACTERS = 80;
/** Who asked for it, in the job's events. */
const PERSON = 'person';
/** Its log is read through at most so long to count its epochs. */
const GLANCE_MS = 60_000;

/** The job as it is now. What names it, a page or a list, may be older than it. */
export async function jobNamed(place: JobsPlace, id: string): Promise<JobStatus> {
  const found = await findJob(place, id);
  if (!found || isDamaged(found) || found.id !== id)
    throw new UserError(vscode.l10n.t('This job is gone: its folder was deleted or cannot be read.'));
  return found;
}

/** Stops a job once the person said so: an interrupt, then the wish to end, then a kill. */
export async function stopAsked(job: JobStatus): Promise<void> {
  const title = label(job.found.record.title, MAX_TITLE_CHARACTERS);
  if (isOver(job.state)) return tellOver(title);
  const stop = vscode.l10n.t('Stop Job');
  const graceSeconds = readSettings()['jobs.stopSeconds'];
  const picked = await vscode.window.showWarningMessage(
    vscode.l10n.t('Stop the job "{0}"?', title),
    {
      modal: true,
      detail: vscode.l10n.t(
        'It is interrupted, so that it can save what it has; after {0} seconds it is asked to end, and after as many more it is killed.',
        graceSeconds,
      ),
    },
    stop,
  );
  if (picked !== stop) return;
  await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: vscode.l10n.t('Stopping the job "{0}"', title),
    },
    async () => {
      // It may have ended while the question stood there.
      const still = await lookAt(dirname(job.folder), job.id);
      if (!still || isDamaged(still) || isOver(still.state)) return tellOver(title);
      const now = await stopJob(still, {
        by: PERSON,
        graceMs: graceSeconds * 1_000,
        signal: new AbortController().signal,
      });
      if (!isOver(now.state)) throw new UserError(vscode.l10n.t('The job "{0}" could not be stopped.', title));
    },
  );
}

/** Has whoever watches over a job stop it when its epoch ends. */
export async function stopAfterEpoch(job: JobStatus): Promise<void> {
  const title = label(job.found.record.title, MAX_TITLE_CHARACTERS);
  if (isOver(job.state)) return tellOver(title);
  const seen = await glance(job, EYES, AbortSignal.timeout(GLANCE_MS));
  const epochs = seen?.readings.epochs ?? 0;
  await appendEvent(job.folder, { type: 'stop', at: new Date().toISOString(), by: PERSON, after: 'epoch', epochs });
}

function tellOver(title: string): void {
  void vscode.window.showInformationMessage(vscode.l10n.t('The job "{0}" has ended already.', title));
}

export async function openLog({ found }: JobStatus): Promise<void> {
  // By the workbench itself: a file past 50 MB it shows, but hands to no extension.
  await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(found.record.log), { preview: true });
}

/** In the system's own file manager where editor and files are on one machine, else in a window of its own. */
export async function openJobFolder({ folder }: JobStatus): Promise<void> {
  const isHere = vscode.env.remoteName === undefined && vscode.env.uiKind === vscode.UIKind.Desktop;
  const uri = vscode.Uri.file(folder);
  if (isHere) await vscode.commands.executeCommand('revealFileInOS', uri);
  else await vscode.commands.executeCommand('vscode.openFolder', uri, { forceNewWindow: true });
}

export function isInLedger({ folder }: Pick<JobStatus, 'folder'>): Promise<boolean> {
  return access(join(folder, KEPT)).then(
    () => true,
    () => false,
  );
}

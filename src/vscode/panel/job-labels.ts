import * as vscode from 'vscode';
import type { Labels } from '../../panel/protocol';
import type { JOB_LABELS } from '../../panel/sections/jobs';

/** What the cards of jobs and their curves say. */
export function jobLabels(): Record<(typeof JOB_LABELS)[number], string> {
  return {
    jobs: vscode.l10n.t('Jobs'),
    jobsRunning: vscode.l10n.t('running: {0}'),
    jobDetails: vscode.l10n.t('Job: {0}'),
    jobStopping: vscode.l10n.t('Stopping…'),
    jobEpochStop: vscode.l10n.t('Running; stops after this epoch.'),
    jobStopped: vscode.l10n.t('Stopped.'),
    jobLeft: vscode.l10n.t('about {0} left'),
    jobProgress: vscode.l10n.t('Progress of {0}'),
    jobEpoch: vscode.l10n.t('Epoch {0}'),
    jobStep: vscode.l10n.t('Step {0}'),
    jobOf: vscode.l10n.t('{0} of {1}'),
    jobMetrics: vscode.l10n.t('Latest metrics'),
    jobMoreMetrics: vscode.l10n.t('and more: {0}'),
    jobUses: vscode.l10n.t('What it uses'),
    jobWatch: vscode.l10n.t('Warnings'),
    jobStop: vscode.l10n.t('Stop'),
    jobStopEpoch: vscode.l10n.t('Stop After This Epoch'),
    jobLog: vscode.l10n.t('Open Log'),
    jobFolder: vscode.l10n.t('Open Folder'),
    jobLedger: vscode.l10n.t('Show in Ledger'),
    jobTail: vscode.l10n.t('End of the Log'),
    jobNoOutput: vscode.l10n.t('It has printed nothing.'),
    jobFailedWhy: vscode.l10n.t('Failed: {0}'),
    jobCommand: vscode.l10n.t('Command'),
    jobFinished: vscode.l10n.t('Finished: {0}'),
    jobsMore: vscode.l10n.t('More jobs than are shown here: {0}.'),
    jobActionOf: vscode.l10n.t('{0}: {1}'),
    ...jobStates(),
    ...curves(),
  };
}

function jobStates(): Pick<Labels, Extract<keyof Labels, `job_${string}`>> {
  return {
    job_waiting: vscode.l10n.t('Waiting in the queue: {0}'),
    job_starting: vscode.l10n.t('Starting…'),
    job_running: vscode.l10n.t('Running'),
    job_ok: vscode.l10n.t('Ended with exit code {0}.'),
    job_failed: vscode.l10n.t('Failed with exit code {0}.'),
    job_killed: vscode.l10n.t('Killed ({0}).'),
    job_unknown: vscode.l10n.t('Ended, and nobody recorded how.'),
    job_lost: vscode.l10n.t('Lost: it may still run, but its end will not be recorded here.'),
  };
}

function curves(): Pick<Labels, Extract<keyof Labels, `curve${string}` | `axis_${string}`>> {
  return {
    curve: vscode.l10n.t('Curve of {0}.'),
    curveLast: vscode.l10n.t('last {0}'),
    curveLowest: vscode.l10n.t('lowest {0}'),
    curveHighest: vscode.l10n.t('highest {0}'),
    curveBest: vscode.l10n.t('best {0}'),
    curveOdd: vscode.l10n.t('NaN or infinite: {0}'),
    curveNone: vscode.l10n.t('no number'),
    curve_up: vscode.l10n.t('rising'),
    curve_down: vscode.l10n.t('falling'),
    curve_level: vscode.l10n.t('level'),
    curveAt: vscode.l10n.t('{0}: {1}'),
    curveKeys: vscode.l10n.t('Left and right go from value to value.'),
    curvesMore: vscode.l10n.t(
      "More curves than are shown here: {0}. They are in metrics.json of the job's folder once it ended.",
    ),
    axis_step: vscode.l10n.t('Step {0}'),
    axis_epoch: vscode.l10n.t('Epoch {0}'),
    axis_count: vscode.l10n.t('Value {0}'),
  };
}

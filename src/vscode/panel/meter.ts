import * as vscode from 'vscode';
import { BUDGETS, raisedLimits, tallied, usedOf, type DayCostLedger, type Used } from '../../agent/budget';
import type { BudgetName } from '../../agent/events';
import { lastRun } from '../../agent/folds';
import type { Session } from '../../agent/session';
import { COMPUTE_BUDGETS, type ComputeLimits, type ComputeMeasure, type ComputeSpan } from '../../jobs/compute';
import { takenOf, type JobSpending } from '../../jobs/spent';
import { capabilitiesOf } from '../../models/capabilities';
import type { MeterSource } from '../../panel/folds/meter';
import type { PanelBudget } from '../../panel/sections/meter';
import { readCompute, readLimits } from '../settings';
import type { JobSpendings } from './job-spending';

/** What the meter needs beside the journal. What cannot be read of the day or the settings is left out: the run tells of it. */
export async function meterSource(
  session: Session | undefined,
  ledger: Pick<DayCostLedger, 'today' | 'costs'>,
  spendings: Pick<JobSpendings, 'now'>,
): Promise<Omit<MeterSource, 'branch'>> {
  const [day, jobs] = await Promise.all([ledger.today().catch(() => undefined), spendings.now()]);
  const budgets = session ? budgetsNow(session, day ?? { day: '', usd: 0, tokens: 0 }) : [];
  const held = session ? computeNow(session.id, jobs) : [];
  return {
    ...{ windowOf, budgets: [...budgets, ...held], todayUsd: day?.usd, jobs, session: session?.id ?? '' },
    todayCosts: day && ledger.costs(),
  };
}

/** How close the jobs of the session and the day are to their limits. Those of one job stand in its question and its end. */
function computeNow(session: string, jobs: readonly JobSpending[]): PanelBudget[] {
  const limits = computeLimitsNow();
  const taken = takenOf(jobs, session);
  const names = computeNames();
  return COMPUTE_BUDGETS.flatMap(({ key, span, measure }): PanelBudget[] => {
    const limit = limits[key];
    if (limit === undefined || span === 'job') return [];
    return [{ name: names[span][measure], used: taken[span][measure], limit, unit: measure }];
  });
}

/** A setting that is no limit stops the next job, and says so there. */
function computeLimitsNow(): ComputeLimits {
  try {
    return readCompute().limits;
  } catch {
    return {};
  }
}

function computeNames(): Record<Exclude<ComputeSpan, 'job'>, Record<ComputeMeasure, string>> {
  return {
    session: {
      hours: vscode.l10n.t('Hours of jobs in this session'),
      gpuHours: vscode.l10n.t('GPU-hours of jobs in this session'),
      usd: vscode.l10n.t('Cost of jobs in this session'),
    },
    day: {
      hours: vscode.l10n.t('Hours of jobs today'),
      gpuHours: vscode.l10n.t('GPU-hours of jobs today'),
      usd: vscode.l10n.t('Cost of jobs today'),
    },
  };
}

/** The guess for a model that no table knows would be shown as a fact. */
function windowOf(model: string): number | null {
  return model.startsWith('claude-') ? capabilitiesOf(model).contextWindow : null;
}

/** How close the last message, its session and the day are to their limits. Minutes are counted by the run alone. */
function budgetsNow({ entries, branch }: Session, day: Used['day']): PanelBudget[] {
  const run = lastRun(branch);
  const prompt = run[0];
  if (!prompt) return [];
  const tally = tallied(entries, prompt.id);
  const turns = run.filter(({ event }) => event.type === 'turn-end').length;
  const used: Used = { message: { ...tally.message, turns, minutes: 0 }, session: tally.session, day };
  const limits = raisedLimits(limitsNow(), tally.marks, day.day);
  const names = namesNow();
  return BUDGETS.flatMap((budget): PanelBudget[] => {
    const limit = limits[budget.key];
    if (limit === undefined || budget.measure === 'minutes') return [];
    return [{ name: names[budget.name], used: usedOf(budget, used), limit, unit: budget.measure }];
  });
}

/** A setting that is no limit stops the next message, and says so there. */
function limitsNow(): Parameters<typeof raisedLimits>[0] {
  try {
    return readLimits();
  } catch {
    return {} as ReturnType<typeof readLimits>;
  }
}

function namesNow(): Record<BudgetName, string> {
  return {
    turns: vscode.l10n.t('Turns of this message'),
    cost: vscode.l10n.t('Cost of this message'),
    tokens: vscode.l10n.t('Tokens of this message'),
    minutes: vscode.l10n.t('Minutes of this message'),
    'session-cost': vscode.l10n.t('Cost of this session'),
    'session-tokens': vscode.l10n.t('Tokens of this session'),
    'day-cost': vscode.l10n.t('Cost of this day'),
    'day-tokens': vscode.l10n.t('Tokens of this day'),
  };
}

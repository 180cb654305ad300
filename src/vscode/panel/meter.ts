import * as vscode from 'vscode';
import { BUDGETS, raisedLimits, tallied, usedOf, type DayLedger, type Used } from '../../agent/budget';
import type { BudgetName } from '../../agent/events';
import { lastRun } from '../../agent/folds';
import type { Session } from '../../agent/session';
import { capabilitiesOf } from '../../models/capabilities';
import type { MeterSource } from '../../panel/folds/meter';
import type { PanelBudget } from '../../panel/sections/meter';
import { readLimits } from '../settings';

/** What the meter needs beside the journal. What cannot be read of the day or the settings is left out: the run tells of it. */
export async function meterSource(
  session: Session | undefined,
  ledger: Pick<DayLedger, 'today'>,
): Promise<Omit<MeterSource, 'branch'>> {
  const day = await ledger.today().catch(() => undefined);
  const budgets = session ? budgetsNow(session, day ?? { day: '', usd: 0, tokens: 0 }) : [];
  return { windowOf, budgets, todayUsd: day?.usd };
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

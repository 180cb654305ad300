import * as vscode from 'vscode';
import type { JournalEntry } from '../../agent/events';
import { lastRun, spentUsd } from '../../agent/folds';
import { capabilitiesOf } from '../../models/capabilities';
import type { PanelBudget } from '../../panel/sections/meter';
import type { MeterSource } from '../../panel/folds/meter';
import { readSettings } from '../settings';

/** What the meter needs beside the journal. `todayUsd` is `undefined` where nobody counts over sessions. */
export function meterSource(branch: readonly JournalEntry[], todayUsd?: number): Omit<MeterSource, 'branch'> {
  return { windowOf, budgets: budgetsNow(branch), todayUsd };
}

/** The guess for a model that no table knows would be shown as a fact. */
function windowOf(model: string): number | null {
  return model.startsWith('claude-') ? capabilitiesOf(model).contextWindow : null;
}

/** How close the last message is to its limits. */
function budgetsNow(branch: readonly JournalEntry[]): PanelBudget[] {
  const { maxTurns, maxCostUsd } = readSettings();
  const run = lastRun(branch);
  if (run.length === 0) return [];
  const turns = run.filter(({ event }) => event.type === 'turn-end').length;
  return [
    { name: vscode.l10n.t('Turns of this message'), used: turns, limit: maxTurns, unit: 'turns' },
    { name: vscode.l10n.t('Cost of this message'), used: spentUsd(run), limit: maxCostUsd, unit: 'usd' },
  ];
}

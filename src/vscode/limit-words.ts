import * as vscode from 'vscode';
import { budgetOf, type Budget } from '../agent/budget';
import type { BudgetMark, CircleKind, RunEnd } from '../agent/events';

type LimitEnd = Extract<RunEnd, { reason: 'limit' }>;

/** An amount as people read it. */
function amountWords(measure: Budget['measure'], amount: number): string {
  const number = (digits: number): string => amount.toLocaleString('en', { maximumFractionDigits: digits });
  const words: Record<Budget['measure'], () => string> = {
    usd: () => `$${number(amount < 0.1 ? 4 : 2)}`,
    minutes: () => vscode.l10n.t('{0} minutes', number(1)),
    tokens: () => vscode.l10n.t('{0} tokens', number(0)),
    turns: () => vscode.l10n.t('{0} model turns', number(0)),
  };
  return words[measure]();
}

/** Why a run was stopped, plain text. */
export function limitWords(end: LimitEnd): string {
  if (end.limit === 'circle') return circleWords(end.circle, end.what, end.value);
  const { span, measure } = budgetOf(end.limit);
  const amount = amountWords(measure, end.value);
  const words: Record<Budget['span'], () => string> = {
    message: () => vscode.l10n.t('This message has used its {0}.', amount),
    session: () => vscode.l10n.t('This session has used its {0}.', amount),
    day: () => vscode.l10n.t('The {0} of this day, over all sessions, are used.', amount),
  };
  return words[span]();
}

function circleWords(kind: CircleKind, what: string, times: number): string {
  const words: Record<CircleKind, () => string> = {
    'same-call': () =>
      vscode.l10n.t(
        'It goes round in a circle: {0} times the same call with the same result ({1}). Say what it should do instead, or let it go on.',
        times,
        what,
      ),
    'edits-undone': () =>
      vscode.l10n.t(
        'It goes round in a circle: its edits undid each other and brought {1} back {0} times. Say what it should do instead, or let it go on.',
        times,
        what,
      ),
    'still-plan': () =>
      vscode.l10n.t(
        'It does not get further: for {0} turns the to-do list has not moved from "{1}". Say what it should do instead, or let it go on.',
        times,
        what,
      ),
  };
  return words[kind]();
}

/** That a budget is nearly used up. */
export function nearWords({ budget, limit, used }: BudgetMark): string {
  const { span, measure } = budgetOf(budget);
  const [spent, all] = [amountWords(measure, used), amountWords(measure, limit)];
  const words: Record<Budget['span'], () => string> = {
    message: () => vscode.l10n.t('{0} of the {1} of this message are used.', spent, all),
    session: () => vscode.l10n.t('{0} of the {1} of this session are used.', spent, all),
    day: () => vscode.l10n.t('{0} of the {1} of this day, over all sessions, are used.', spent, all),
  };
  return words[span]();
}

export function unpricedWords(model: string): string {
  return vscode.l10n.t(
    'The price of {0} is not known, so limits of money do not hold what it costs. Limits of turns, tokens and minutes do.',
    model,
  );
}

/** What going on grants. */
export function goOnWords(end: LimitEnd): string {
  if (end.limit === 'circle') return vscode.l10n.t('Go On');
  return vscode.l10n.t('Go On With Another {0}', amountWords(budgetOf(end.limit).measure, end.value));
}

import { budgetOf, type Budget } from './budget';
import type { BudgetMark, CircleKind, RunEnd } from './events';

type LimitEnd = Extract<RunEnd, { reason: 'limit' }>;

const SPANS: Readonly<Record<Budget['span'], string>> = {
  message: 'this message',
  session: 'this session',
  day: 'this day, over all sessions,',
};

/** `$5`, `50 turns`, as the model and the terminal read it. */
export function amountText(measure: Budget['measure'], amount: number): string {
  const number = (digits: number): string => amount.toLocaleString('en', { maximumFractionDigits: digits });
  switch (measure) {
    case 'usd':
      return `$${number(amount < 0.1 ? 6 : 2)}`;
    case 'minutes':
      return `${number(2)} ${amount === 1 ? 'minute' : 'minutes'}`;
    default:
      return `${number(0)} ${amount === 1 ? measure.slice(0, -1) : measure}`;
  }
}

const CIRCLES: Readonly<Record<CircleKind, (what: string, times: number) => string>> = {
  'same-call': (what, times) => `${times} times the same call with the same result (${what})`,
  'edits-undone': (what, times) => `edits that undo each other brought ${what} back ${times} times`,
  'still-plan': (what, times) => `for ${times} turns the todo list has not moved from "${what}"`,
};

/** Where a run was stopped: a budget or a circle, as the end of "Stopped ...". */
export function limitText(end: LimitEnd): string {
  if (end.limit === 'circle') return `since it goes round in a circle: ${CIRCLES[end.circle](end.what, end.value)}`;
  const { measure, span } = budgetOf(end.limit);
  return `at the limit of ${amountText(measure, end.value)} that ${SPANS[span]} may take`;
}

/** For the terminal. */
export function nearText({ budget, limit, used }: BudgetMark): string {
  const { measure, span } = budgetOf(budget);
  return `${amountText(measure, used)} of the ${amountText(measure, limit)} that ${SPANS[span]} may take are used.`;
}

/** For the model, which can still bring its work to an end that holds. */
export function nearNote(near: BudgetMark): string {
  return `${nearText(near)} When they are used up you are stopped before your next step. Wind down: begin nothing large, bring what you have begun into a state that holds, then say what is done, what is checked and what is left.`;
}

/** For people, where money cannot be held. */
export function unpricedText(model: string): string {
  return `The price of ${model} is not known, so what it costs is not held by any limit of money. Limits of turns, tokens and minutes hold.`;
}

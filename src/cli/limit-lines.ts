import { budgetOf, spendingOf, type Budget, type DayLedger, type Spending } from '../agent/budget';
import { limitText } from '../agent/budget-words';
import type { RunEnd } from '../agent/events';
import type { Session } from '../agent/session';

type LimitEnd = Extract<RunEnd, { reason: 'limit' }>;

/** Where a run was stopped, and the command that lets the session go on with as much again. */
export async function limitLines(end: LimitEnd, session: Session, ledger: DayLedger): Promise<string> {
  const stopped = `Stopped ${limitText(end)}.\n`;
  const resume = `--resume ${session.id}`;
  if (end.limit === 'circle') return `${stopped}Say what to do instead: ${resume} "..."\n`;
  const { name, span, measure } = budgetOf(end.limit);
  // A message begins anew, but what did not do once is better doubled.
  const used = span === 'message' ? end.value : await usedIn(span, session, ledger, measure);
  const whole = measure === 'usd' || measure === 'minutes' ? 100 : 1;
  const limit = Math.ceil((used + end.value) * whole) / whole;
  return `${stopped}Go on with: ${resume} --max-${name} ${limit} "go on"\n`;
}

async function usedIn(
  span: 'session' | 'day',
  { entries }: Session,
  ledger: DayLedger,
  measure: Budget['measure'],
): Promise<number> {
  const used: Spending = span === 'session' ? spendingOf(entries) : await ledger.today();
  return measure === 'usd' ? used.usd : used.tokens;
}

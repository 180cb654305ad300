import type { Limits, Spending } from '../../src/agent/budget';
import type { BudgetName } from '../../src/agent/events';
import type { FaultRow } from './row';

export interface BudgetFault {
  id: string;
  fails: string;
  limits: Partial<Limits>;
  /** What other sessions of the day have spent before. */
  dayBefore?: Spending;
  /** The ledger of the day cannot be written. */
  isUncounted?: boolean;
  /** The model calls a command without end, answers without end, or repeats itself; else it works on and on. */
  model?: 'hangs-in-command' | 'hangs-in-answer' | 'repeats';
  /** What ends the run. */
  end: BudgetName | 'circle' | 'failed';
  /** Requests that were asked; of those ended by the clock it is not known how many fit. */
  requests?: number;
  warned: boolean;
  sees: string;
}

const NEAR = 'A warning at 80 %; then';

export const BUDGET_FAULTS: readonly BudgetFault[] = [
  {
    id: 'budget-turns',
    fails: 'The turns of a message are used up',
    limits: { turns: 5 },
    end: 'turns',
    requests: 5,
    warned: true,
    sees: `${NEAR} “This message has used its 5 model turns.”`,
  },
  {
    id: 'budget-cost',
    fails: 'The money of a message is used up',
    limits: { costUsd: 0.01 },
    end: 'cost',
    warned: true,
    sees: `${NEAR} “This message has used its $0.01.”`,
  },
  {
    id: 'budget-tokens',
    fails: 'The tokens of a message are used up, those of the cache counted',
    limits: { tokens: 1_500 },
    end: 'tokens',
    warned: true,
    sees: `${NEAR} “This message has used its 1,500 tokens.”`,
  },
  {
    id: 'budget-session-cost',
    fails: 'The money of a session is used up',
    limits: { sessionCostUsd: 0.01 },
    end: 'session-cost',
    warned: true,
    sees: `${NEAR} “This session has used its $0.01.”`,
  },
  {
    id: 'budget-session-tokens',
    fails: 'The tokens of a session are used up',
    limits: { sessionTokens: 1_500 },
    end: 'session-tokens',
    warned: true,
    sees: `${NEAR} “This session has used its 1,500 tokens.”`,
  },
  {
    id: 'budget-day-cost',
    fails: 'The money of a day is used up, mostly by other sessions',
    limits: { dayCostUsd: 5 },
    dayBefore: { usd: 4.999, tokens: 0 },
    end: 'day-cost',
    warned: true,
    sees: `${NEAR} “The $5 of this day, over all sessions, are used.”`,
  },
  {
    id: 'budget-day-tokens',
    fails: 'The tokens of a day are used up by other sessions alone',
    limits: { dayTokens: 1_000 },
    dayBefore: { usd: 0, tokens: 1_000 },
    end: 'day-tokens',
    requests: 0,
    warned: false,
    sees: '“The 1,000 tokens of this day, over all sessions, are used.”',
  },
  {
    id: 'budget-minutes-command',
    fails: 'The minutes of a message are up in the middle of a command',
    limits: { minutes: 0.02 },
    model: 'hangs-in-command',
    end: 'minutes',
    requests: 1,
    warned: false,
    sees: '“This message has used its 0.02 minutes.”',
  },
  {
    id: 'budget-minutes-answer',
    fails: 'The minutes of a message are up in the middle of an answer',
    limits: { minutes: 0.02 },
    model: 'hangs-in-answer',
    end: 'minutes',
    requests: 1,
    warned: false,
    sees: '“This message has used its 0.02 minutes.”',
  },
  {
    id: 'budget-uncounted',
    fails: 'The folder in which a day with a budget is counted cannot be written',
    limits: { dayCostUsd: 5 },
    isUncounted: true,
    end: 'failed',
    requests: 1,
    warned: false,
    sees: '“What this day costs cannot be counted”',
  },
  {
    id: 'circle',
    fails: 'The model makes the same call with the same result again and again',
    limits: {},
    model: 'repeats',
    end: 'circle',
    requests: 5,
    warned: false,
    sees: 'What repeats, and how often.',
  },
];

export function describeBudgetFault({ id, fails, model, end, sees }: BudgetFault): FaultRow {
  const isCut = model === 'hangs-in-command' || model === 'hangs-in-answer';
  const how = isCut
    ? 'The step at work is cut after a quarter of the time more, and no process of it is left.'
    : end === 'circle'
      ? 'The model is told at the third time; at the fifth the run ends between two steps.'
      : 'The run ends between two steps: the next request is not made.';
  return {
    id,
    part: 'Budgets',
    fails,
    happens: how,
    sees,
    kept: `${isCut ? 'All before this step.' : 'All.'} “Go on” is accepted.`,
  };
}

import type { BudgetMark, BudgetName, JournalEntry, RunEnd, Usage } from './events';

/** What a run may use. What is left out is not limited. Turns whose price is unknown count as no money, and as their tokens. */
export interface Limits {
  /** Model turns one message of the user may take; a subagent has its own. */
  turns: number;
  /** US dollars one message may cost, its subagents included. */
  costUsd: number;
  /** Tokens one message may take: read, written, and read from and written to the cache. */
  tokens?: number;
  /** Minutes one message may take, without those it waits for a person. May be a fraction. */
  minutes?: number;
  /** The same for the whole session, all its branches included. */
  sessionCostUsd?: number;
  sessionTokens?: number;
  /** The same for all sessions of a day. */
  dayCostUsd?: number;
  dayTokens?: number;
}

export const DEFAULT_LIMITS: Limits = { turns: 50, costUsd: 5 };

export type Span = 'message' | 'session' | 'day';
export type Measure = 'turns' | 'tokens' | 'usd' | 'minutes';

export interface Budget {
  /** In journals and flags. */
  name: BudgetName;
  key: keyof Limits;
  span: Span;
  measure: Measure;
}

export const BUDGETS: readonly Budget[] = [
  { name: 'turns', key: 'turns', span: 'message', measure: 'turns' },
  { name: 'cost', key: 'costUsd', span: 'message', measure: 'usd' },
  { name: 'tokens', key: 'tokens', span: 'message', measure: 'tokens' },
  { name: 'minutes', key: 'minutes', span: 'message', measure: 'minutes' },
  { name: 'session-cost', key: 'sessionCostUsd', span: 'session', measure: 'usd' },
  { name: 'session-tokens', key: 'sessionTokens', span: 'session', measure: 'tokens' },
  { name: 'day-cost', key: 'dayCostUsd', span: 'day', measure: 'usd' },
  { name: 'day-tokens', key: 'dayTokens', span: 'day', measure: 'tokens' },
];

export function budgetOf(name: BudgetName): Budget {
  const found = BUDGETS.find((one) => one.name === name);
  if (!found) throw new Error(`There is no budget ${name}.`);
  return found;
}

/** The share of a budget from which on the user and the model are warned. */
export const WARN_AT = 0.8;

/** What settings and flags say of the budgets: the first that says something of one counts. */
export function limitsFrom(...said: readonly Partial<Record<keyof Limits, number | null | undefined>>[]): Limits {
  const limits: Limits = { ...DEFAULT_LIMITS };
  for (const { key } of BUDGETS) {
    const limit = said.find((one) => one[key] !== undefined && one[key] !== null)?.[key];
    if (typeof limit === 'number') limits[key] = limit;
  }
  return limits;
}

/** Whether a number can be a limit: above 0, and of turns and tokens a whole one. */
export function isLimit(measure: Measure, value: unknown): value is number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value <= 0) return false;
  return measure === 'usd' || measure === 'minutes' || Number.isSafeInteger(value);
}

/** What a limit is said as, for whoever said it otherwise. */
export function limitForm(measure: Measure): string {
  const units = { turns: 'turns', tokens: 'tokens', usd: 'US dollars', minutes: 'minutes' };
  const isWhole = measure === 'turns' || measure === 'tokens';
  return isWhole ? `a whole number of ${units[measure]} from 1` : `a number of ${units[measure]} above 0`;
}

/** US dollars and tokens. */
export interface Spending {
  usd: number;
  tokens: number;
}

/** What was used when a budget is looked at. */
export interface Used {
  message: Spending & { turns: number; minutes: number };
  session: Spending;
  day: Spending & { day: string };
}

/** Whom a payment is put down to. A skill of `''` is none. */
export interface Payee {
  model: string;
  droid: string;
  skill: string;
  /** Its price is not known, and not in the sum. */
  unpriced?: boolean;
}

/** What was paid for one model, droid or skill: US dollars, and how often a price was not known. */
export interface PaidFor {
  name: string;
  usd: number;
  unknown: number;
}

/** The costs of a day, put down to whom they were paid for; each list adds up to the same, the dearest first. */
export interface DayCosts {
  models: PaidFor[];
  droids: PaidFor[];
  skills: PaidFor[];
}

/** The money and tokens of a day over all sessions of a user, in all windows and terminals. */
export interface DayLedger {
  /** Counts towards today. Throws UserError where that cannot be kept. */
  add(spent: Spending & Partial<Payee>): Promise<void>;
  /** The local day, as 2026-11-25, and what it has cost so far. Throws UserError where that cannot be read. */
  today(): Promise<Spending & { day: string }>;
}

/** One that tells whom the money was paid for, too. */
export interface DayCostLedger extends DayLedger {
  /** Today's costs, as of the last look at the day. */
  costs(): DayCosts;
}

/** What a model was paid for in an entry. A subagent's end only sums up what was counted one by one. */
export function paidIn({
  event,
}: Pick<JournalEntry, 'event'>): { usage: Usage; model: string; costUsd: number | null } | undefined {
  return 'usage' in event && event.type !== 'subagent-end' ? event : undefined;
}

/** Every token that the server counts: what is read from the cache is cheaper, and no less read. */
export function tokensIn({ input, output, cacheRead, cacheWrite }: Usage): number {
  return input + output + cacheRead + cacheWrite;
}

export function spendingOf(entries: readonly JournalEntry[]): Spending {
  const sum = { usd: 0, tokens: 0 };
  for (const entry of entries) {
    const paid = paidIn(entry);
    if (!paid) continue;
    add(sum, { usd: paid.costUsd ?? 0, tokens: tokensIn(paid.usage) });
  }
  return sum;
}

/** What a journal says of one message and its session, read so far. */
export interface Tally {
  /** How many of the session's entries were read. */
  read: number;
  session: Spending;
  message: Spending;
  /** The most that a single request of the message has cost: what the next one may cost. */
  dearest: Spending;
  /** What was said of budgets, in the session and in the message. */
  marks: JournalEntry[];
  messageMarks: JournalEntry[];
  /** Where the reading is: before the message's own stretch of the journal, in it, or behind it. */
  at: 'before' | 'in' | 'after';
  /** The sessions of its subagents, which may spend behind it. */
  subagents: Set<string>;
}

function emptyTally(): Tally {
  const [session, message, dearest] = [1, 2, 3].map((): Spending => ({ usd: 0, tokens: 0 })) as [
    Spending,
    Spending,
    Spending,
  ];
  return { read: 0, session, message, dearest, marks: [], messageMarks: [], at: 'before', subagents: new Set() };
}

/**
 * Reads on in the entries of a session, all its branches included, for the message whose prompt is the entry `since`. Its
 * own stretch ends with the next prompt; what its subagents spend later is still its own.
 */
export function tallied(entries: readonly JournalEntry[], since: string | undefined, before = emptyTally()): Tally {
  const tally = before.read > entries.length ? emptyTally() : before;
  for (; tally.read < entries.length; tally.read++) count(tally, entries[tally.read] as JournalEntry, since);
  return tally;
}

function count(tally: Tally, entry: JournalEntry, since: string | undefined): void {
  const { id, event } = entry;
  if (id === since) tally.at = 'in';
  else if (event.type === 'prompt' && tally.at === 'in') tally.at = 'after';
  const isIn = tally.at === 'in';
  if (event.type === 'subagent-start' && isIn) tally.subagents.add(event.session);
  if (event.type === 'budget-near' || event.type === 'budget-raised') {
    tally.marks.push(entry);
    if (isIn) tally.messageMarks.push(entry);
  }
  const paid = paidIn(entry);
  if (!paid) return;
  const spent = { usd: paid.costUsd ?? 0, tokens: tokensIn(paid.usage) };
  add(tally.session, spent);
  const isLate = tally.at === 'after' && event.type === 'tool-usage' && tally.subagents.has(event.subagent ?? '');
  if (!isIn && !isLate) return;
  add(tally.message, spent);
  tally.dearest = {
    usd: Math.max(tally.dearest.usd, spent.usd),
    tokens: Math.max(tally.dearest.tokens, spent.tokens),
  };
}

function add(sum: Spending, { usd, tokens }: Spending): void {
  sum.usd += usd;
  sum.tokens += tokens;
}

/** The limits with what a person let the session have beyond them. What was granted for a day ends with it. */
export function raisedLimits(limits: Limits, entries: readonly JournalEntry[], today: string): Limits {
  const raised: Limits = { ...limits };
  for (const { event } of entries) {
    if (event.type !== 'budget-raised' || (event.day !== undefined && event.day !== today)) continue;
    const { key } = budgetOf(event.budget);
    const limit = raised[key];
    if (limit !== undefined) raised[key] = Math.max(limit, event.limit);
  }
  return raised;
}

/** Sums of cents must not miss their limit by a rounding. */
const ROUNDING = 1e-9;

export function usedOf({ span, measure }: Budget, used: Used): number {
  return (used[span] as Partial<Record<Measure, number>>)[measure] ?? 0;
}

/** The first budget that is used up, as the end of the run. */
export function usedUp(limits: Limits, used: Used): Extract<RunEnd, { reason: 'limit' }> | undefined {
  const budget = BUDGETS.find((one) => usedOf(one, used) >= (limits[one.key] ?? Infinity) - ROUNDING);
  return budget && { reason: 'limit', limit: budget.name, value: limits[budget.key] ?? 0 };
}

/** The budgets that are nearly used up. */
export function nearlyUsed(limits: Limits, used: Used): BudgetMark[] {
  return BUDGETS.flatMap((budget) => {
    const limit = limits[budget.key];
    const amount = usedOf(budget, used);
    if (limit === undefined || amount < WARN_AT * limit - ROUNDING) return [];
    const day = budget.span === 'day' ? { day: used.day.day } : {};
    return [{ budget: budget.name, limit, used: amount, ...day }];
  });
}

/** The two marks that a warning leaves: one for the user, one for the model. */
export function isToldOf(near: BudgetMark, entries: readonly JournalEntry[], by: 'budget-near' | 'note'): boolean {
  return entries.some(({ event }) => {
    const told = event.type === 'budget-near' ? event : event.type === 'note' ? event.near : undefined;
    return event.type === by && told?.budget === near.budget && told.limit === near.limit && told.day === near.day;
  });
}

/** True where another request beside those in flight could go past a limit, should each cost as much as the dearest. */
export function isCrowded(limits: Limits, used: Used, dearest: Spending, inFlight: number): boolean {
  return BUDGETS.some((budget) => {
    const limit = limits[budget.key];
    if (limit === undefined || !(budget.measure === 'usd' || budget.measure === 'tokens')) return false;
    return usedOf(budget, used) + (inFlight + 1) * dearest[budget.measure] > limit + ROUNDING;
  });
}

/** What a person's word to go on grants: each used up budget of the session and the day once more. A message has its own anew. */
export function grantsFor(limits: Limits, raised: Limits, used: Used): BudgetMark[] {
  return BUDGETS.flatMap((budget) => {
    const [once, limit] = [limits[budget.key], raised[budget.key]];
    const amount = usedOf(budget, used);
    if (budget.span === 'message' || once === undefined || amount < (limit ?? 0) - ROUNDING) return [];
    const day = budget.span === 'day' ? { day: used.day.day } : {};
    return [{ budget: budget.name, limit: amount + once, used: amount, ...day }];
  });
}

import type { DurableEvent, JournalEntry, Usage } from '../../agent/events';
import type { DayCosts } from '../../agent/budget';
import { startOf, usageOf } from '../../agent/folds';
import { isChosen, skillMarksIn } from '../../agent/skill-marks';
import { sumOf } from '../../jobs/compute';
import type { JobSpending } from '../../jobs/spent';
import type { PanelBudget, PanelCompute, PanelCost, PanelMeter } from '../sections/meter';
import { contextOf } from './context-parts';

export interface MeterSource {
  branch: readonly JournalEntry[];
  /** Tokens that the model of this id can take, `null` where that is not known. */
  windowOf: (model: string) => number | null;
  budgets: readonly PanelBudget[];
  /** US dollars of all sessions of the day; left out where nobody counts them. */
  todayUsd?: number | undefined;
  /** The same by whom it was paid for. */
  todayCosts?: DayCosts | undefined;
  /** What all jobs took, of every session. */
  jobs?: readonly JobSpending[];
  /** The id of the session. */
  session?: string;
}

/** What a session takes and costs. Models, droids and skills each add up to the whole. */
export function meterOf(source: MeterSource): PanelMeter {
  const { branch, windowOf, budgets, todayUsd, todayCosts, jobs = [], session = '' } = source;
  const { input, output, cacheRead, cacheWrite } = usageOf(branch);
  const { whole, models, droids, skills } = costsOf(branch);
  return {
    context: contextOf(branch, windowOf),
    tokens: { input, output, cacheRead, cacheWrite },
    session: whole,
    today: todayUsd ?? null,
    costs: { session: { models, droids, skills }, today: todayCosts ?? null },
    budgets: [...budgets],
    compute: computeFor(jobs, session),
  };
}

/** What the jobs of the session took, by droid and skill, and those of all sessions today. */
function computeFor(all: readonly JobSpending[], session: string): PanelMeter['compute'] {
  const own = all.filter((one) => one.session === session);
  const today = sumOf(all.map((one) => one.today));
  if (own.length === 0 && today.hours === 0) return null;
  const by = (nameOf: (one: JobSpending) => string): PanelCompute[] =>
    [...new Set(own.map(nameOf))]
      .map((name) => ({ name, ...sumOf(own.filter((one) => nameOf(one) === name).map(({ whole }) => whole)) }))
      .sort((a, b) => b.hours - a.hours);
  return {
    session: { name: '', ...sumOf(own.map(({ whole }) => whole)) },
    today: { name: '', ...today },
    droids: by(({ droid }) => droid),
    skills: by(({ skill }) => skill),
  };
}

interface Costs {
  whole: PanelCost;
  models: PanelCost[];
  droids: PanelCost[];
  skills: PanelCost[];
}

type Paid = Extract<DurableEvent, { usage: Usage; model: string }>;

/**
 * Every payment in the journal, put down to the model that was paid, the droid that worked, and the skill that was loaded
 * last in the same message: what a skill makes the model do afterwards is what can be told of its cost.
 */
function costsOf(branch: readonly JournalEntry[]): Costs {
  const main = startOf(branch)?.droid ?? '';
  const droidOf = new Map<string, string>();
  const [models, droids, skills] = [1, 2, 3].map((): Sums => new Map()) as [Sums, Sums, Sums];
  const whole: PanelCost = { name: '', usd: 0, unknown: 0 };
  let skill = '';
  for (const entry of branch) {
    const { event } = entry;
    if (event.type === 'prompt') skill = '';
    skill = skillMarksIn([entry]).findLast(isChosen)?.name ?? skill;
    if (event.type === 'subagent-start') droidOf.set(event.session, event.droid);
    const paid = paidBy(event);
    if (!paid) continue;
    const agent = paid.type === 'tool-usage' ? paid.subagent : undefined;
    add(whole, paid.costUsd);
    addTo(models, paid.model, paid.costUsd);
    addTo(droids, agent === undefined ? main : (droidOf.get(agent) ?? agent), paid.costUsd);
    addTo(skills, skill, paid.costUsd);
  }
  return { whole, models: listed(models), droids: listed(droids), skills: listed(skills) };
}

/** A subagent's end only sums up what was counted one by one. */
function paidBy(event: DurableEvent): Paid | undefined {
  return 'usage' in event && event.type !== 'subagent-end' ? event : undefined;
}

type Sums = Map<string, PanelCost>;

function addTo(sums: Sums, name: string, usd: number | null): void {
  const sum = sums.get(name) ?? { name, usd: 0, unknown: 0 };
  add(sum, usd);
  sums.set(name, sum);
}

/** The dearest first. */
function listed(sums: Sums): PanelCost[] {
  return [...sums.values()].sort((a, b) => b.usd - a.usd || b.unknown - a.unknown);
}

function add(sum: PanelCost, usd: number | null): void {
  if (usd === null) sum.unknown += 1;
  else sum.usd += usd;
}

import { ToolError } from '../agent/tool';
import { jobsOf } from '../host/session-folders';
import {
  amountOf,
  capOf,
  gpusFor,
  hasPrice,
  limitWords,
  NOTHING_TAKEN,
  usedUpBy,
  type Rates,
  type Taken,
} from './compute';
import type { JobBudget, JobRecord } from './job';
import { askedOf, queueRow } from './asked';
import type { Site } from './backend';
import { spending, takenOf } from './spent';
import type { ComputeSettings, JobsHome } from './start';

interface Asked {
  command: string;
  environment: Readonly<Record<string, string>>;
  /** Of this machine. */
  gpus: number;
  site: Site;
  session: string;
  /** What whoever starts it gives it. */
  minutes?: number | undefined;
}

type Home = Pick<JobsHome, 'state' | 'compute'>;

/** What a job may take, as the settings and what others took leave it. Throws UserError for settings that are no limits. */
export async function budgetFor(
  home: Home,
  { command, environment, gpus, site, session, minutes }: Asked,
): Promise<JobBudget> {
  const settings: ComputeSettings = home.compute?.() ?? { limits: {} };
  const { limits, usdPerHour, usdPerGpuHour } = settings;
  const rates: Rates = {
    gpus: site.kind === 'local' ? gpusFor(command, environment, gpus) : askedOf(site).gpus,
    // The price by the clock is this machine's.
    ...(usdPerHour === undefined || site.kind !== 'local' ? {} : { usdPerHour }),
    ...(usdPerGpuHour === undefined ? {} : { usdPerGpuHour }),
  };
  const cap = capOf(limits, rates, await takenNow(home, limits, session), minutes);
  return {
    ...(minutes === undefined ? {} : { minutes }),
    rates,
    ...(Object.keys(limits).length > 0 ? { limits } : {}),
    ...(cap ? { cap } : {}),
  };
}

/** Looked up only where something of it is limited. */
async function takenNow({ state }: Home, limits: ComputeSettings['limits'], session: string): Promise<Taken> {
  const isCounted = Object.keys(limits).some((key) => !key.startsWith('job'));
  return isCounted ? takenOf(await spending(jobsOf(state), new Date()), session) : NOTHING_TAKEN;
}

/** Throws a ToolError where the jobs of the session or the day have taken all they may. */
export async function refuseUsedUp(home: Home, { budget: { limits = {} }, startedBy }: JobRecord): Promise<void> {
  const taken = await takenNow(home, limits, startedBy.session);
  const budget = usedUpBy(limits, taken);
  const most = budget && limits[budget.key];
  if (!budget || most === undefined || budget.span === 'job') return;
  throw new ToolError(
    `Not started: the ${limitWords(budget, most)} is used up, ${amountOf(budget.measure, taken[budget.span][budget.measure])} were taken. Only the user can raise it (jobs.budget, ${budget.key}): say so, and do not run it another way.`,
  );
}

/** What a person reads in the question, and the model in the answer: how long it may run, and by what. */
export function allowanceRows({ rates = { gpus: 0 }, limits = {}, cap }: JobBudget, site: Site): string[] {
  const limitsMoney = Object.keys(limits).some((key) => key.endsWith('Usd'));
  return [
    ...(site.kind === 'local' ? [] : [queueRow(askedOf(site), rates, cap)]),
    ...(cap ? [`It is stopped after ${amountOf('hours', cap.minutes / 60)}, by ${cap.by}.`] : []),
    ...(limitsMoney && !hasPrice(rates)
      ? ['No price of an hour is set (jobs.pricePerHour, jobs.pricePerGpuHour), so limits of money hold nothing.']
      : []),
  ];
}

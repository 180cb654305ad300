import * as z from 'zod';

/** What jobs take: hours by the clock, hours of GPUs, US dollars. */
export interface Compute {
  hours: number;
  gpuHours: number;
  usd: number;
}
export type ComputeMeasure = keyof Compute;
export type ComputeSpan = 'job' | 'session' | 'day';

const limit = z.number().positive();
/** What jobs may take. What is left out is not limited. Strict: a name that was mistyped must not hold nothing. */
export const computeLimitsSchema = z
  .strictObject({
    jobHours: limit,
    jobGpuHours: limit,
    jobUsd: limit,
    sessionHours: limit,
    sessionGpuHours: limit,
    sessionUsd: limit,
    dayHours: limit,
    dayGpuHours: limit,
    dayUsd: limit,
  })
  .partial();
export type ComputeLimits = z.infer<typeof computeLimitsSchema>;

export interface ComputeBudget {
  key: keyof ComputeLimits;
  span: ComputeSpan;
  measure: ComputeMeasure;
}

export const COMPUTE_BUDGETS: readonly ComputeBudget[] = [
  { key: 'jobHours', span: 'job', measure: 'hours' },
  { key: 'jobGpuHours', span: 'job', measure: 'gpuHours' },
  { key: 'jobUsd', span: 'job', measure: 'usd' },
  { key: 'sessionHours', span: 'session', measure: 'hours' },
  { key: 'sessionGpuHours', span: 'session', measure: 'gpuHours' },
  { key: 'sessionUsd', span: 'session', measure: 'usd' },
  { key: 'dayHours', span: 'day', measure: 'hours' },
  { key: 'dayGpuHours', span: 'day', measure: 'gpuHours' },
  { key: 'dayUsd', span: 'day', measure: 'usd' },
];

/** What an hour of a job takes. Kept with the job: prices of later are not its own. */
export const ratesSchema = z.object({
  gpus: z.int().min(0),
  /** US dollars; absent where nobody named a price. */
  usdPerHour: z.number().min(0).optional(),
  usdPerGpuHour: z.number().min(0).optional(),
});
export type Rates = z.infer<typeof ratesSchema>;

export const NO_COMPUTE: Compute = { hours: 0, gpuHours: 0, usd: 0 };

export function perHour({ gpus, usdPerHour = 0, usdPerGpuHour = 0 }: Rates): Compute {
  return { hours: 1, gpuHours: gpus, usd: usdPerHour + gpus * usdPerGpuHour };
}

export function hasPrice({ usdPerHour, usdPerGpuHour }: Rates): boolean {
  return usdPerHour !== undefined || usdPerGpuHour !== undefined;
}

/** What a job takes in so many hours. */
export function takenIn(hours: number, rates: Rates): Compute {
  const one = perHour(rates);
  return { hours: one.hours * hours, gpuHours: one.gpuHours * hours, usd: one.usd * hours };
}

export function sumOf(all: readonly Compute[]): Compute {
  return all.reduce(
    (sum, { hours, gpuHours, usd }) => ({
      hours: sum.hours + hours,
      gpuHours: sum.gpuHours + gpuHours,
      usd: sum.usd + usd,
    }),
    NO_COMPUTE,
  );
}

/** What the jobs of a session and of the day have taken. */
export type Taken = Readonly<Record<'session' | 'day', Compute>>;
export const NOTHING_TAKEN: Taken = { session: NO_COMPUTE, day: NO_COMPUTE };

/** The first budget of a session or the day that is used up. */
export function usedUpBy(limits: ComputeLimits, taken: Taken): ComputeBudget | undefined {
  return COMPUTE_BUDGETS.find(({ key, span, measure }) => {
    const most = limits[key];
    return span !== 'job' && most !== undefined && taken[span][measure] >= most;
  });
}

/** How long a job may run. `by`: what holds it, for people. */
export interface Cap {
  minutes: number;
  by: string;
}

/**
 * How long a job may run by all that limits it, were it the only one: what others take meanwhile is counted by who watches.
 * A limit of money holds nothing where no price is known, one of GPU-hours nothing without a GPU.
 */
export function capOf(limits: ComputeLimits, rates: Rates, taken: Taken, minutes?: number): Cap | undefined {
  const an = perHour(rates);
  const caps: Cap[] = minutes === undefined ? [] : [{ minutes, by: `its budget of ${minutes} minutes` }];
  for (const budget of COMPUTE_BUDGETS) {
    const most = limits[budget.key];
    if (most === undefined || an[budget.measure] === 0) continue;
    const left = most - (budget.span === 'job' ? 0 : taken[budget.span][budget.measure]);
    caps.push({ minutes: Math.max(0, (left / an[budget.measure]) * 60), by: `its ${limitWords(budget, most)}` });
  }
  return caps.sort((a, b) => a.minutes - b.minutes)[0];
}

const SPANS: Record<ComputeSpan, string> = {
  job: 'a job',
  session: 'the jobs of a session',
  day: 'the jobs of a day',
};

export function limitWords({ span, measure }: Omit<ComputeBudget, 'key'>, most: number): string {
  return `limit of ${amountOf(measure, most)} for ${SPANS[span]}`;
}

/** `3.5 h`, `12 GPU-hours`, `$4.20`. */
export function amountOf(measure: ComputeMeasure, value: number): string {
  if (measure === 'usd') return value > 0 && value < 0.1 ? `$${Number(value.toPrecision(1))}` : `$${value.toFixed(2)}`;
  const number = Number(value.toPrecision(3));
  return measure === 'hours' ? `${number} h` : `${number} GPU-hours`;
}

/** `3.5 h, 12 GPU-hours, $4.20`; what is not used at all is left out. */
export function computeLine({ hours, gpuHours, usd }: Compute): string {
  const parts = [amountOf('hours', hours)];
  if (gpuHours > 0) parts.push(amountOf('gpuHours', gpuHours));
  if (usd > 0) parts.push(amountOf('usd', usd));
  return parts.join(', ');
}

const CHOSEN = /(?:^|\s)CUDA_VISIBLE_DEVICES=(["']?)([\w,:.-]*)\1(?=\s)/gu;

/** How many of the machine's GPUs a command may use: all, unless CUDA_VISIBLE_DEVICES says less. */
export function gpusFor(command: string, environment: Readonly<Record<string, string>>, there: number): number {
  const inLine = [...command.matchAll(CHOSEN)].at(-1)?.[2];
  const chosen = inLine ?? environment['CUDA_VISIBLE_DEVICES'];
  if (chosen === undefined) return there;
  // As CUDA reads it: the list ends at the first that is not there, such as -1.
  const names = chosen.split(',').map((name) => name.trim());
  const bad = names.findIndex((name) => name === '' || name.startsWith('-'));
  return Math.min(there, bad === -1 ? names.length : bad);
}

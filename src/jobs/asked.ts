import type { Site } from './backend';
import { amountOf, hasPrice, takenIn, type Cap, type Rates } from './compute';

/** What is asked of a queue. */
export interface Asked {
  gpus: number;
  /** The most that it may run, in hours; absent where nobody says. */
  hours?: number;
}

/** What the options of a site ask for. A number of GPUs for each node or task is counted with theirs. */
export function askedOf({ kind, slurmOptions, ray }: Site): Asked {
  if (kind === 'ray') return { gpus: Math.ceil(ray.gpus) };
  if (kind === 'local') return { gpus: 0 };
  const option = optionsIn(slurmOptions);
  const nodes = countIn(option('nodes', 'N')) ?? 1;
  const tasks = countIn(option('ntasks', 'n')) ?? nodes;
  const gres = gresIn(option('gres')) ?? gresIn(option('tres-per-node'));
  const whole = gpusIn(option('gpus', 'G'));
  const perNode = gpusIn(option('gpus-per-node')) ?? gres;
  const perTask = gpusIn(option('gpus-per-task'));
  const gpus = whole ?? (perNode === undefined ? undefined : perNode * nodes) ?? (perTask ?? 0) * tasks;
  const minutes = slurmMinutes(option('time', 't') ?? '');
  return { gpus, ...(minutes === undefined ? {} : { hours: minutes / 60 }) };
}

/** The value of an option, as sbatch reads it: `--gres=gpu:1`, `--gres gpu:1`, `-t 60`, `-t60`. The last one counts. */
function optionsIn(options: readonly string[]): (name: string, letter?: string) => string | undefined {
  const words = options.flatMap((one) => one.trim().split(/\s+/u));
  return (name, letter) => {
    let value: string | undefined;
    for (const [at, word] of words.entries()) {
      if (word.startsWith(`--${name}=`)) value = word.slice(name.length + 3);
      else if (word === `--${name}` || (letter !== undefined && word === `-${letter}`)) value = words[at + 1];
      else if (letter !== undefined && word.startsWith(`-${letter}`)) value = word.slice(2);
    }
    return value;
  };
}

/** `2`, or the more of `2-4`. */
function countIn(text: string | undefined): number | undefined {
  const found = /^(?:\d+-)?(\d+)$/u.exec(text ?? '');
  return found ? Number(found[1]) : undefined;
}

/** Of `gpu:a100:2,shard:4` the GPUs: a gres without a number is one. */
function gresIn(text: string | undefined): number | undefined {
  const gpus = text?.split(',').filter((one) => /^(?:gres\/)?gpu(?![\w])/u.test(one));
  return gpus?.reduce((sum, one) => sum + countOf(one), 0);
}

/** Of `2`, `a100:2` or `a100:1,v100:2` all. */
function gpusIn(text: string | undefined): number | undefined {
  return text?.split(',').reduce((sum, one) => sum + countOf(one), 0);
}

function countOf(text: string): number {
  return Number(/(?:^|[:=])(\d+)(?:\(.*)?$/u.exec(text)?.[1] ?? 1);
}

/** sbatch(1): minutes, minutes:seconds, hours:minutes:seconds, days-hours, days-hours:minutes, days-hours:minutes:seconds. */
export function slurmMinutes(text: string): number | undefined {
  const found = /^(?:(\d+)-)?(\d+)(?::(\d+))?(?::(\d+))?$/u.exec(text.trim());
  if (!found) return undefined;
  const [, days, ...rest] = found;
  const [a = 0, b = 0, c = 0] = rest.map((one) => (one === undefined ? undefined : Number(one)));
  if (days !== undefined) return Number(days) * 1_440 + a * 60 + b + c / 60;
  return rest[2] === undefined ? a + b / 60 : a * 60 + b + c / 60;
}

/** What a job in a queue would take, said before it is joined. */
export function queueRow(asked: Asked, rates: Rates, cap: Cap | undefined): string {
  const capHours = cap && cap.minutes / 60;
  const hours = asked.hours === undefined ? capHours : Math.min(asked.hours, capHours ?? Infinity);
  const gpus = asked.gpus === 1 ? '1 GPU' : `${asked.gpus} GPUs`;
  const priced = hasPrice(rates);
  if (hours === undefined) {
    const hour = takenIn(1, rates);
    const cost = priced ? `${amountOf('usd', hour.usd)} an hour` : 'no price is set';
    return `Asked of the queue: ${gpus}, without a limit of time; ${cost}.`;
  }
  const most = takenIn(hours, rates);
  const cost = priced ? `, ${amountOf('usd', most.usd)}` : '; no price is set';
  return `Asked of the queue: ${gpus} for ${amountOf('hours', hours)} at the most, which is ${amountOf('gpuHours', most.gpuHours)}${cost}.`;
}

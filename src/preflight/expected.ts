import { argumentsOf, isSeed } from '../ledger/configuration';
import type { Run } from '../ledger/parse';
import { spanOf, type Expected } from './report';

/** Arguments that say how much is done: `--epochs`, `trainer.max_epochs`, `--n-estimators`. */
const AMOUNT =
  /(?:^|[-.])(?:epochs?|steps?|iters?|iterations?|rounds?|batches|estimators|trees|trials|episodes|timesteps|updates)$/u;
/** How often something is done beside the work, or before it. */
const NO_AMOUNT = /accum|warm|eval|val|save|log|check|print|decay|every|per|patience|unroll|roll-?out/u;
/** Arguments that make a run small in ways that no number tells. */
const SMALLER = /limit|max|fast|debug|dry|smoke|subset|sample|frac|small|tiny|batches|rows|head|quick/u;
/** What runs a program and is none itself. */
const RUNNER =
  /^(?:.*\/)?(?:python[\d.]*|uv|poetry|pipenv|conda|pixi|run|exec|torchrun|accelerate|launch|deepspeed|nohup|env|time|srun|bash|sh|julia|Rscript)$/u;

function isAmount(name: string): boolean {
  return AMOUNT.test(name.toLowerCase()) && !NO_AMOUNT.test(name.toLowerCase());
}

/**
 * Whether a command runs the same program as another: the same script or module, whatever its options. What a model calls
 * a dry run of a job must be one. Pure.
 */
export function isSameProgram(one: string, other: string): boolean {
  const [a, b] = [programOf(one), programOf(other)];
  return a !== undefined && a === b;
}

/** The module or script; of a list of commands the last is the work. */
function programOf(command: string): string | undefined {
  const last = command
    .split(/&&|\|\||;|\n/u)
    .map((part) => part.trim())
    .findLast((part) => part !== '');
  const all = argumentsOf(last ?? '');
  const module = all.get('m');
  if (module !== undefined) return `-m ${module}`;
  const places = [...all].filter(([name]) => name.startsWith('#')).map(([, word]) => word);
  const script =
    places.find((word) => !RUNNER.test(word)) ?? [...all.values()].find((word) => /\.\w{1,4}$/u.test(word));
  return script?.replace(/^\.\//u, '');
}

const TRAINS = /(?:^|[/_.-])(?:pre-?train|train|training|trainer|fit|fine-?_?tun(?:e|ing)|sweep|hpo)(?:[/_.-]|$)/iu;
const LAUNCHER = /(?:^|\s|\/)(?:torchrun|accelerate\s+launch|deepspeed|horovodrun)\s/u;
/** What runs a target by its name. */
const TARGETS = /^(?:make|just|task|invoke|nox|tox)$/u;

/** Whether a command plainly trains: by the name of what it runs, its launcher, or how much of it it is told to do. Pure. */
export function trainsByItsWords(command: string): boolean {
  const program = programOf(command) ?? '';
  const all = argumentsOf(command);
  const hasTarget = TARGETS.test(program) && [...all.values()].some((word) => TRAINS.test(word));
  const isMuch = [...all].some(([name, value]) => isAmount(name) && Number(value) > 1);
  return TRAINS.test(program.replace(/^-m /u, '')) || LAUNCHER.test(command) || hasTarget || isMuch;
}

export interface Scale {
  ratio: number;
  /** The dry run is smaller in ways that no number tells, too. */
  isMore: boolean;
}

/** How many times as much a command does as another, by the numbers of both; `undefined` where they do not tell. Pure. */
export function scaleOf(small: string, whole: string): Scale | undefined {
  const [little, much] = [argumentsOf(small), argumentsOf(whole)];
  let ratio = 1;
  let isKnown = false;
  for (const [name, value] of much) {
    const [a, b] = [Number(little.get(name) ?? Number.NaN), Number(value)];
    if (!isAmount(name) || !(a > 0) || !(b > 0)) continue;
    ratio *= b / a;
    isKnown = true;
  }
  if (!isKnown) return undefined;
  const isMore = [...little].some(
    ([name, value]) => SMALLER.test(name.toLowerCase()) && !isAmount(name) && much.get(name) !== value,
  );
  const hasOwnAmount = [...little.keys()].some((name) => isAmount(name) && !much.has(name));
  return { ratio, isMore: isMore || hasOwnAmount };
}

const MAX_LIKE = 5;

/** How long runs of the ledger took that differ from a command in seeds and amounts alone, the newest. Pure. */
export function likeRuns(runs: readonly Run[], command: string, cwd: string): number[] {
  const key = keyOf(command);
  return runs
    .filter(({ record }) => record.state === 'ok' && record.seconds !== null && record.cwd === cwd)
    .filter(({ record }) => keyOf(record.command) === key)
    .slice(-MAX_LIKE)
    .map(({ record }) => (record.seconds ?? 0) * (scaleOf(record.command, command)?.ratio ?? 1));
}

const keys = new Map<string, string>();
const MAX_KEYS = 20_000;

/** Reading a command costs more than all the rest, and ledgers hold thousands of the same. */
function keyOf(command: string): string {
  const known = keys.get(command);
  if (known !== undefined) return known;
  const told = [...argumentsOf(command)].filter(([name]) => !isSeed(name) && !isAmount(name));
  const key = JSON.stringify(told.sort(([a], [b]) => (a < b ? -1 : 1)));
  if (keys.size >= MAX_KEYS) keys.clear();
  keys.set(command, key);
  return key;
}

/** What like runs say of the time, by the slowest half: to expect too little costs more than to expect too much. Pure. */
export function expectedByRuns(seconds: readonly number[]): Expected | undefined {
  if (seconds.length === 0) return undefined;
  const sorted = [...seconds].sort((a, b) => a - b);
  const typical = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const [low = 0, high = 0] = [sorted[0], sorted.at(-1)];
  const spread = sorted.length === 1 ? 'one like run of the ledger' : `${sorted.length} like runs of the ledger`;
  const range = low === high ? '' : `, ${spanOf(low)} to ${spanOf(high)}`;
  return { seconds: typical, bound: 'about', why: `${spread}${range}` };
}

/** What a dry run says of the time. Its own start counts as often as its work, so it is too much rather than too little. Pure. */
export function expectedByTrial(seconds: number, scale: Scale | undefined): Expected | undefined {
  if (!scale) return undefined;
  const times = Number(scale.ratio.toPrecision(3));
  return {
    seconds: seconds * scale.ratio,
    bound: scale.isMore ? 'at least' : 'at most',
    why: `${times} times the dry run${scale.isMore ? ', which left out more than its numbers tell' : ''}`,
  };
}

import type { RestoreWhat } from '../agent/events';
import { choice, isOneOf, optional, UsageError } from './choices';

export const JOB_VERBS = ['list', 'status', 'logs', 'stop'] as const;

export interface JobsArguments {
  kind: 'jobs';
  verb: (typeof JOB_VERBS)[number];
  /** For all but list. */
  id?: string;
  lines?: number;
  cwd: string;
  json: boolean;
}

export const CHECKPOINT_VERBS = ['list', 'restore', 'compare', 'undo'] as const;

export interface CheckpointsArguments {
  kind: 'checkpoints';
  verb: (typeof CHECKPOINT_VERBS)[number];
  /** As the list numbers them: one of restore; one or two of compare, the second being now where it is left out. */
  numbers: number[];
  /** For restore. */
  what?: RestoreWhat;
  /** The last one of the folder where none is said. */
  session?: string;
  sessionDir?: string;
  cwd: string;
  json: boolean;
}

export const RUN_VERBS = ['list', 'show', 'compare', 'best', 'note', 'reproduce'] as const;

/** What a person asks of the ledger of experiments. */
export interface RunsArguments {
  kind: 'runs';
  verb: (typeof RUN_VERBS)[number];
  /** Of runs; for best the metric. */
  names: string[];
  filter?: string;
  sort?: string;
  limit?: number;
  direction?: 'min' | 'max';
  hypothesis?: string;
  verdict?: string;
  tolerance?: number;
  cwd: string;
  json: boolean;
}

/** "jobs" alone lists them; with a verb the id follows. "jobs that failed" is a prompt. */
export function jobsIn(
  [first, verb = 'list', ...rest]: readonly string[],
  cwd: string,
  { json = false, lines }: { json?: boolean | undefined; lines?: string | undefined },
): JobsArguments | undefined {
  if (first !== 'jobs' || !isOneOf(JOB_VERBS, verb)) return undefined;
  const base = { kind: 'jobs', verb, cwd, json } as const;
  if (verb === 'list' && rest.length === 0) return base;
  const [id, ...more] = rest;
  if (verb === 'list' || id === undefined || more.length > 0)
    throw new UsageError(`jobs ${verb} takes ${verb === 'list' ? 'no id' : 'the id of one job'}.`);
  if (lines !== undefined && !/^[1-9]\d{0,5}$/u.test(lines))
    throw new UsageError(`--lines takes a whole number above 0; not "${lines}".`);
  return { ...base, id, ...optional('lines', lines === undefined ? undefined : Number(lines)) };
}

interface CheckpointFlags {
  json?: boolean | undefined;
  session?: string | undefined;
  'session-dir'?: string | undefined;
  files?: boolean | undefined;
  conversation?: boolean | undefined;
  both?: boolean | undefined;
}

/** "checkpoints" alone lists them. "checkpoints that were lost" is a prompt. */
export function checkpointsIn(
  [first, verb = 'list', ...rest]: readonly string[],
  cwd: string,
  { json = false, session, 'session-dir': sessionDir, ...flags }: CheckpointFlags,
): CheckpointsArguments | undefined {
  if (first !== 'checkpoints' || !isOneOf(CHECKPOINT_VERBS, verb)) return undefined;
  const what = (['files', 'conversation', 'both'] as const).filter((flag) => flags[flag]);
  const [least, most] = NUMBERS[verb];
  if (rest.length < least || rest.length > most || rest.some((text) => !/^[1-9]\d{0,8}$/u.test(text)))
    throw new UsageError(`checkpoints ${verb} takes ${TAKES[verb]}, as "ml-engineer checkpoints" numbers them.`);
  if (verb === 'restore' ? what.length !== 1 : what.length > 0)
    throw new UsageError('checkpoints restore takes one of --files, --conversation and --both; no other takes any.');
  const base = { kind: 'checkpoints', verb, numbers: rest.map(Number), cwd, json } as const;
  return {
    ...base,
    ...optional('what', what[0]),
    ...optional('session', session),
    ...optional('sessionDir', sessionDir),
  };
}

type CheckpointVerb = (typeof CHECKPOINT_VERBS)[number];
const NUMBERS: Readonly<Record<CheckpointVerb, readonly [number, number]>> = {
  list: [0, 0],
  restore: [1, 1],
  compare: [1, 2],
  undo: [0, 0],
};
const TAKES: Readonly<Record<CheckpointVerb, string>> = {
  list: 'no number',
  restore: 'one number',
  compare: 'one or two numbers',
  undo: 'no number',
};

const DIRECTIONS = ['min', 'max'] as const;
export const RUNS_FLAGS = ['filter', 'sort', 'limit', 'direction', 'verdict', 'hypothesis', 'tolerance'] as const;

/** How many names each takes. */
const NAMES: Readonly<Record<RunsArguments['verb'], { least: number; most: number; what: string }>> = {
  list: { least: 0, most: 0, what: 'no id' },
  show: { least: 1, most: 20, what: 'the id of a run' },
  compare: { least: 2, most: 8, what: 'the ids of two runs or more' },
  best: { least: 1, most: 1, what: 'the name of one metric' },
  note: { least: 1, most: 1, what: 'the id of one run' },
  reproduce: { least: 1, most: 1, what: 'the id of one run' },
};

/** "runs" alone lists them. "runs that failed" is a prompt. */
export function runsIn(
  [first, verb = 'list', ...names]: readonly string[],
  cwd: string,
  values: { [flag in (typeof RUNS_FLAGS)[number]]?: string | undefined } & { json?: boolean | undefined },
): RunsArguments | undefined {
  if (first !== 'runs' || !isOneOf(RUN_VERBS, verb)) return undefined;
  const { least, most, what } = NAMES[verb];
  if (names.length < least || names.length > most) throw new UsageError(`runs ${verb} takes ${what}.`);
  const { limit, direction, json = false, tolerance, ...texts } = values;
  if (tolerance !== undefined && !/^(?:\d{1,9}(?:\.\d{1,12})?|\.\d{1,12})$/u.test(tolerance))
    throw new UsageError(`--tolerance takes a share of the value, as in 0.001; not "${tolerance}".`);
  if (limit !== undefined && !/^[1-9]\d{0,5}$/u.test(limit))
    throw new UsageError(`--limit takes a whole number above 0; not "${limit}".`);
  if (verb === 'note' && !values.verdict?.trim() && !values.hypothesis?.trim())
    throw new UsageError('runs note takes --verdict or --hypothesis.');
  return {
    ...{ kind: 'runs', verb, names, cwd, json },
    ...optional('filter', texts.filter),
    ...optional('sort', texts.sort),
    ...optional('hypothesis', texts.hypothesis),
    ...optional('verdict', texts.verdict),
    ...optional('tolerance', tolerance === undefined ? undefined : Number(tolerance)),
    ...optional('limit', limit === undefined ? undefined : Number(limit)),
    ...optional('direction', direction === undefined ? undefined : choice('--direction', DIRECTIONS, direction)),
  };
}

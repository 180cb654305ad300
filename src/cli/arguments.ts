import { parseArgs } from 'node:util';
import { BUDGETS, isLimit, limitForm, type Budget, type Limits } from '../agent/budget';
import { DIALECTS, type Dialect } from '../agent/tool';
import { EVIDENCE_MODES, type EvidenceMode } from '../agent/evidence';
import { MODES, parseRule, type Mode, type Rule } from '../agent/approval';
import { EFFORTS, type Effort } from '../models/capabilities';
import { choice, isOneOf, optional, UsageError } from './choices';
import {
  checkpointsIn,
  jobsIn,
  runsIn,
  RUNS_FLAGS,
  type CheckpointsArguments,
  type JobsArguments,
  type RunsArguments,
} from './subcommands';
import { SEARCH_SERVICES, type SearchService } from '../web/search/index';

export const OUTPUT_FORMATS = ['text', 'json', 'stream-json'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

export const LISTS = ['tools', 'skills', 'droids'] as const;
export type ListName = (typeof LISTS)[number];

export interface RunArguments {
  kind: 'run';
  /** `-` stands for standard input. */
  prompt: string;
  cwd: string;
  outputFormat: OutputFormat;
  mode: Mode;
  allow: Rule[];
  deny: Rule[];
  droid?: string;
  model?: string;
  effort?: Effort;
  /** What the flags say of the budgets. */
  limits: Partial<Limits>;
  webSearch?: WebSearchArgument;
  script?: string;
  sessionDir?: string;
  resume?: string;
  summaryModel?: string;
  evidence?: EvidenceMode;
  /** Make the conversation shorter before it goes on. */
  compact: boolean;
  trustProject: boolean;
  /** No run is written into the ledger. */
  noLedger?: true;
}

/** A service by its name, or SearXNG by its address. */
export interface WebSearchArgument {
  search: SearchService;
  searxngUrl?: string;
}

export interface ListArguments {
  kind: 'list';
  list: ListName;
  json: boolean;
  cwd: string;
}

export interface ExplainArguments {
  kind: 'explain';
  tool: string;
  /** JSON. */
  input: string;
  cwd: string;
  mode: Mode;
  allow: Rule[];
  deny: Rule[];
  trustProject: boolean;
  webSearch?: WebSearchArgument;
  json: boolean;
  /** The shell to read a command for; this machine's own where none is said. */
  shell?: Dialect;
}

export interface RestoreArguments {
  kind: 'restore';
  /** Of files or of calls; none lists what there is. */
  ids: string[];
  cwd: string;
  json: boolean;
  /** Put a file in the place of one that differs, which goes to the trash first. */
  replace: boolean;
}

export interface TrashArguments {
  kind: 'trash';
  /** Remove all it holds, instead of saying what that is. */
  empty: boolean;
  cwd: string;
  json: boolean;
}

export type Arguments =
  | RunArguments
  | ListArguments
  | ExplainArguments
  | RestoreArguments
  | TrashArguments
  | JobsArguments
  | CheckpointsArguments
  | RunsArguments
  | { kind: 'help' }
  | { kind: 'version' };

export const USAGE = `Usage: ml-engineer [options] "prompt"
       ml-engineer tools|skills|droids [--json] [--cwd DIR]
       ml-engineer explain TOOL 'JSON input' [--permission-mode MODE] [--allow RULE] [--deny RULE]
                   [--trust-project] [--json] [--shell bash|powershell]
       ml-engineer restore [ID...] [--replace] [--json] [--cwd DIR]
       ml-engineer trash [empty] [--json] [--cwd DIR]
       ml-engineer checkpoints [list | restore N --files|--conversation|--both | compare N [N] | undo]
                   [--session ID] [--json] [--cwd DIR]
       ml-engineer jobs [list | status ID | logs ID [--lines N] | stop ID] [--json] [--cwd DIR]
       ml-engineer runs [list [--filter WORDS] [--sort time|duration|METRIC] [--limit N] | show ID... |
                   compare ID ID... | best METRIC [--direction min|max] [--filter WORDS] |
                   note ID [--verdict TEXT] [--hypothesis TEXT] |
                   reproduce ID [--tolerance SHARE]] [--json] [--cwd DIR]

  --prompt TEXT             the prompt; "-" reads it from standard input
  --cwd DIR                 the folder to work in (default: this one)
  --output-format FORMAT    text, json or stream-json (default: text)
  --permission-mode MODE    plan, ask, acceptEdits or auto (default: ask)
  --allow RULE              allow without asking, as in 'Execute(pytest *)'; repeatable
  --deny RULE               refuse; repeatable; deny wins
  --trust-project           count also what widens permissions in the repository's .factory/settings.json, and its
                            skills and droids that replace others
  --droid NAME|FILE         the droid to work as (default: ml-engineer)
  --model ID                the model to ask
  --effort LEVEL            how hard it is to try, where it takes that: low, medium, high, xhigh or max
  --max-turns N             model turns at the most (default: 50)
  --max-cost USD            US dollars this prompt may cost, its subagents included (default: 5)
  --max-tokens N            tokens it may take: read, written, and those of the cache
  --max-minutes N           minutes it may take, those it waits for a job among them; no step begins after, and a
                            command may run a quarter longer; a job goes on
  --max-session-cost USD    the same for the whole session
  --max-session-tokens N
  --max-day-cost USD        the same for all sessions of today, those of the editor included
  --max-day-tokens N
  --web-search SERVICE      brave, tavily, anthropic, none, or the address of a SearXNG (default: anthropic)
  --evidence MODE           ask, mark or off: whether the model is asked once about numbers and successes of its answer
                            that no run shows (default: ask; with --script: mark)
  --script FILE             play recorded model turns instead of asking a model
  --session-dir DIR         where sessions are kept
  --resume ID               go on with an earlier session
  --compact                 send its earlier part to the model as a summary from now on
  --summary-model ID        who writes such a summary (default: the model that is asked)
  --no-ledger               write no run of this prompt's into experiments/ledger.jsonl
  --help, --version

Nobody can be asked here: what would ask is refused, and the refusal names the flag that allows it.
Exit codes: 0 done, 1 failed, 2 usage, 3 stopped by a budget or in a circle, 4 a call was refused, 130 interrupted.
`;

const OPTIONS = {
  prompt: { type: 'string' },
  cwd: { type: 'string' },
  'output-format': { type: 'string' },
  'permission-mode': { type: 'string' },
  allow: { type: 'string', multiple: true },
  deny: { type: 'string', multiple: true },
  droid: { type: 'string' },
  model: { type: 'string' },
  effort: { type: 'string' },
  'summary-model': { type: 'string' },
  'max-turns': { type: 'string' },
  'max-cost': { type: 'string' },
  'max-tokens': { type: 'string' },
  'max-minutes': { type: 'string' },
  'max-session-cost': { type: 'string' },
  'max-session-tokens': { type: 'string' },
  'max-day-cost': { type: 'string' },
  'max-day-tokens': { type: 'string' },
  'web-search': { type: 'string' },
  evidence: { type: 'string' },
  script: { type: 'string' },
  'session-dir': { type: 'string' },
  resume: { type: 'string' },
  'trust-project': { type: 'boolean' },
  compact: { type: 'boolean' },
  'no-ledger': { type: 'boolean' },
  shell: { type: 'string' },
  replace: { type: 'boolean' },
  json: { type: 'boolean' },
  lines: { type: 'string' },
  session: { type: 'string' },
  files: { type: 'boolean' },
  conversation: { type: 'boolean' },
  both: { type: 'boolean' },
  filter: { type: 'string' },
  sort: { type: 'string' },
  limit: { type: 'string' },
  direction: { type: 'string' },
  verdict: { type: 'string' },
  tolerance: { type: 'string' },
  hypothesis: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const;

/** Reads the command line (without node and the script). Throws UsageError. */
export function parseArguments(argv: readonly string[]): Arguments {
  const { values, positionals } = parse(argv);
  if (values.help) return { kind: 'help' };
  if (values.version) return { kind: 'version' };
  const cwd = values.cwd ?? '.';
  const [first, ...rest] = positionals;
  if (isOneOf(LISTS, first) && rest.length === 0 && values.prompt === undefined) {
    return { kind: 'list', list: first, json: values.json ?? false, cwd };
  }
  // "restore the split" is a prompt; an id has the form the trash gives it.
  if (first === 'restore' && values.prompt === undefined && rest.every((id) => RESTORE_ID.test(id)))
    return { kind: 'restore', ids: rest, cwd, json: values.json ?? false, replace: values.replace ?? false };
  if (first === 'trash' && values.prompt === undefined && (rest.length === 0 || rest.join() === 'empty'))
    return { kind: 'trash', empty: rest.length > 0, cwd, json: values.json ?? false };
  const jobs = values.prompt === undefined ? jobsIn(positionals, cwd, values) : undefined;
  if (jobs) return jobs;
  const checkpoints = values.prompt === undefined ? checkpointsIn(positionals, cwd, values) : undefined;
  if (checkpoints) return checkpoints;
  const ours = (['session', 'files', 'conversation', 'both'] as const).find((flag) => values[flag] !== undefined);
  if (ours) throw new UsageError(`--${ours} belongs to checkpoints.`);
  const runs = values.prompt === undefined ? runsIn(positionals, cwd, values) : undefined;
  if (runs) return runs;
  for (const flag of RUNS_FLAGS) if (values[flag] !== undefined) throw new UsageError(`--${flag} belongs to runs.`);
  if (values.lines !== undefined) throw new UsageError('--lines belongs to jobs logs.');
  if (values.replace) throw new UsageError('--replace belongs to restore.');
  const web = values['web-search'];
  const policy = {
    mode: choice('--permission-mode', MODES, values['permission-mode'] ?? 'ask'),
    allow: (values.allow ?? []).map((text) => rule('--allow', text)),
    deny: (values.deny ?? []).map((text) => rule('--deny', text)),
    trustProject: values['trust-project'] ?? false,
    ...optional('webSearch', web === undefined ? undefined : webSearch(web)),
  };
  const [tool, input, ...more] = rest;
  // The lone word is a prompt like any other.
  if (first === 'explain' && tool !== undefined && values.prompt === undefined) {
    if (input === undefined || more.length > 0)
      throw new UsageError(`explain takes a tool and its input, as in: explain Execute '{"command": "ls"}'.`);
    const shell = values.shell === undefined ? undefined : choice('--shell', DIALECTS, values.shell);
    return { kind: 'explain', tool, input, cwd, ...policy, json: values.json ?? false, ...optional('shell', shell) };
  }
  if (values.shell !== undefined) throw new UsageError('--shell belongs to explain.');
  if (values.json)
    throw new UsageError(
      '--json belongs to tools, skills, droids, explain, restore, trash, checkpoints, jobs and runs; for a run use --output-format json.',
    );
  if (values.prompt !== undefined && first !== undefined)
    throw new UsageError('Give the prompt once: as --prompt or as an argument.');
  if (rest.length > 0) throw new UsageError(`Unexpected argument "${rest[0]}". Put the prompt in quotes.`);
  const prompt = values.prompt ?? first;
  if (prompt === undefined || prompt.trim() === '') throw new UsageError('What should be done? Give a prompt.');
  return {
    kind: 'run',
    prompt,
    cwd,
    outputFormat: choice('--output-format', OUTPUT_FORMATS, values['output-format'] ?? 'text'),
    ...policy,
    compact: values.compact ?? false,
    ...(values['no-ledger'] ? { noLedger: true } : {}),
    ...optional('droid', values.droid),
    ...optional('model', values.model),
    ...optional('effort', values.effort === undefined ? undefined : choice('--effort', EFFORTS, values.effort)),
    ...optional('summaryModel', values['summary-model']),
    ...optional(
      'evidence',
      values.evidence === undefined ? undefined : choice('--evidence', EVIDENCE_MODES, values.evidence),
    ),
    ...optional('script', values.script),
    ...optional('sessionDir', values['session-dir']),
    ...optional('resume', values.resume),
    limits: limitsIn(values),
  };
}

const RESTORE_ID = /^\d{8}T\d{6}-[0-9a-f]{6}(?:\/\d+)?$/u;

function parse(
  argv: readonly string[],
): ReturnType<typeof parseArgs<{ options: typeof OPTIONS; allowPositionals: true }>> {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function webSearch(text: string): WebSearchArgument {
  if (/^https?:\/\//u.test(text) && URL.canParse(text)) return { search: 'searxng', searxngUrl: text };
  if (text !== 'searxng' && isOneOf(SEARCH_SERVICES, text)) return { search: text };
  throw new UsageError(`--web-search takes brave, tavily, anthropic, none or the address of a SearXNG; not "${text}".`);
}

function rule(flag: string, text: string): Rule {
  const parsed = parseRule(text);
  if (!parsed) throw new UsageError(`${flag} takes a rule like Edit or 'Execute(pytest *)'; not "${text}".`);
  return parsed;
}

function limitsIn(values: { readonly [flag in `max-${Budget['name']}`]?: string }): Partial<Limits> {
  return Object.fromEntries(
    BUDGETS.flatMap(({ name, key, measure }) => {
      const text = values[`max-${name}`];
      return text === undefined ? [] : [[key, limit(`--max-${name}`, measure, text)]];
    }),
  );
}

const PLAIN_NUMBER = /^(?:\d+(?:\.\d*)?|\.\d+)$/u;

function limit(flag: string, measure: Budget['measure'], text: string): number {
  const value = PLAIN_NUMBER.test(text) ? Number(text) : undefined;
  if (isLimit(measure, value)) return value;
  throw new UsageError(`${flag} takes ${limitForm(measure)}; not "${text}".`);
}

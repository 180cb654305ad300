import type { AgentEvent, JournalEntry, RunEnd, SkillMark } from '../agent/events';
import { claimsIn } from '../agent/evidence';
import { nearText, unpricedText } from '../agent/budget-words';
import { changesOf, deniedIn, finalText, usageOf } from '../agent/folds';
import { claimResults, type ClaimResult } from './claims';
import type { OutputFormat } from './arguments';
import type { JobResult } from './waiting';

export interface Denied {
  tool: string;
  input: unknown;
  reason: string;
}

/** The one object that `--output-format json` prints. */
export interface RunResult {
  result: string;
  session_id: string;
  usage: {
    input_tokens: number;
    output_tokens: number;
    cache_read_input_tokens: number;
    cache_creation_input_tokens: number;
  };
  /** `null` when a price is not known. */
  cost_usd: number | null;
  turns: number;
  stop_reason: string;
  files_changed: string[];
  denied: Denied[];
  /** Those that the session started. */
  jobs: JobResult[];
  /** The numbers and successes of the answer. */
  claims: ClaimResult[];
}

/** Where a run's words go: `out` is standard output, `err` standard error. */
export interface Streams {
  out: (text: string) => void;
  err: (text: string) => void;
}

/** Folds the entries of a message, and of all that it waited for, into its result. */
export function resultOf(
  run: readonly JournalEntry[],
  session: string,
  shown: (path: string) => string,
  jobs: JobResult[] = [],
): RunResult {
  const usage = usageOf(run);
  const end = endOf(run);
  return {
    result: end?.reason === 'failed' ? end.message : finalText(run),
    session_id: session,
    usage: {
      input_tokens: usage.input,
      output_tokens: usage.output,
      cache_read_input_tokens: usage.cacheRead,
      cache_creation_input_tokens: usage.cacheWrite,
    },
    cost_usd: usage.costUsd,
    turns: usage.turns,
    stop_reason: end ? (end.reason === 'limit' ? `limit: ${end.limit}` : end.reason) : 'unknown',
    files_changed: changesOf(run).map(({ path }) => shown(path)),
    denied: deniedIn(run),
    jobs,
    claims: claimResults(claimsIn(run)),
  };
}

export function endOf(run: readonly JournalEntry[]): RunEnd | undefined {
  // What a subagent in the background still told may follow.
  const event = run.findLast((entry) => entry.event.type === 'run-end')?.event;
  return event?.type === 'run-end' ? event : undefined;
}

/** 0 done, 1 failed, 3 stopped by a limit, 4 a call was refused, 130 interrupted. */
export function exitCodeOf(end: RunEnd | undefined, denied: readonly Denied[]): number {
  if (end === undefined || end.reason === 'failed') return 1;
  if (end.reason === 'stopped') return 130;
  if (end.reason === 'limit') return 3;
  return denied.length > 0 ? 4 : 0;
}

/** Prints events as they come: stream-json as lines on standard output, everything else as progress on standard error. */
export function eventPrinter(format: OutputFormat, { out, err }: Streams): (event: AgentEvent) => void {
  if (format === 'stream-json') return (event) => out(`${JSON.stringify(event)}\n`);
  return (event) => {
    const line = progressLine(event);
    if (line !== undefined) err(`${printable(line)}\n`);
  };
}

function progressLine(event: AgentEvent): string | undefined {
  switch (event.type) {
    case 'tool-start':
      return `• ${event.title}`;
    case 'tool-decision':
      return event.decision === 'deny' ? `  refused: ${event.reason}` : undefined;
    case 'tool-end':
      return event.isError ? '  failed' : undefined;
    case 'todos':
      return event.todos.map(({ status, content }) => `  ${MARKS[status]} ${content}`).join('\n');
    case 'run-end':
      return event.reason === 'waiting' ? `  Waiting for job ${event.jobs.join(', ')}` : undefined;
    case 'prompt':
      if (event.woken) return `• Job ${event.woken.job} has news`;
      return event.skills?.map(skillLine).join('\n') || undefined;
    case 'claims':
      return event.asked ? '  Some of its claims have no run behind them; it is asked about them.' : undefined;
    case 'note':
      return event.skills?.map(skillLine).join('\n') || undefined;
    case 'retry':
      return `  ${event.why} Trying again in ${Math.ceil(event.delayMs / 1000)} s (${event.attempt} of ${event.of}).`;
    case 'turn-cut':
      return event.stopped ? undefined : '  The answer broke off; it is asked to go on from there.';
    case 'steer':
      return `> ${event.text}`;
    case 'model-switch':
      return `  ${event.why}`;
    case 'budget-near':
      return `! ${nearText(event)}`;
    case 'budget-unpriced':
      return `! ${unpricedText(event.model)}`;
    case 'warning':
      return `  ${event.message}`;
    case 'subagent': {
      const line = OWN.has(event.event.type) ? undefined : progressLine(event.event);
      return line === undefined ? undefined : `  [${event.droid}] ${line.trim()}`;
    }
    case 'subagent-end':
      return `  [${event.droid}] ${event.end.reason}, turns: ${event.turns}`;
    default:
      return undefined;
  }
}

/** What of a subagent is not told as its own: its list, and what its session is told of the shared budgets. */
const OWN: ReadonlySet<AgentEvent['type']> = new Set(['todos', 'budget-near', 'budget-unpriced']);

function skillLine({ name, state, why, detail }: SkillMark): string {
  return `• Skill ${name} ${state} (${why}${detail === '' ? '' : `: ${detail}`})`;
}

const MARKS = { pending: '[ ]', in_progress: '[>]', completed: '[x]' } as const;

/** Model and tool text may hold escape codes; a terminal must not obey them. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/gu, '�');
}

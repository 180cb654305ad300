import { isDeepStrictEqual } from 'node:util';
import { shownIn } from '../text/shown-in';
import type { CircleKind, DurableEvent, JournalEntry, RunEnd, Todo } from './events';
import { lastRun, startOf } from './folds';

/** A circle that a run goes round in. */
export interface Circle {
  kind: CircleKind;
  /** What repeats, in words. */
  what: string;
  /** How often so far. */
  times: number;
  /** The model was told and went on all the same: the run is to end. */
  isTold: boolean;
}

/** The same call with the same result so often, and nothing moved in between. */
export const SAME_CALLS = 3;
/** So many more after the model was told end the run. */
const MORE_CALLS = 2;
/** The second return of a file to what it was: one is an edit taken back, which is honest work. */
export const RETURNS = 2;
const MORE_RETURNS = 2;
/**
 * Turns with calls in which the todo list stands still: a third of what a message has by default. A step of a plan seldom
 * takes as many; and told later, the model would have too few left to do better.
 */
export const STILL_TURNS = 15;
/** A circle of more calls than this is no circle that anybody would see. */
const MAX_CALLS_BACK = 60;

/**
 * The circle that the last run of the branch is in, to be told of or ended for now. Waiting is no circle: when a call
 * that was made before gives another result, the world moves, and all counts begin anew; so they do after a change of a
 * file, a new action, and what the user says. A command that succeeds without a word has no result to repeat.
 */
export function circleIn(branch: readonly JournalEntry[]): Circle | undefined {
  const run = lastRun(branch);
  const calls = repeatedCalls(run);
  const found = [
    ...calls.repeated,
    ...undoneEdits(run, startOf(branch)?.folders ?? []),
    ...stillPlan(run, calls.moved),
  ];
  return found.find(({ isTold }) => isTold) ?? found[0];
}

interface Seen {
  title: string;
  result: unknown;
  times: number;
  /** Where the count began. */
  since: number;
}

/** Calls that repeat, and where the world last moved without a change of a file. */
function repeatedCalls(run: readonly JournalEntry[]): { repeated: Circle[]; moved: number } {
  const seen = new Map<string, Seen>();
  const anew = (): void => seen.forEach((one) => (one.times = 0));
  const allowed = new Set<string>();
  const starts = new Map<string, Extract<DurableEvent, { type: 'tool-start' }>>();
  let moved = 0;
  for (let index = windowOf(run); index < run.length; index++) {
    const event = (run[index] as JournalEntry).event;
    if (RESETS.has(event.type)) anew();
    if (event.type === 'tool-start') starts.set(event.call, event);
    if (event.type === 'tool-decision' && event.decision === 'allow') allowed.add(event.call);
    const start = event.type === 'tool-end' ? starts.get(event.call) : undefined;
    if (event.type !== 'tool-end' || !start) continue;
    const { name, input, title } = start;
    const result = resultOf(event);
    const key = `${name} ${JSON.stringify(input)}`;
    const known = seen.get(key);
    if (isSilent(event)) {
      if (!known && allowed.has(event.call)) anew();
      if (!known) seen.set(key, { title, result, times: 0, since: index });
    } else if (known && isDeepStrictEqual(known.result, result)) {
      if (known.times === 0) known.since = index;
      known.times += 1;
    } else if (known || allowed.has(event.call)) {
      anew();
      if (known) moved = index;
    }
    if (isSilent(event)) continue;
    if (!known) seen.set(key, { title, result, times: 1, since: index });
    else if (known.times === 0) Object.assign(known, { result, times: 1, since: index });
  }
  const repeated = [...seen.values()].flatMap(({ title, times, since }) =>
    tell({ kind: 'same-call', what: title, times }, run, since, times >= SAME_CALLS, times >= SAME_CALLS + MORE_CALLS),
  );
  return { repeated, moved };
}

/** After these the same call may well say something else, or is asked for; results in short have to be had again. */
const RESETS: ReadonlySet<DurableEvent['type']> = new Set([
  'change',
  'undo',
  'steer',
  'prompt',
  'thinned',
  'compacted',
]);

function windowOf(run: readonly JournalEntry[]): number {
  let calls = 0;
  return Math.max(
    0,
    run.findLastIndex(({ event }) => event.type === 'tool-start' && (calls += 1) > MAX_CALLS_BACK) + 1,
  );
}

type ToolEnd = Extract<DurableEvent, { type: 'tool-end' }>;

function isSilent({ view }: ToolEnd): boolean {
  return view?.kind === 'command' && view.exitCode === 0 && view.output.trim() === '';
}

/** What test runners say of the time they took differs each time and says nothing. */
const TOOK = /\bin \d+(?:\.\d+)? ?s(?:ec(?:onds?)?)?\b/gu;

function resultOf({ view, content, isError }: ToolEnd): unknown {
  if (view?.kind !== 'command') return { content, isError };
  return { exitCode: view.exitCode, output: view.output.replaceAll(TOOK, 'in some time') };
}

/** Files that edits of this run bring back, again and again, to what they were. */
function undoneEdits(run: readonly JournalEntry[], folders: readonly string[]): Circle[] {
  const files = new Map<string, { states: (string | null)[]; returns: number[] }>();
  run.forEach(({ event }, index) => {
    if (event.type === 'undo') for (const { path } of event.changes) files.delete(path);
    if (event.type === 'change-failed') files.get(event.path)?.states.pop();
    if (event.type !== 'change') return;
    const { path, before, after } = event.change;
    const known = files.get(path);
    // Somebody else changed it meanwhile.
    const file = known && known.states.at(-1) === before ? known : { states: [before], returns: [] };
    if (before !== after && file.states.includes(after)) file.returns.push(index);
    if (before !== after) file.states.push(after);
    files.set(path, file);
  });
  return [...files].flatMap(([path, { returns }]) => {
    const what = shownIn(folders, path);
    const times = returns.length;
    const since = returns[0] ?? 0;
    if (times < RETURNS) return [];
    const end = returns.filter((index) => index > toldAt(run, { kind: 'edits-undone', what }, since)).length;
    return tell({ kind: 'edits-undone', what, times }, run, since, times >= RETURNS, end >= MORE_RETURNS);
  });
}

/** A todo list with open items that no turn moves. The run ends for it only where nothing else moves either. */
function stillPlan(run: readonly JournalEntry[], worldMoved: number): Circle[] {
  let list: Todo[] = [];
  let since = worldMoved;
  run.forEach(({ event }, index) => {
    if (event.type === 'steer' || (event.type === 'todos' && !isDeepStrictEqual(event.todos, list)))
      since = Math.max(since, index);
    if (event.type === 'todos') list = event.todos;
  });
  const open = list.find(({ status }) => status === 'in_progress') ?? list.find(({ status }) => status === 'pending');
  if (!open) return [];
  const told = toldAt(run, { kind: 'still-plan', what: open.content }, since);
  const lastChange = run.findLastIndex(({ event }) => event.type === 'change');
  const times = turnsAfter(run, since);
  const idle = turnsAfter(run, Math.max(told, lastChange));
  return tell({ kind: 'still-plan', what: open.content, times }, run, since, times >= STILL_TURNS, idle >= STILL_TURNS);
}

function turnsAfter(run: readonly JournalEntry[], index: number): number {
  return run.slice(index + 1).filter(({ event }) => event.type === 'turn-end' && event.stopReason === 'tool_use')
    .length;
}

/** Where the model was told of this circle after an entry; past the end where it was not. */
function toldAt(run: readonly JournalEntry[], { kind, what }: Pick<Circle, 'kind' | 'what'>, since: number): number {
  const index = run.findIndex(
    ({ event }, at) => at > since && event.type === 'note' && event.circle?.kind === kind && event.circle.what === what,
  );
  return index < 0 ? Infinity : index;
}

function tell(
  circle: Omit<Circle, 'isTold'>,
  run: readonly JournalEntry[],
  since: number,
  isCircle: boolean,
  goesOn: boolean,
): Circle[] {
  if (!isCircle) return [];
  const isTold = toldAt(run, circle, since) < run.length;
  return isTold && !goesOn ? [] : [{ ...circle, isTold }];
}

const NOTES: Readonly<Record<CircleKind, (what: string, times: number) => string>> = {
  'same-call': (what, times) =>
    `You have made the same call ${times} times, with the same result each time: ${what}. Made again it will say the same. Work from what it said, look somewhere else, or change something first. If you wait for something, wait longer within one call.`,
  'edits-undone': (what) =>
    `Your edits bring ${what} back to what it was before, again and again. Before the next edit say to yourself what each of the two states gets wrong, and look for a third way. If this is on purpose, leave the file in the state you want and go on.`,
  'still-plan': (what, times) =>
    `The todo list has stood still for ${times} turns, at: ${what}. Bring it up to date: mark what is done, split what is too large, and take out what turned out to be no way. Then do the next item.`,
};

const LAST_WORD =
  ' If you go on like this, you are stopped. If you cannot get further, say so in your answer, and what you would need.';

export function circleNote({ kind, what, times }: Circle): Extract<DurableEvent, { type: 'note' }> {
  return { type: 'note', text: `${NOTES[kind](what, times)}${LAST_WORD}`, circle: { kind, what } };
}

export function circleEnd({ kind, what, times }: Circle): RunEnd {
  return { reason: 'limit', limit: 'circle', circle: kind, what, value: times };
}

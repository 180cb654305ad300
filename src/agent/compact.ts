import type { JournalEntry } from './events';
import { changesOf, promptsOf, todosOf } from './folds';
import { loadedSkillTexts } from './skill-marks';
import { addedBy, inShort, sinceCompaction, thinnedCalls } from './context';

/** The last results are what the model works with just now. */
const RECENT_CALLS = 12;
const MIN_THINNED_CHARACTERS = 1_000;

/**
 * Results that are sent in short from now on: the old and long ones, but none that a later answer quotes a number from.
 * `tokens` is about what that saves.
 */
export function thinnable(branch: readonly JournalEntry[], recent = RECENT_CALLS): { calls: string[]; tokens: number } {
  const { rest } = sinceCompaction(branch);
  const done = thinnedCalls(branch);
  const ends = rest.flatMap((entry, index) => (entry.event.type === 'tool-end' ? [{ event: entry.event, index }] : []));
  const calls: string[] = [];
  let tokens = 0;
  for (const { event, index } of ends.slice(0, Math.max(0, ends.length - recent))) {
    const saved = addedBy(event) - addedBy({ ...event, content: inShort(event.content) });
    if (done.has(event.call) || saved * 3 < MIN_THINNED_CHARACTERS) continue;
    if (quotedLines(event.content, textAfter(rest, index)).length > 0) continue;
    calls.push(event.call);
    tokens += saved;
  }
  return { calls, tokens };
}

/**
 * The id of the last entry that a summary may replace, so that what stays is at most `tokens` long; `undefined` where
 * there is nothing before it. Never between a call and its result.
 */
export function cutBefore(branch: readonly JournalEntry[], tokens: number): string | undefined {
  const { rest } = sinceCompaction(branch);
  const isBoundary = boundaries(rest);
  let kept = 0;
  let cut: number | undefined;
  for (let index = rest.length - 1; index >= 0; index--) {
    if (isBoundary[index]) {
      if (kept > tokens && cut !== undefined) break;
      cut = index;
      if (kept > tokens) break;
    }
    kept += addedBy((rest[index] as JournalEntry).event);
  }
  // Nothing that is sent lies before it: a summary would only make it longer.
  if (cut === undefined || !rest.slice(0, cut + 1).some(({ event }) => addedBy(event) > 0)) return undefined;
  return rest[cut]?.id;
}

/** Whether the conversation may be cut behind each entry: every call before it is answered, or never will be. */
function boundaries(entries: readonly JournalEntry[]): boolean[] {
  const open = new Set<string>();
  let inTurn = false;
  return entries.map(({ event }, index) => {
    if (event.type === 'block-end') {
      inTurn = true;
      if (event.block.type === 'tool_use') open.add(event.block.id);
    }
    if (event.type === 'turn-end' || event.type === 'turn-cut') inTurn = false;
    if (event.type === 'tool-end') open.delete(event.call);
    const next = entries[index + 1]?.event.type;
    if (event.type === 'run-end' || next === 'prompt') {
      open.clear();
      inTurn = false;
      return true;
    }
    return !inTurn && open.size === 0 && (event.type === 'tool-end' || event.type === 'turn-end');
  });
}

const MAX_PROMPT_CHARACTERS = 40_000;
const MAX_QUOTED_LINES = 40;

/**
 * What stands for the part that is left out: word for word what the user wrote, the todo list, the files that were
 * changed, the lines that answers quote numbers from, and the skills that are loaded; the rest as `summary` tells it.
 */
export function compactedText(branch: readonly JournalEntry[], upTo: string, summary: string): string {
  const before = branch.slice(0, branch.findIndex(({ id }) => id === upTo) + 1);
  const changed = changesOf(before).map(({ path, before: was, after }) => {
    const how = was === null ? 'created' : after === null ? 'deleted' : 'changed';
    return `- ${path} (${how})`;
  });
  const todos = todosOf(branch).map(({ content, status }) => `- [${status}] ${content}`);
  const sections = [
    ['What the user wrote, word for word', cutFront(promptsOf(before), MAX_PROMPT_CHARACTERS)],
    ['What happened', summary.trim()],
    ['The todo list', todos.join('\n')],
    ['Files changed in this session', changed.join('\n')],
    ['Lines of results that were quoted', quotedIn(before).join('\n')],
    ...loadedSkillTexts(before).map(({ name, text }) => [`The skill ${name}, which is loaded`, text]),
  ].filter(([, text]) => text !== '');
  const body = sections.map(([title, text]) => `## ${title}\n\n${text}`).join('\n\n');
  return `<note>\nThe earlier part of this conversation was left out to make room. What follows stands for it; files may have changed since, so look before you rely on what is not quoted.\n\n${body}\n</note>`;
}

/** All of them where they fit; else the last ones whole, and that there were more. */
function cutFront(texts: readonly string[], most: number): string {
  let left = most;
  const kept: string[] = [];
  for (const text of [...texts].reverse()) {
    if (text.length > left && kept.length > 0) break;
    kept.unshift(text.length > most ? `${text.slice(0, most)} [cut: ${text.length} characters]` : text);
    left -= text.length;
  }
  const more = texts.length - kept.length;
  return [...(more > 0 ? [`(${more} earlier messages are left out)`] : []), ...kept].join('\n\n---\n\n');
}

function quotedIn(branch: readonly JournalEntry[]): string[] {
  const lines = branch.flatMap(({ event }, index) =>
    event.type === 'tool-end' ? quotedLines(event.content, textAfter(branch, index)) : [],
  );
  return [...new Set(lines)].slice(-MAX_QUOTED_LINES);
}

/** What the model said after an entry, as far as the branch goes. */
function textAfter(branch: readonly JournalEntry[], index: number): string {
  return branch
    .slice(index + 1)
    .flatMap(({ event }) => (event.type === 'block-end' && event.block.type === 'text' ? [event.block.text] : []))
    .join('\n');
}

/** A number that is no count of something small: three digits or more, or a fraction. */
const NUMBER = /(?<![\w.])\d+\.\d{2,}|(?<![\w.])\d{3,}(?![\w.])/gu;
const MAX_LINE_CHARACTERS = 300;

/** The lines of a result that hold a number which the text gives too. */
export function quotedLines(content: string | object[], text: string): string[] {
  const numbers = new Set(text.match(NUMBER) ?? []);
  if (typeof content !== 'string' || numbers.size === 0) return [];
  return content
    .split('\n')
    .filter((line) => (line.match(NUMBER) ?? []).some((number) => numbers.has(number)))
    .map((line) => line.trim().slice(0, MAX_LINE_CHARACTERS));
}

/** Asked of the model as one more message, so that all before it is read from the cache. */
export const SUMMARY_REQUEST =
  "<note>\nThis conversation is about to be shortened. Write what must be known to go on with the work, for someone who will see only your text, the user's messages, the todo list and the names of changed files. In this order: the aim as it stands now; what was found out, with file names, line numbers and exact figures and the command each figure came from; what was changed and why; what failed and why; what is still to do. State what was not run as not run. At most 1,500 words. Call no tool.\n</note>";

const MAX_FALLBACK_LINES = 80;

/** The summary where no model could write one: what was said and run, in order. */
export function summaryByRules(branch: readonly JournalEntry[], upTo: string): string {
  const before = branch.slice(0, branch.findIndex(({ id }) => id === upTo) + 1);
  const lines = before.flatMap(({ event }) => {
    if (event.type === 'tool-start') return [`- ${event.title}`];
    if (event.type === 'tool-end' && event.isError) return ['  (failed)'];
    if (event.type === 'block-end' && event.block.type === 'text') return [`- said: ${firstLine(event.block.text)}`];
    return [];
  });
  const shown = lines.slice(-MAX_FALLBACK_LINES);
  const more = lines.length - shown.length;
  return [...(more > 0 ? [`(${more} earlier steps are left out)`] : []), ...shown].join('\n');
}

function firstLine(text: string): string {
  return text.trim().replaceAll(/\s+/gu, ' ').slice(0, 200);
}

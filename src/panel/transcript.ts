import type { DurableEvent, JournalEntry } from '../agent/events';
import { startOf, usageOf } from '../agent/folds';
import { fenced } from '../text/markdown';
import { visible } from '../text/visible';

export const MAX_RESULT_CHARACTERS = 4_000;
const MAX_CHARACTERS = 2_000_000;

/** The words of a transcript, in the reader's language; `{0}` and `{1}` are filled in. */
export interface TranscriptWords {
  /** Of a subagent, and of a session that a person talks to. */
  title: string;
  session: string;
  parent: string;
  prompt: string;
  result: string;
  failed: string;
  refused: string;
  more: string;
  ended: string;
  running: string;
  empty: string;
}

/** A session as Markdown that a person reads: what was asked, said, called, answered and refused, in order. */
export function transcriptOf(branch: readonly JournalEntry[], words: TranscriptWords): string {
  const start = startOf(branch);
  if (!start) return `${words.empty}\n`;
  const title = `# ${fill(start.parent ? words.title : words.session, code(start.droid), code(start.model))}`;
  const parent = start.parent ? [fill(words.parent, code(start.parent.session))] : [];
  const parts = branch.flatMap((entry) => partOf(entry, words));
  const last = branch.findLast(({ event }) => event.type === 'run-end' || event.type === 'prompt')?.event;
  const { turns, costUsd } = usageOf(branch);
  const cost = costUsd === null ? '?' : costUsd.toFixed(4);
  const end = last?.type === 'run-end' ? fill(words.ended, last.reason, String(turns), cost) : words.running;
  const text = [title, ...parent, ...parts, '---', end].join('\n\n');
  return `${text.length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS)}\n…` : text}\n`;
}

function partOf({ event }: JournalEntry, words: TranscriptWords): string[] {
  switch (event.type) {
    case 'prompt':
      return [`## ${words.prompt}`, fenced(visible(event.text), 'markdown')];
    case 'note':
      return [fenced(visible(event.text), 'markdown')];
    case 'block-end':
      // In a fence, since what a model writes may hold links and pictures that lead out.
      return event.block.type === 'text' ? [fenced(visible(event.block.text), 'markdown')] : [];
    case 'tool-start':
      return [`### ${code(event.title)}`, fenced(visible(JSON.stringify(event.input, null, 2)), 'json')];
    case 'tool-decision':
      return event.decision === 'deny' ? [`${words.refused} ${code(event.reason)}`] : [];
    case 'tool-end':
      return [event.isError ? words.failed : words.result, fenced(cut(visible(textOf(event.content)), words), 'text')];
    default:
      return [];
  }
}

/** Words of strangers on one line, as code: read as they stand, in the source and drawn. */
function code(text: string): string {
  const line = visible(text).replaceAll(/\s+/gu, ' ').trim();
  const longest = (line.match(/`+/gu) ?? []).reduce((length, run) => Math.max(length, run.length), 0);
  const marks = '`'.repeat(longest + 1);
  return longest === 0 ? `${marks}${line}${marks}` : `${marks} ${line} ${marks}`;
}

function textOf(content: Extract<DurableEvent, { type: 'tool-end' }>['content']): string {
  if (typeof content === 'string') return content;
  return content.map((block) => (block.type === 'text' ? block.text : `[${block.type}]`)).join('\n');
}

function cut(text: string, { more }: TranscriptWords): string {
  const rest = text.length - MAX_RESULT_CHARACTERS;
  return rest > 0 ? `${text.slice(0, MAX_RESULT_CHARACTERS)}\n${fill(more, String(rest))}` : text;
}

function fill(label: string, ...values: string[]): string {
  return label.replaceAll(/\{(\d)\}/gu, (whole, index: string) => values[Number(index)] ?? whole);
}

import type { DurableEvent, JournalEntry } from '../../agent/events';
import type { ActivityRow, DetailPart, RowDetail } from '../sections/activity';
import { timelineOf } from './timeline';

/** What a row may unfold to: more than anyone reads, and little enough to be laid out at once. */
export const MAX_PART_CHARACTERS = 50_000;
/** Of a subagent the latest, as rows within its row. */
export const MAX_NESTED_ROWS = 100;

type Part = Omit<DetailPart, 'left'>;
type Content = Extract<DurableEvent, { type: 'tool-end' }>['content'];
type Block = Exclude<Content, string>[number];

/** All there is behind a row; of the id of no entry, that it is gone. */
export function partsOf(branch: readonly JournalEntry[], id: string): Part[] {
  const at = branch.findIndex((entry) => entry.id === id);
  const event = branch[at]?.event;
  switch (event?.type) {
    case 'tool-start': {
      const end = branch.slice(at).find((entry) => entry.event.type === 'tool-end' && entry.event.call === event.call);
      const input: Part = { label: 'input', text: inputText(event.input) };
      return end?.event.type === 'tool-end'
        ? [input, { label: 'output', text: contentText(end.event.content) }]
        : [input];
    }
    case 'prompt':
      return [
        { label: 'whole', text: event.text },
        ...event.attachments.map((block): Part => ({ label: 'attachment', text: blockText(block) })),
        ...event.notes.map((text): Part => ({ label: 'noteFor', text })),
      ];
    case 'block-end': {
      const { block } = event;
      const text = block.type === 'text' ? block.text : block.type === 'thinking' ? block.thinking : `[${block.type}]`;
      return [{ label: 'whole', text }];
    }
    case 'note':
      return [{ label: 'noteFor', text: event.text }];
    case 'steer':
    case 'compacted':
      return [{ label: 'whole', text: event.text }];
    case 'warning':
      return [{ label: 'whole', text: event.message }];
    case 'retry':
    case 'turn-cut':
    case 'model-switch':
      return [{ label: 'whole', text: event.why }];
    case 'subagent-end':
    case 'subagent-start':
      return [];
    default:
      return [{ label: 'gone', text: '' }];
  }
}

/** The answer to a row that was unfolded, within what the page can hold. */
export function detailOf(branch: readonly JournalEntry[], id: string, agent: string | null): RowDetail {
  const parts = partsOf(branch, id).map(({ label, text }) => {
    const left = Math.max(0, text.length - MAX_PART_CHARACTERS);
    return { label, text: left > 0 ? text.slice(0, MAX_PART_CHARACTERS) : text, left };
  });
  return { type: 'detail', id, agent, parts, rows: [], earlier: 0 };
}

/** What a subagent did, from its own journal. */
export function agentDetail(branch: readonly JournalEntry[], session: string, id: string): RowDetail {
  const { rows } = timelineOf(session, branch);
  const shown: ActivityRow[] = rows.slice(-MAX_NESTED_ROWS);
  return { type: 'detail', id, agent: null, parts: [], rows: shown, earlier: rows.length - shown.length };
}

/** A row as text to copy. */
export function copiedText(branch: readonly JournalEntry[], id: string): string {
  return partsOf(branch, id)
    .map(({ text }) => text)
    .join('\n\n');
}

/** An input as its fields, with texts of several lines as they are rather than as JSON. */
export function inputText(input: unknown): string {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return JSON.stringify(input, null, 2) ?? '';
  return Object.entries(input)
    .map(([name, value]) => {
      if (typeof value !== 'string') return `${name}: ${JSON.stringify(value, null, 2)}`;
      return value.includes('\n') ? `${name}:\n${value}` : `${name}: ${value}`;
    })
    .join('\n');
}

function contentText(content: Content): string {
  return typeof content === 'string' ? content : content.map(blockText).join('\n');
}

function blockText(block: Block): string {
  return block.type === 'text' ? block.text : `[${block.type}]`;
}

import type { JournalEntry } from '../../agent/events';
import type { FileReview } from '../../review/file-review';
import type { Hunk } from '../../review/hunks';
import type { OpenFile } from '../../review/reviews';
import { rowsOf, type Row } from '../../review/rows';
import { MAX_FILE_ROWS } from '../hunks';
import type { PanelDiff, PanelHunk, PanelRow } from '../sections/changes';

/** What a call did, and the todo that was in work then; for people. */
export type Makers = ReadonlyMap<string, { title: string; todo: string }>;

export function makers(branch: readonly JournalEntry[]): Makers {
  const known = new Map<string, { title: string; todo: string }>();
  let todo = '';
  for (const { event } of branch) {
    if (event.type === 'todos') todo = event.todos.find(({ status }) => status === 'in_progress')?.content ?? '';
    if (event.type === 'tool-start') known.set(event.call, { title: event.title, todo });
  }
  return known;
}

/** Diffs by what they show. Give the same one each time, and only files that changed are gone through. */
export type OpenDiffCache = WeakMap<FileReview, { diff: PanelDiff | undefined }>;

/** As `openDiff`, made once for each state of a file. */
export function cachedOpenDiff(file: OpenFile, made: Makers, cache: OpenDiffCache): PanelDiff | undefined {
  const known = cache.get(file.review);
  if (known) return known.diff;
  const diff = openDiff(file, made);
  cache.set(file.review, { diff });
  return diff;
}

/** The hunks of a file that are open, as its diff. `undefined` where no rows can be shown of them: then the file is told of as a whole. */
export function openDiff({ review, hunks }: OpenFile, made: Makers): PanelDiff | undefined {
  const shown: PanelHunk[] = [];
  let left = MAX_FILE_ROWS;
  let moreRows = 0;
  for (const hunk of hunks) {
    const rows = rowsOf(review, hunk).flatMap(panelRows);
    if (rows.length === 0) return undefined;
    const fits = rows.slice(0, Math.max(0, left));
    left -= fits.length;
    moreRows += rows.length - fits.length;
    if (fits.length > 0) shown.push({ header: headerOf(rows), rows: fits, ...openOf(hunk, made) });
  }
  return { kind: 'text', hunks: shown, moreRows };
}

function openOf({ id, by, authors }: Hunk, made: Makers): Pick<PanelHunk, 'open'> {
  if (by === 'user') return {};
  const calls = authors.flatMap((author) => (author.by === 'agent' ? (made.get(author.call) ?? []) : []));
  return {
    open: {
      id,
      mixed: by === 'both',
      made: [...new Set(calls.map(({ title }) => title))],
      todo: calls.at(-1)?.todo ?? '',
    },
  };
}

function panelRows({ sign, line, text, cut, hasNewline, marks }: Row): PanelRow[] {
  const row: PanelRow = {
    sign,
    line,
    text,
    cut,
    ...(marks.length > 0 ? { marks: marks.map(([a, b]) => [a, b]) } : {}),
  };
  return hasNewline ? [row] : [row, { sign: '\\', line, text: '', cut: false }];
}

/** As a unified diff has it. Of what takes nothing away, the earlier place is told by the later one. */
function headerOf(rows: readonly PanelRow[]): string {
  const count = (signs: string): number => rows.filter(({ sign }) => signs.includes(sign)).length;
  const firstOld = rows.findIndex(({ sign }) => sign === '-');
  const young = rows.find(({ sign }) => sign === ' ' || sign === '+')?.line ?? 0;
  const before = rows.slice(0, Math.max(0, firstOld)).filter(({ sign }) => sign === ' ').length;
  const old = firstOld < 0 ? young : (rows[firstOld]?.line ?? 0) - before;
  return `@@ -${old},${count(' -')} +${young},${count(' +')} @@`;
}

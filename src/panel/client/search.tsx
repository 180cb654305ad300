import type { JSX } from 'preact';
import { useLayoutEffect, useMemo, useState } from 'preact/hooks';
import type { Labels } from '../protocol';
import type { ActivityRow } from '../sections/activity';
import type { Memory } from './memory';
import { IconButton } from './parts';
import { labelOf } from './step';
import { fill } from './text';

/** Rows that hold what is searched for. */
export interface Found {
  ids: string[];
  current: string | undefined;
  /** The others are not shown. */
  only: boolean;
}

interface Props {
  rows: readonly ActivityRow[];
  labels: Labels;
  memory: Memory;
  onFound: (found: Found | undefined) => void;
  onGoTo: (row: { id: string }) => void;
}

const DRAFT = 'activity-search';

/** Finds rows by what is seen of them, whatever the case. */
export function Search({ rows, labels, memory, onFound, onGoTo }: Props): JSX.Element {
  const [query, setQuery] = useState(memory.draft(DRAFT));
  const [current, setCurrent] = useState<string | undefined>(undefined);
  const [only, setOnly] = useState(false);
  const wanted = query.trim().toLowerCase();
  const ids = useMemo(
    () => (wanted === '' ? [] : rows.filter((row) => textOf(row, labels).includes(wanted)).map(({ id }) => id)),
    [rows, wanted],
  );
  useLayoutEffect(() => onFound(wanted === '' ? undefined : { ids, current, only }), [ids, current, only, wanted]);
  const at = current === undefined ? -1 : ids.indexOf(current);
  const move = (by: 1 | -1): void => {
    // Nothing was gone to yet: the latest first.
    const next = at < 0 ? ids.at(by === 1 ? 0 : -1) : ids[(at + by + ids.length) % ids.length];
    if (next === undefined) return;
    setCurrent(next);
    onGoTo({ id: next });
  };
  const type = (text: string): void => {
    memory.setDraft(DRAFT, text);
    setQuery(text);
    setCurrent(undefined);
  };
  const none = ids.length === 0;
  return (
    <div class="search" role="search">
      <input
        type="text"
        class="input"
        value={query}
        placeholder={labels.search}
        aria-label={labels.search}
        onInput={(event) => type(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') move(event.shiftKey ? -1 : 1);
          if (event.key === 'Escape') type('');
        }}
      />
      <span class="quiet" role="status">
        {wanted === '' ? '' : none ? labels.noMatches : fill(labels.matches, at < 0 ? '–' : at + 1, ids.length)}
      </span>
      <IconButton icon="arrow-up" label={labels.previousMatch} disabled={none} onClick={() => move(-1)} />
      <IconButton icon="arrow-down" label={labels.nextMatch} disabled={none} onClick={() => move(1)} />
      <IconButton icon="filter" label={labels.onlyMatches} pressed={only} onClick={() => setOnly(!only)} />
    </div>
  );
}

/** Their label says what they are, and most rows are of these. */
const UNLABELLED: ReadonlySet<ActivityRow['kind']> = new Set(['prompt', 'steer', 'text', 'thinking', 'call', 'agent']);

function textOf(row: ActivityRow, labels: Labels): string {
  const label = UNLABELLED.has(row.kind) ? '' : labelOf(row, labels);
  return [label, row.text, row.why ?? ''].join('\n').toLowerCase();
}

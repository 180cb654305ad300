import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Labels, Send } from '../protocol';
import type { PanelSessionList, PanelSessionRow } from '../sections/sessions';
import { FoldingSection, useFolding } from './folding';
import type { Memory } from './memory';
import { IconButton, Link, Search } from './parts';
import { fill } from './text';

interface Props {
  sessions: PanelSessionList;
  labels: Labels;
  send: Send;
  memory: Memory;
}

/** The sessions there are. The list is read only while it is open. */
export function Sessions({ sessions, labels, send, memory }: Props): JSX.Element {
  const [query, setQuery] = useState('');
  const look = (next: string | null): void => send({ type: 'listSessions', query: next });
  const folding = useFolding(memory, 'sessions', (open) => look(open ? query : null));
  return (
    <FoldingSection
      label={labels.sessions}
      class="sessions"
      list="session-list"
      folding={folding}
      head={<IconButton icon="add" label={labels.newSession} onClick={() => send({ type: 'newSession' })} />}
      note={<Deleted title={sessions.deleted} labels={labels} send={send} />}
    >
      <Search
        label={labels.searchSessions}
        value={query}
        look={(value) => {
          setQuery(value);
          look(value);
        }}
      />
      {folding.open && sessions.rows.length === 0 && <p class="quiet">{labels.noSessions}</p>}
      <ul role="list">
        {sessions.rows.map((row) => (
          <Row key={row.id} row={row} labels={labels} send={send} />
        ))}
      </ul>
      {sessions.more > 0 && <p class="quiet">{fill(labels.moreSessions, sessions.more)}</p>}
    </FoldingSection>
  );
}

/** The row that had the focus is gone, so the way back gets it. */
function Deleted({ title, labels, send }: { title: string | null; labels: Labels; send: Send }): JSX.Element {
  const line = useRef<HTMLDivElement>(null);
  const first = useRef(true);
  useEffect(() => {
    if (title !== null && !first.current) line.current?.querySelector('button')?.focus();
    first.current = false;
  }, [title]);
  return (
    <div class="deleted" role="status" ref={line}>
      {title !== null && <span>{fill(labels.deletedSession, title || labels.untitled)}</span>}
      {title !== null && <Link text={labels.undo} onClick={() => send({ type: 'undoDelete' })} />}
    </div>
  );
}

function Row({ row, labels, send }: { row: PanelSessionRow; labels: Labels; send: Send }): JSX.Element {
  const { id, used, atWork, current, terminal, elsewhere } = row;
  const title = row.title || labels.untitled;
  const facts = [
    used,
    ...(current ? [labels.currentSession] : []),
    ...(atWork ? [labels.atWork] : []),
    ...(terminal ? [labels.inTerminal] : []),
    ...(elsewhere === '' ? [] : [fill(labels.elsewhere, elsewhere)]),
  ];
  return (
    <li class="session">
      <button
        type="button"
        class="session-open"
        aria-label={`${fill(labels.openSession, title)} (${facts.join(', ')})`}
        aria-current={current ? 'true' : undefined}
        disabled={elsewhere !== ''}
        onClick={() => send({ type: 'openSession', id })}
      >
        <span class="base">{title}</span>
        <span class="folder">{facts.join(' · ')}</span>
      </button>
      <IconButton
        icon="ellipsis"
        label={fill(labels.sessionActions, title)}
        onClick={() => send({ type: 'sessionActions', id })}
      />
      <IconButton
        icon="trash"
        label={fill(labels.deleteSession, title)}
        disabled={atWork}
        onClick={() => send({ type: 'deleteSession', id })}
      />
    </li>
  );
}

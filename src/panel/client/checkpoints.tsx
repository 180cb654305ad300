import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Labels, Send } from '../protocol';
import type { PanelCheckpoint, PanelCheckpoints } from '../sections/checkpoints';
import { FoldingSection, useFolding } from './folding';
import type { Memory } from './memory';
import { once } from './once';
import { IconButton, Link } from './parts';
import { fill } from './text';

interface Props {
  checkpoints: PanelCheckpoints;
  labels: Labels;
  send: Send;
  memory: Memory;
}

/** The places that the session can be taken back to. They are looked up only while the list is open. */
export function Checkpoints({ checkpoints, labels, send, memory }: Props): JSX.Element {
  const { rows, more, undo } = checkpoints;
  const folding = useFolding(memory, 'checkpoints', (open) => send({ type: 'listCheckpoints', open }));
  const { open } = folding;
  const [picked, setPicked] = useState<readonly string[]>([]);
  const [active, setActive] = useState<string>();
  const known = picked.filter((id) => rows.some((row) => row.id === id));
  const chosen = rows.some(({ id }) => id === active) ? active : rows[0]?.id;
  // Of three the two that were ticked last.
  const pick = useRef((id: string, on: boolean): void =>
    setPicked((before) => [...before.filter((one) => one !== id), ...(on ? [id] : [])].slice(-2)),
  );
  return (
    <FoldingSection
      label={labels.checkpoints}
      class="checkpoints"
      list="checkpoint-list"
      folding={folding}
      head={
        open &&
        known.length === 2 && (
          <Link text={labels.comparePoints} onClick={() => send({ type: 'compare', ids: [...known] })} />
        )
      }
      note={<Undo undo={undo} labels={labels} send={send} />}
    >
      {open && rows.length === 0 && <p class="quiet">{labels.noCheckpoints}</p>}
      {rows.length > 0 && rows.every(({ files }) => files === 'edits') && <p class="quiet">{labels.withoutFiles}</p>}
      <ul role="list" onKeyDown={moveFocus} onFocusIn={(event) => setActive(idOf(event.target))}>
        {open &&
          rows.map((row) => (
            <RowOnce
              key={row.id}
              row={row}
              isPicked={known.includes(row.id)}
              isActive={row.id === chosen}
              pick={pick.current}
              {...{ labels, send }}
            />
          ))}
      </ul>
      {open && more > 0 && <p class="quiet">{fill(labels.moreCheckpoints, more)}</p>}
    </FoldingSection>
  );
}

/** Said when it comes, and the way back gets the focus of the row that was gone back to. */
function Undo({ undo, labels, send }: Pick<PanelCheckpoints, 'undo'> & Pick<Props, 'labels' | 'send'>): JSX.Element {
  const line = useRef<HTMLDivElement>(null);
  const first = useRef(true);
  useEffect(() => {
    // Whoever writes elsewhere on the page goes on writing.
    const isHere = line.current?.closest('section')?.contains(document.activeElement);
    if (undo && !first.current && isHere) line.current?.querySelector('button')?.focus();
    first.current = false;
  }, [undo?.id]);
  const words = { files: labels.wentBackFiles, conversation: labels.wentBackConversation, both: labels.wentBackBoth };
  return (
    <div class="deleted" role="status" ref={line}>
      {undo && <span>{words[undo.what]}</span>}
      {undo && <Link text={labels.undoRestore} onClick={() => send({ type: 'undoGoingBack' })} />}
    </div>
  );
}

interface RowProps {
  row: PanelCheckpoint;
  isPicked: boolean;
  /** Its controls are the ones that Tab reaches. */
  isActive: boolean;
  pick: (id: string, on: boolean) => void;
  labels: Labels;
  send: Send;
}

const RowOnce = once(Row);

function Row({ row, isPicked, isActive, pick, labels, send }: RowProps): JSX.Element {
  const { id, why, text, when, changed, files } = row;
  const before = text === '' ? labels.beforeRestoreOnly : labels.beforeRestore;
  const title = fill({ prompt: labels.beforeMessage, step: labels.afterStep, restore: before }[why], text);
  const facts = [
    when,
    ...(changed === null || changed === 0 ? [] : [fill(labels.filesChanged, changed)]),
    ...(files === 'edits' ? [labels.editsAlone] : files === 'gone' ? [labels.notStored] : []),
  ];
  const tabIndex = isActive ? 0 : -1;
  return (
    <li class={`checkpoint of-${why}`} data-point={id}>
      <input
        type="checkbox"
        checked={isPicked}
        tabIndex={tabIndex}
        aria-label={fill(labels.selectPoint, title)}
        onChange={(event) => pick(id, event.currentTarget.checked)}
      />
      <span class="words">
        <span class="base">{title}</span>
        <span class="folder">{facts.join(' · ')}</span>
      </span>
      <IconButton
        icon="discard"
        label={fill(labels.restorePoint, title)}
        tabIndex={tabIndex}
        onClick={() => send({ type: 'goBack', id })}
      />
      <IconButton
        icon="diff"
        label={fill(labels.compareWithNow, title)}
        tabIndex={tabIndex}
        disabled={files === 'gone'}
        onClick={() => send({ type: 'compare', ids: [id] })}
      />
      <IconButton
        icon="repo-forked"
        label={fill(labels.forkPoint, title)}
        tabIndex={tabIndex}
        onClick={() => send({ type: 'forkAt', id })}
      />
    </li>
  );
}

function idOf(target: EventTarget | null): string | undefined {
  return (target as HTMLElement | null)?.closest<HTMLElement>('[data-point]')?.dataset['point'];
}

/** Up and down go to the same control of another row, so that a long list is passed by one Tab. */
function moveFocus(event: KeyboardEvent): void {
  const target = event.target as HTMLElement;
  const row = target.closest('[data-point]');
  const all = row?.parentElement ? [...row.parentElement.children] : [];
  const at = row ? all.indexOf(row) : -1;
  const moves: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 };
  const to = row && !event.altKey && !event.ctrlKey && !event.metaKey ? moves[event.key] : undefined;
  if (to === undefined || !row) return;
  event.preventDefault();
  const nth = [...row.querySelectorAll('input, button')].indexOf(target);
  all[to]?.querySelectorAll<HTMLElement>('input, button')[nth]?.focus();
}

import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Labels, Send } from '../protocol';
import type { PanelFile, PanelHunk, PanelRow } from '../sections/changes';
import type { Colouring } from './colouring';
import { Glyph, Link } from './parts';
import { piecesOf, type Piece } from './pieces';
import { fill } from './text';

const ROW_CLASS = { ' ': 'row', '+': 'row added', '-': 'row removed', '\\': 'row note' } as const;

interface Props {
  file: PanelFile;
  labels: Labels;
  send: Send;
  colouring: Colouring;
}

/** A file's unified diff, or why there is none to show. What is open of it is decided on hunk by hunk. */
export function Diff({ file, labels, send, colouring }: Props): JSX.Element {
  const box = useFocusKept();
  if (file.diff.kind === 'none') return <p class="quiet">{labels[file.diff.why]}</p>;
  const { hunks, moreRows } = file.diff;
  return (
    <div>
      {/* Reachable by Tab, because it may have to be scrolled sideways. */}
      <div class="diff" role="region" tabIndex={0} aria-label={fill(labels.diffOf, file.shown)} ref={box}>
        <div class="lines">
          {hunks.map((hunk, index) => (
            <Hunk
              {...{ key: hunk.open?.id ?? index, hunk, at: index + 1, of: hunks.length, file, labels, send, colouring }}
            />
          ))}
        </div>
      </div>
      {moreRows > 0 && <p class="quiet">{fill(labels.moreLines, moreRows)}</p>}
    </div>
  );
}

/** Where a hunk goes that had the focus, the next one gets it: who decides by keys goes on by keys. */
function useFocusKept(): { current: HTMLDivElement | null } {
  const box = useRef<HTMLDivElement>(null);
  const open = (): Element[] => [...(box.current?.querySelectorAll('.open-hunk') ?? [])];
  const held = open().findIndex((hunk) => hunk.contains(document.activeElement));
  useLayoutEffect(() => {
    if (held < 0 || box.current?.contains(document.activeElement)) return;
    const left = open();
    focusOn(left[Math.min(held, left.length - 1)] ?? box.current);
  });
  return box;
}

interface HunkProps extends Props {
  hunk: PanelHunk;
  at: number;
  of: number;
}

function Hunk({ hunk, at, of, file, labels, send, colouring }: HunkProps): JSX.Element {
  const { header, rows, open } = hunk;
  const { path } = file;
  const colours = useColours(colouring, file.shown, rows);
  const lines = rows.map((row, index) => <Row row={row} labels={labels} pieces={colours?.[index]} />);
  if (!open)
    return (
      <>
        <div class="hunk">{header}</div>
        {lines}
      </>
    );
  const decide = (type: 'accept' | 'reject'): void => send({ type, path, ids: [open.id] });
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const { key, currentTarget } = event;
    if (key === 'a') decide('accept');
    else if (key === 'r') decide('reject');
    else if (key === 'ArrowDown') focusOn((currentTarget as HTMLElement).nextElementSibling);
    else if (key === 'ArrowUp') focusOn((currentTarget as HTMLElement).previousElementSibling);
    else return;
    event.preventDefault();
  };
  return (
    <div class="open-hunk" role="group" tabIndex={0} aria-label={fill(labels.hunkOf, at, of)} onKeyDown={onKeyDown}>
      <div class="hunk">
        <span>{header}</span>
        <span class="decide">
          <Link text={labels.accept} onClick={() => decide('accept')} />
          <Link text={labels.reject} onClick={() => decide('reject')} />
        </span>
        {open.mixed && <span class="by">{labels.mixed}</span>}
        {open.todo !== '' && <span class="by">{fill(labels.madeFor, open.todo)}</span>}
        {open.made.length > 0 && <span class="by">{fill(labels.madeBy, open.made.join(', '))}</span>}
      </div>
      {lines}
    </div>
  );
}

function focusOn(node: Element | null): void {
  if (node instanceof HTMLElement) node.focus();
}

/** Undefined until they are known: the lines are shown plain first. */
function useColours(colouring: Colouring, name: string, rows: PanelRow[]): readonly (readonly Piece[])[] | undefined {
  const [, setPainted] = useState(0);
  const known = colouring.known(name, rows);
  useEffect(() => {
    if (!known) return colouring.ask(name, rows, () => setPainted((times) => times + 1));
    return undefined;
  }, [colouring, name, rows, known]);
  return known;
}

function Row({ row, labels, pieces }: { row: PanelRow; labels: Labels; pieces?: readonly Piece[] | undefined }) {
  if (row.sign === '\\') return <div class={ROW_CLASS['\\']}>{labels.noNewline}</div>;
  return (
    <div class={ROW_CLASS[row.sign]}>
      <Glyph text={String(row.line)} class="number" />
      <span class="sign">{row.sign}</span>
      <span class="code">{marked(row, pieces)}</span>
      {row.cut && <span class="quiet">{labels.lineCut}</span>}
    </div>
  );
}

/** The line with its colours, and with what differs in it marked on top of them. */
function marked({ text, marks = [] }: PanelRow, pieces: readonly Piece[] = []): ComponentChildren {
  return piecesOf(text.length, marks, pieces).map(({ isMark, parts }) => {
    const inside = parts.map(({ from, to, kind }) => {
      const part = text.slice(from, to);
      return kind === undefined ? part : <span class={`ink-${kind}`}>{part}</span>;
    });
    return isMark ? <span class="word">{inside}</span> : inside;
  });
}

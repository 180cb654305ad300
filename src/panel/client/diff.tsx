import type { ComponentChildren, JSX } from 'preact';
import type { Labels, Send } from '../protocol';
import type { PanelFile, PanelHunk, PanelRow } from '../sections/changes';
import { Glyph, Link } from './parts';
import { fill, visible } from './text';

const ROW_CLASS = { ' ': 'row', '+': 'row added', '-': 'row removed', '\\': 'row note' } as const;

interface Props {
  file: PanelFile;
  labels: Labels;
  send: Send;
}

/** A file's unified diff, or why there is none to show. What is open of it is decided on hunk by hunk. */
export function Diff({ file, labels, send }: Props): JSX.Element {
  if (file.diff.kind === 'none') return <p class="quiet">{labels[file.diff.why]}</p>;
  const { hunks, moreRows } = file.diff;
  return (
    <div>
      {/* Reachable by Tab, because it may have to be scrolled sideways. */}
      <div class="diff" role="region" tabIndex={0} aria-label={fill(labels.diffOf, file.shown)}>
        <div class="lines">
          {hunks.map((hunk, index) => (
            <Hunk
              key={hunk.open?.id ?? index}
              hunk={hunk}
              at={index + 1}
              of={hunks.length}
              path={file.path}
              labels={labels}
              send={send}
            />
          ))}
        </div>
      </div>
      {moreRows > 0 && <p class="quiet">{fill(labels.moreLines, moreRows)}</p>}
    </div>
  );
}

interface HunkProps {
  hunk: PanelHunk;
  at: number;
  of: number;
  path: string;
  labels: Labels;
  send: Send;
}

function Hunk({ hunk, at, of, path, labels, send }: HunkProps): JSX.Element {
  const { header, rows, open } = hunk;
  const lines = rows.map((row) => <Row row={row} labels={labels} />);
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

function Row({ row, labels }: { row: PanelRow; labels: Labels }): JSX.Element {
  if (row.sign === '\\') return <div class={ROW_CLASS['\\']}>{labels.noNewline}</div>;
  return (
    <div class={ROW_CLASS[row.sign]}>
      <Glyph text={String(row.line)} class="number" />
      <span class="sign">{row.sign}</span>
      <span class="code">{marked(row)}</span>
      {row.cut && <span class="quiet">{labels.lineCut}</span>}
    </div>
  );
}

/** The line with what differs in it marked. */
function marked({ text, marks = [] }: PanelRow): ComponentChildren {
  if (marks.length === 0) return text;
  let at = 0;
  const parts = marks.flatMap(([from, to]) => {
    const part = [visible(text.slice(at, from)), <span class="word">{text.slice(from, to)}</span>];
    at = to;
    return part;
  });
  return [...parts, text.slice(at)];
}

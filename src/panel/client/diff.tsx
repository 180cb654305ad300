import type { JSX } from 'preact';
import type { Labels } from '../protocol';
import type { PanelFile, PanelRow } from '../sections/changes';
import { Glyph } from './parts';
import { fill } from './text';

const ROW_CLASS = { ' ': 'row', '+': 'row added', '-': 'row removed', '\\': 'row note' } as const;

/** A file's unified diff, or why there is none to show. */
export function Diff({ file, labels }: { file: PanelFile; labels: Labels }): JSX.Element {
  if (file.diff.kind === 'none') return <p class="quiet">{labels[file.diff.why]}</p>;
  const { hunks, moreRows } = file.diff;
  return (
    <div>
      {/* Reachable by Tab, because it may have to be scrolled sideways. */}
      <div class="diff" role="region" tabIndex={0} aria-label={fill(labels.diffOf, file.shown)}>
        <div class="lines">
          {hunks.map(({ header, rows }) => [
            <div class="hunk">{header}</div>,
            ...rows.map((row) => <Row row={row} labels={labels} />),
          ])}
        </div>
      </div>
      {moreRows > 0 && <p class="quiet">{fill(labels.moreLines, moreRows)}</p>}
    </div>
  );
}

function Row({ row, labels }: { row: PanelRow; labels: Labels }): JSX.Element {
  if (row.sign === '\\') return <div class={ROW_CLASS['\\']}>{labels.noNewline}</div>;
  return (
    <div class={ROW_CLASS[row.sign]}>
      <Glyph text={String(row.line)} class="number" />
      <span class="sign">{row.sign}</span>
      <span class="code">{row.text}</span>
      {row.cut && <span class="quiet">{labels.lineCut}</span>}
    </div>
  );
}

import type { Labels, PanelFile, PanelRow } from '../protocol';
import { element, fill, glyph } from './element';

const ROW_CLASS = { ' ': 'row', '+': 'row added', '-': 'row removed', '\\': 'row note' } as const;

/** A file's unified diff, or why there is none to show. */
export function drawDiff(file: PanelFile, labels: Labels): HTMLElement {
  if (file.diff.kind === 'none') return element('p', { class: 'quiet', text: labels[file.diff.why] });
  const { hunks, moreRows } = file.diff;
  const lines = element('div', { class: 'lines' });
  for (const hunk of hunks) {
    lines.append(element('div', { class: 'hunk', text: hunk.header }));
    for (const row of hunk.rows) lines.append(drawRow(row, labels));
  }
  return element(
    'div',
    {},
    // Reachable by Tab, because it may have to be scrolled sideways.
    element(
      'div',
      { class: 'diff', attributes: { role: 'region', tabindex: '0', 'aria-label': fill(labels.diffOf, file.shown) } },
      lines,
    ),
    moreRows > 0 ? element('p', { class: 'quiet', text: fill(labels.moreLines, moreRows) }) : undefined,
  );
}

function drawRow(row: PanelRow, labels: Labels): HTMLElement {
  if (row.sign === '\\') return element('div', { class: ROW_CLASS['\\'], text: labels.noNewline });
  return element(
    'div',
    { class: ROW_CLASS[row.sign] },
    glyph(String(row.line), 'number'),
    element('span', { class: 'sign', text: row.sign }),
    element('span', { class: 'code', text: row.text }),
    row.cut ? element('span', { class: 'quiet', text: labels.lineCut }) : undefined,
  );
}

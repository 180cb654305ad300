import type { JSX } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Labels, Send } from '../protocol';
import { RUN_WINDOW, type PanelRunList, type RunLook } from '../sections/runs';
import { FoldingSection, useFolding } from './folding';
import type { Memory } from './memory';
import { Link, Search } from './parts';
import { fill } from './text';

const ROW_PX = 24;
const AROUND = 30;
const VIEW_PX = 240;
const PAGE_ROWS = 9;

interface Props {
  runs: PanelRunList;
  labels: Labels;
  send: Send;
  memory: Memory;
}

/** The ledger of experiments. Only the rows in sight are here, and it is read only while it is open. */
export function Runs({ runs, labels, send, memory }: Props): JSX.Element {
  const [look, setLook] = useState<RunLook>({ query: '', sort: 'time', metric: '', from: 0 });
  const change = (some: Partial<RunLook>): void => {
    const next = { ...look, from: 0, ...some };
    setLook(next);
    send({ type: 'lookRuns', look: next });
  };
  const folding = useFolding(memory, 'runs', (open) => send({ type: 'lookRuns', look: open ? look : null }));
  return (
    <FoldingSection label={labels.runs} class="runs" list="run-list" folding={folding}>
      {folding.open && <Table runs={runs} labels={labels} send={send} look={look} change={change} />}
      {folding.open && <Detail runs={runs} labels={labels} send={send} />}
      {folding.open && <Compared runs={runs} labels={labels} />}
    </FoldingSection>
  );
}

/** What was sorted by the metric stays sorted by the one that is shown. */
function otherMetric({ sort }: RunLook, from: string, to: string): Partial<RunLook> {
  const turned = sort.startsWith('-') ? '-' : '';
  return { metric: to, sort: sort === `${turned}${from}` ? `${turned}${to}` : sort };
}

interface TableProps extends Omit<Props, 'memory'> {
  look: RunLook;
  change: (some: Partial<RunLook>) => void;
}

function Table({ runs, labels, send, look, change }: TableProps): JSX.Element {
  const { rows, from, found, total, metrics, metric, problems } = runs;
  const [active, setActive] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  const wantsFocus = useRef(false);
  const at = Math.min(active, Math.max(0, found - 1));
  const reach = (first: number): void => {
    const last = Math.min(found, first + Math.ceil(VIEW_PX / ROW_PX) + 1);
    if (first < from || last > from + rows.length) change({ from: Math.max(0, first - AROUND) });
  };
  useLayoutEffect(() => {
    const row = box.current?.querySelector<HTMLElement>('[role="row"][tabindex="0"]');
    if (!wantsFocus.current || !row) return;
    wantsFocus.current = false;
    row.focus({ preventScroll: true });
  });
  const go = (to: number): void => {
    const next = Math.max(0, Math.min(found - 1, to));
    setActive(next);
    wantsFocus.current = true;
    const scroller = box.current;
    if (scroller && next * ROW_PX < scroller.scrollTop) scroller.scrollTop = next * ROW_PX;
    const below = (next + 1) * ROW_PX - VIEW_PX;
    if (scroller && below > scroller.scrollTop) scroller.scrollTop = below;
    reach(Math.max(0, next - 4));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const moves: Record<string, number> = {
      ...{ ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + PAGE_ROWS, PageUp: at - PAGE_ROWS },
      ...{ Home: 0, End: found - 1 },
    };
    const to = Object.hasOwn(moves, event.key) ? moves[event.key] : undefined;
    const id = rows[at - from]?.id;
    if (to !== undefined) go(to);
    else if (event.key === ' ' && id !== undefined) send({ type: 'tickRun', id });
    else if (event.key === 'Enter' && id !== undefined) send({ type: 'pickRun', id });
    else return;
    event.preventDefault();
  };
  const sorted = (name: string): 'ascending' | 'none' | 'descending' =>
    look.sort === name ? 'ascending' : look.sort === `-${name}` ? 'descending' : 'none';
  const header = (name: string, text: string): JSX.Element => (
    <span role="columnheader" aria-sort={sorted(name)}>
      <button type="button" class="plain" onClick={() => change({ sort: look.sort === name ? `-${name}` : name })}>
        <span class="run-sort">{text}</span>
      </button>
    </span>
  );
  return (
    <>
      <Search label={labels.searchRuns} value={look.query} look={(query) => change({ query })} />
      <label class="run-metric">
        {labels.runMetric}
        <select value={metric} onChange={({ currentTarget: { value } }) => change(otherMetric(look, metric, value))}>
          {metrics.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
      {problems.map((problem) => (
        <p key={problem} class="quiet">
          {problem}
        </p>
      ))}
      <p class="quiet" role="status">
        {total === 0 ? labels.noRuns : found === 0 ? labels.noRunFits : fill(labels.runsFound, found, total)}
      </p>
      <div role="grid" aria-label={labels.runs} aria-rowcount={found + 1} aria-colcount={4} aria-multiselectable="true">
        <div role="row" aria-rowindex={1} class="run-row run-head">
          <span role="columnheader">
            <span class="spoken">{labels.runPick}</span>
          </span>
          {header('title', labels.runTitle)}
          {header(metric, metric || labels.runMetric)}
          {header('time', labels.runEnded)}
        </div>
        <div
          class="run-scroll"
          role="rowgroup"
          ref={box}
          onScroll={({ currentTarget: { scrollTop } }) => reach(Math.floor(scrollTop / ROW_PX))}
          onKeyDown={onKeyDown}
        >
          <div role="presentation" style={{ height: `${found * ROW_PX}px`, position: 'relative' }}>
            {rows.slice(0, RUN_WINDOW).map((row, index) => (
              <div
                key={row.id}
                role="row"
                class={`run-row run-${row.state}`}
                aria-rowindex={from + index + 2}
                aria-selected={row.ticked}
                aria-label={fill(labels.runRow, row.from === '' ? row.title : `${row.from} ${row.title}`, row.state)}
                tabIndex={from + index === at ? 0 : -1}
                style={{ position: 'absolute', top: `${(from + index) * ROW_PX}px`, height: `${ROW_PX}px` }}
                onClick={() => {
                  setActive(from + index);
                  send({ type: 'pickRun', id: row.id });
                }}
              >
                <span role="gridcell">
                  <input
                    type="checkbox"
                    tabIndex={-1}
                    aria-label={fill(labels.compareRuns, row.title)}
                    checked={row.ticked}
                    onClick={(event) => {
                      event.stopPropagation();
                      send({ type: 'tickRun', id: row.id });
                    }}
                  />
                </span>
                <span role="gridcell" title={row.title}>
                  {row.from === '' ? '' : `${row.from}: `}
                  {row.state === 'ok' || (row.from !== '' && row.state === 'unknown')
                    ? row.title
                    : `${row.title} (${row.state})`}
                </span>
                <span role="gridcell" title={row.metric}>
                  {row.metric}
                </span>
                <span role="gridcell" title={row.endedAt}>
                  {row.ended}
                </span>
              </div>
            ))}
          </div>
        </div>
      </div>
    </>
  );
}

function Detail({ runs: { detail }, labels, send }: Omit<Props, 'memory'>): JSX.Element | null {
  if (!detail) return null;
  const { id, text, hasLog, hasDiff, isOurs } = detail;
  const link = (what: 'log' | 'diff' | 'line' | 'verdict', name: string): JSX.Element => (
    <Link text={name} onClick={() => send({ type: 'openRun', id, what })} />
  );
  return (
    <div class="run-detail" role="group" aria-label={fill(labels.runDetail, id)}>
      <pre>{text}</pre>
      {hasLog && link('log', labels.runLog)} {hasDiff && link('diff', labels.runDiff)}{' '}
      {link('line', isOurs ? labels.runLine : labels.runFile)} {isOurs && link('verdict', labels.runVerdict)}
    </div>
  );
}

function Compared({ runs: { comparison }, labels }: Pick<Props, 'runs' | 'labels'>): JSX.Element | null {
  if (!comparison) return null;
  const { heads, rows, warnings } = comparison;
  const shown = rows.filter(({ differs, aspect }) => differs || aspect === 'metrics');
  return (
    <div class="run-compared">
      {warnings.map((warning) => (
        <p key={warning} role="note">
          {warning}
        </p>
      ))}
      <table aria-label={fill(labels.compareRuns, heads.map(({ id }) => id).join(', '))}>
        <thead>
          <tr>
            <td />
            {heads.map((head) => (
              <th key={head.id} scope="col" title={head.id}>
                {head.short}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map(({ aspect, name, values, differs }) => (
            <tr key={`${aspect} ${name}`} class={differs ? 'differs' : ''}>
              <th scope="row">{name}</th>
              {values.map((value, index) => (
                <td key={heads[index]?.id}>{value || labels.runNothing}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {shown.length === 0 && <p class="quiet">{labels.runTheSame}</p>}
    </div>
  );
}

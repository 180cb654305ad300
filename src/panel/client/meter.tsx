import type { JSX } from 'preact';
import type { Labels } from '../protocol';
import type { PanelBudget, PanelCompute, PanelCost, PanelCosts, PanelMeter } from '../sections/meter';
import { Toggle, useFolding } from './folding';
import type { Memory } from './memory';
import { dollars, plain, tokens } from './numbers';
import { Glyph, Section } from './parts';
import { fill } from './text';

/** What the session takes of the model's context, of tokens and of money. */
export function Meter({
  meter,
  labels,
  memory,
}: {
  meter: PanelMeter;
  labels: Labels;
  memory: Memory;
}): JSX.Element | null {
  if (!meter.context) return null;
  const { input, output, cacheRead, cacheWrite } = meter.tokens;
  return (
    <Section label={labels.meter} class="meter">
      <Context context={meter.context} labels={labels} />
      <dl class="facts">
        <Fact name={labels.costSession} value={costText(meter.session, labels)} />
        {meter.today !== null && <Fact name={labels.costToday} value={dollars(meter.today)} />}
        <Fact name={labels.tokensIn} value={tokens(input)} />
        <Fact name={labels.tokensOut} value={tokens(output)} />
        <Fact name={labels.cachedRead} value={tokens(cacheRead)} />
        <Fact name={labels.cachedWrite} value={tokens(cacheWrite)} />
        {meter.compute && <Fact name={labels.jobsSession} value={computeText(meter.compute.session, labels)} />}
        {meter.compute && <Fact name={labels.jobsToday} value={computeText(meter.compute.today, labels)} />}
      </dl>
      {meter.budgets.length > 0 && <Budgets budgets={meter.budgets} labels={labels} />}
      <Costs meter={meter} labels={labels} memory={memory} />
    </Section>
  );
}

function Context({ context, labels }: { context: NonNullable<PanelMeter['context']>; labels: Labels }): JSX.Element {
  const { tokens: used, window, parts } = context;
  const words =
    window === null ? fill(labels.contextUnknown, tokens(used)) : fill(labels.contextOf, tokens(used), tokens(window));
  const whole = Math.max(used, window ?? used, 1);
  return (
    <>
      <div class="meter-line">
        <span>{labels.contextUsed}</span>
        <span class="quiet">{words}</span>
      </div>
      <div
        class="bar parts"
        role="meter"
        aria-label={labels.contextUsed}
        aria-valuemin={0}
        aria-valuemax={whole}
        aria-valuenow={used}
        aria-valuetext={words}
      >
        {parts.map((one) => (
          <div class={`part ${one.part}`} style={{ width: `${(100 * one.tokens) / whole}%` }} />
        ))}
      </div>
      <ul class="legend" role="list">
        {parts.map((one) => (
          <li>
            <Glyph class={`part ${one.part}`} />
            <span>{labels[`part_${one.part}`]}</span>
            <span class="quiet">{`≈ ${tokens(one.tokens)}`}</span>
          </li>
        ))}
      </ul>
      <p class="quiet">{labels.estimates}</p>
    </>
  );
}

function Fact({ name, value }: { name: string; value: string }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

const AMOUNTS: Record<PanelBudget['unit'], (value: number, labels: Labels) => string> = {
  usd: dollars,
  tokens,
  turns: plain,
  minutes: plain,
  hours: (value, labels) => fill(labels.hoursTaken, short(value)),
  gpuHours: (value, labels) => fill(labels.gpuHoursTaken, short(value)),
};

/** Three digits say enough of hours. */
function short(value: number): string {
  return plain(Number(value.toPrecision(3)));
}
const NEAR = 0.8;

function Budgets({ budgets, labels }: { budgets: readonly PanelBudget[]; labels: Labels }): JSX.Element {
  return (
    <>
      <h3>{labels.limits}</h3>
      <ul class="budgets" role="list">
        {budgets.map(({ name, used, limit, unit }) => {
          const share = limit > 0 ? Math.min(1, used / limit) : 1;
          const words = fill(labels.limitUsed, AMOUNTS[unit](used, labels), AMOUNTS[unit](limit, labels));
          return (
            <li>
              <div class="meter-line">
                <span>{name}</span>
                <span class="quiet">{words}</span>
              </div>
              <div
                class={`bar ${share >= NEAR ? 'near' : ''}`}
                role="meter"
                aria-label={name}
                aria-valuemin={0}
                aria-valuemax={limit}
                aria-valuenow={Math.min(used, limit)}
                aria-valuetext={words}
              >
                <div class="fill" style={{ width: `${100 * share}%` }} />
              </div>
            </li>
          );
        })}
      </ul>
    </>
  );
}

function Costs({ meter, labels, memory }: { meter: PanelMeter; labels: Labels; memory: Memory }): JSX.Element {
  const folding = useFolding(memory, 'meter:costs');
  return (
    <>
      <Toggle text={labels.meterDetails} controls="cost-tables" folding={folding} />
      <div id="cost-tables" hidden={!folding.open}>
        {COST_LISTS.map(([list, title]) => (
          <CostTable title={labels[title]} rows={costRows(meter.costs, list, labels)} labels={labels} />
        ))}
        <p class="quiet">{labels.skillCost}</p>
        {meter.compute && (
          <>
            <CostTable title={labels.jobsByDroid} rows={computeRows(meter.compute.droids, labels)} labels={labels} />
            <CostTable title={labels.jobsBySkill} rows={computeRows(meter.compute.skills, labels)} labels={labels} />
          </>
        )}
      </div>
    </>
  );
}

const COST_LISTS = [
  ['models', 'costByModel'],
  ['droids', 'costByDroid'],
  ['skills', 'costBySkill'],
] as const;

interface Row {
  name: string;
  value: string;
  /** Of all sessions of the day. */
  today?: string;
}

function CostTable({ title, rows, labels }: { title: string; rows: readonly Row[]; labels: Labels }): JSX.Element {
  return (
    <table class="costs">
      <caption>{title}</caption>
      {rows.some(({ today }) => today !== undefined) && (
        <thead>
          <tr>
            <td />
            <th scope="col">{labels.costSession}</th>
            <th scope="col">{labels.costToday}</th>
          </tr>
        </thead>
      )}
      <tbody>
        {rows.map(({ name, value, today }) => (
          <tr key={name}>
            <th scope="row">{name === '' ? labels.noSkill : name}</th>
            <td>{value}</td>
            {today !== undefined && <td>{today}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Those of the session first; what only other sessions of the day used comes behind. */
function costRows(costs: PanelMeter['costs'], list: keyof PanelCosts, labels: Labels): Row[] {
  const [own, day] = [costs.session[list], costs.today?.[list]];
  const text = (all: readonly PanelCost[], name: string): string => {
    const found = all.find((one) => one.name === name);
    return found ? costText(found, labels) : '–';
  };
  const names = [...new Set([...own, ...(day ?? [])].map(({ name }) => name))];
  return names.map((name) => ({ name, value: text(own, name), ...(day ? { today: text(day, name) } : {}) }));
}

function computeRows(all: readonly PanelCompute[], labels: Labels): Row[] {
  return all.map((one) => ({ name: one.name, value: computeText(one, labels) }));
}

function costText({ usd, unknown }: PanelCost, labels: Labels): string {
  return unknown === 0 ? dollars(usd) : fill(labels.unknownPrice, dollars(usd), unknown);
}

/** What is not used at all is left out, the hours never. */
function computeText({ hours, gpuHours, usd }: PanelCompute, labels: Labels): string {
  const parts = [AMOUNTS.hours(hours, labels)];
  if (gpuHours > 0) parts.push(AMOUNTS.gpuHours(gpuHours, labels));
  if (usd > 0) parts.push(dollars(usd));
  return parts.join(' · ');
}

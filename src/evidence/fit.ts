import type { Measure } from './sources';
import { normal, termsOf, type Term } from './terms';
import { unitOf } from './units';

/** What a claim says of its number. */
export interface About {
  /** Terms of the clause that the number stands in. */
  near: readonly Term[];
  metrics: ReadonlySet<string>;
  splits: ReadonlySet<string>;
  statistics: ReadonlySet<string>;
  words: ReadonlySet<string>;
  /** Of units that it names without a number: "bytes per call". */
  dimensions: ReadonlySet<string>;
  /** "trial 12", "camera B": which one it is of. */
  which: ReadonlyMap<string, ReadonlySet<string>>;
  /** Words behind "with" and behind "without". */
  withWords: ReadonlySet<string>;
  withoutWords: ReadonlySet<string>;
}

function idsIn(terms: readonly Term[], kind: Term['kind']): Set<string> {
  return new Set(terms.filter((term) => term.kind === kind).map(({ id }) => id));
}

/** Asked for again and again of the same terms: kept as long as they are. */
const KNOWN = new WeakMap<readonly Term[], Map<Term['kind'], ReadonlySet<string>>>();

export function ids(terms: readonly Term[], kind: Term['kind']): ReadonlySet<string> {
  const known = KNOWN.get(terms) ?? new Map<Term['kind'], ReadonlySet<string>>();
  const found = known.get(kind) ?? idsIn(terms, kind);
  KNOWN.set(terms, known.set(kind, found));
  return found;
}

/** A line that names more things is no line of words. */
const MAX_NAMED = 40;

const WHICH =
  /(?<![\p{L}\p{N}])([\p{L}][\p{L}_-]*)["']?(?:\s?(?:[:=]|#|no\.)\s?|\s(?:of\s|von\s|de\s)?)["']?(\d[\d,]*k?|\p{Lu})(?![.,]?\d|[\p{L}\p{N}.]*[\p{L}])/gu;
const COUNTED = /(?<![\p{L}\p{N}.,])(\d[\d,]*k?)[\s-]([\p{L}][\p{L}-]+?)(?:s|es|en|n)?(?![\p{L}-])/gu;

/** "the 95 % band", "level 95", "95% CI" */
const LEVEL =
  /(?<![\d.])(\d\d(?:\.\d)?)\s?%\s?-?(?:confidence |prediction )?(?:interval|ci|band|level|intervall|konfidenz|intervalle|intervalo)/giu;

/** "camera B", "epoch=12", "4,000 steps": nouns, each with which one. */
export function whichOf(text: string): Map<string, Set<string>> {
  const which = new Map<string, Set<string>>();
  let left = MAX_NAMED;
  const add = (noun: string, value: string): void => {
    if (unitOf(noun) || left-- <= 0) return;
    for (const { id, kind } of termsOf(noun)) {
      if (kind !== 'word' && kind !== 'split') continue;
      const number = value
        .replace(/[.,]$/u, '')
        .replaceAll(',', '')
        .replace(/^0+(?=\d)/u, '');
      which.set(
        id,
        (which.get(id) ?? new Set()).add(/k$/u.test(number) ? String(Number(number.slice(0, -1)) * 1000) : number),
      );
    }
  };
  for (const [, noun = '', value = ''] of text.matchAll(WHICH)) add(noun, value);
  for (const [, value = ''] of text.matchAll(LEVEL)) which.set('level', (which.get('level') ?? new Set()).add(value));
  for (const [, value = '', noun = ''] of text.matchAll(COUNTED)) add(noun, value);
  return which;
}

/** Why a measured number is of something else than the claim says. */
export function reasonsAgainst(about: About, measure: Measure): ('metric' | 'split' | 'statistic' | 'which')[] {
  return [
    ...(disagree(about.metrics, metricsOf(measure)) ? (['metric'] as const) : []),
    ...(disagree(about.splits, splitsOf(measure)) ? (['split'] as const) : []),
    ...(statisticsDisagree(about, measure) ? (['statistic'] as const) : []),
    ...(whichDisagrees(about, measure) ? (['which'] as const) : []),
  ];
}

export function contradicts(about: About, measure: Measure): boolean {
  return (
    disagree(about.metrics, metricsOf(measure)) ||
    disagree(about.splits, splitsOf(measure)) ||
    statisticsDisagree(about, measure) ||
    whichDisagrees(about, measure)
  );
}

function disagree(said: ReadonlySet<string>, measured: ReadonlySet<string>): boolean {
  return said.size > 0 && measured.size > 0 && ![...said].some((id) => measured.has(id));
}

export function metricsOf({ key, row, start, unit }: Measure): ReadonlySet<string> {
  const own = ids(key, 'metric');
  // A speed in the line of a loss is none.
  if (own.size === 0 && unit?.dimension === 'rate') return own;
  return own.size > 0
    ? own
    : idsIn(
        row.filter((term) => term.end <= start),
        'metric',
      );
}

function splitsOf({ key, row, source, labelEnd }: Measure): ReadonlySet<string> {
  const own = ids(key, 'split');
  if (own.size > 0) return own;
  const line = idsIn(
    row.filter(({ end }) => end <= labelEnd),
    'split',
  );
  if (line.size > 0) return line;
  return new Set([...ids(source.title, 'split')].filter((id) => id !== 'train'));
}

function statisticsDisagree({ statistics }: About, { key, row, start }: Measure): boolean {
  const own = ids(key, 'statistic');
  const measured =
    own.size > 0
      ? own
      : idsIn(
          row.filter((term) => term.end <= start),
          'statistic',
        );
  if (statistics.size === 0) return own.has('std');
  return disagree(statistics, measured);
}

function whichDisagrees({ which, withWords, withoutWords }: About, { which: measured, switches }: Measure): boolean {
  for (const [noun, values] of which) {
    const other = measured.get(noun);
    if (other && ![...values].some((value) => other.has(value))) return true;
  }
  const is = (words: ReadonlySet<string>, zero: boolean): boolean =>
    [...words].some((word) => {
      const values = [...switches].flatMap(([noun, each]) =>
        noun === word || isBeginning(noun, word) ? [...each] : [],
      );
      return values.length > 0 && values.every((value) => (value === '0') === zero);
    });
  return is(withWords, true) || is(withoutWords, false);
}

/** "warmup=0", "ema=1": what was on and what was off. */
export function switchesOf(context: string): Map<string, Set<string>> {
  const switches = new Map<string, Set<string>>();
  for (const [, noun = '', value = ''] of context.matchAll(
    /([\p{L}_]+)\s?=\s?(\d+|true|false|on|off|none)(?![\d.])/giu,
  )) {
    const isOff = /^(?:0+|false|off|none)$/iu.test(value);
    for (const { id } of termsOf(noun)) switches.set(id, (switches.get(id) ?? new Set()).add(isOff ? '0' : '1'));
  }
  return switches;
}

/** The words of the claim that a measured number shares, from the nearest to it to the farthest. */
export function sharedWith(about: About, measure: Measure): { key: Set<string>; row: Set<string>; title: Set<string> } {
  const key = new Set<string>();
  const row = new Set<string>();
  const title = new Set<string>();
  for (const id of about.words) {
    if (has(measure.key, id) || (measure.behind.length >= 3 && isBeginning(measure.behind.toLowerCase(), id)))
      key.add(id);
    else if (
      id === 'errors' &&
      about.metrics.size === 0 &&
      ERROR_METRICS.some((metric) => measure.key.some((term) => term.id === metric))
    )
      key.add(id);
    else if (has(measure.row, id)) row.add(id);
    else if (has(measure.source.title, id)) title.add(id);
  }
  for (const id of about.splits) if (ids(measure.key, 'split').has(id)) row.add(`split ${id}`);
  for (const id of about.statistics)
    if (ids([...measure.key, ...measure.row], 'statistic').has(id)) row.add(`statistic ${id}`);
  for (const [noun, values] of about.which) {
    const measured = measure.which.get(noun);
    for (const value of values) if (measured?.has(value)) row.add(`${noun}=${value}`);
  }
  return { key, row, title };
}

/** What "the error" may be. */
const ERROR_METRICS = ['wer', 'cer', 'mae', 'rmse', 'mse', 'mape', 'smape', 'der', 'eer'];

/** Abbreviations in logs are beginnings: dist for distributed, emb for embeddings. */
function has(terms: readonly Term[], id: string): boolean {
  return terms.some((term) => term.id === id || (term.kind === 'word' && isBeginning(term.id, id)));
}

export function isBeginning(one: string, other: string): boolean {
  const [short, long] = one.length < other.length ? [one, other] : [other, one];
  return short.length >= 3 && long.startsWith(short);
}

/** How well a measured number's names fit the claim's. 0: nothing in common. */
export function fitOf(about: About, measure: Measure): number {
  const shared = sharedWith(about, measure);
  const keyMetrics = ids(measure.key, 'metric');
  const named = [...about.metrics].some((id) => keyMetrics.has(id))
    ? 4
    : [...about.metrics].some((id) => metricsOf(measure).has(id))
      ? 3
      : 0;
  const agreeing = (said: ReadonlySet<string>, measured: ReadonlySet<string>): number =>
    [...said].some((id) => measured.has(id)) ? 2 : 0;
  return (
    named +
    agreeing(about.splits, splitsOf(measure)) +
    agreeing(about.statistics, new Set([...ids(measure.key, 'statistic'), ...ids(measure.row, 'statistic')])) +
    (measure.unit && about.dimensions.has(measure.unit.dimension) ? 1 : 0) +
    shared.key.size * 2 +
    shared.row.size * 1.5 +
    shared.title.size * 0.5
  );
}

/** The clause of a number: from the number before it, and on to the next comma, "and" or number. */
export function aboutOf(
  sentence: string,
  { start, end }: { start: number; end: number },
  previousEnd: number,
  nextStart: number,
): About {
  const after = sentence.slice(end, nextStart);
  const isLast = nextStart === sentence.length;
  const behind = isLast ? after : (after.split(BREAK)[0] ?? '');
  const leading = sentence.slice(previousEnd, start);
  const carried =
    previousEnd === 0
      ? leading
      : leading
          .split(BREAK)
          .slice(BREAK.test(leading) ? 1 : 0)
          .join(' ');
  const own = `${carried} ${behind}`;
  const near = termsOf(own);
  const whole = termsOf(sentence.slice(0, start));
  return {
    near,
    metrics: LOSS_OF.test(leading) ? new Set() : nearest(termsOf(carried), termsOf(behind), whole, 'metric'),
    splits: BETWEEN_SPLITS.test(sentence)
      ? new Set(ids(termsOf(sentence), 'split'))
      : nearest(termsOf(carried), termsOf(behind), onlyOne(whole, 'split'), 'split'),
    statistics: nearest(termsOf(carried), termsOf(behind), onlyOne(whole, 'statistic'), 'statistic'),
    words: new Set([...ids(near, 'word')]),
    dimensions: new Set((own.match(/\p{L}{2,}/gu) ?? []).flatMap((word) => unitOf(word)?.dimension ?? [])),
    which: whichOf(own),
    withWords: wordsBehind(own, /(?<![\p{L}])(?:with|mit|avec|con)\s+([\p{L}\d,.\s-]{3,30})/giu),
    withoutWords: wordsBehind(own, /(?<![\p{L}])(?:without|no|ohne|sans|sin)\s+([\p{L}\s-]{3,30})/giu),
  };
}

/** "a loss of 0.13" is one of anything. */
const LOSS_OF = /(?<![\p{L}])(?:a|the) loss of (?:about |only )?$/iu;
const BETWEEN_SPLITS = /(?<![\p{L}])between (?:the )?(?:train\p{L}*|val\p{L}*|test|dev)(?: \p{L}+)? and/iu;
const BREAK =
  /,\s|;\s|\s(?=with (?:an?|the)\s)|\s(?:and|und|et|y|e|but|aber|mais|pero|against|gegenüber|contre|frente a|versus|vs\.?)\s|[，、；]/u;

function onlyOne(whole: readonly Term[], kind: Term['kind']): Term[] {
  const terms = whole.filter((term) => term.kind === kind);
  return new Set(terms.map(({ id }) => id)).size === 1 ? terms : [];
}

function nearest(
  before: readonly Term[],
  behind: readonly Term[],
  whole: readonly Term[],
  kind: Term['kind'],
): Set<string> {
  const last = before.findLast((term) => term.kind === kind);
  const next = behind.find((term) => term.kind === kind);
  if (kind === 'split')
    return new Set([last, next].flatMap((term) => (term ? [term.id] : []))).size > 0
      ? new Set([last, next].flatMap((term) => (term ? [term.id] : [])))
      : new Set(whole.map(({ id }) => id));
  const found = last ?? next ?? whole.findLast((term) => term.kind === kind);
  return new Set(found ? [found.id] : []);
}

function wordsBehind(text: string, pattern: RegExp): Set<string> {
  const words = new Set<string>();
  for (const [, named = ''] of text.matchAll(pattern)) for (const { id } of termsOf(normal(named))) words.add(id);
  return words;
}

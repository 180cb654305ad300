import { compare, type Run } from './parse';
import { dataKey, mayCount, metricOf, repeatKey, spreadOver, type Spread } from './repeats';

export type Direction = 'min' | 'max';

const LOWER =
  /(?:^|[^a-z])(?:.*loss|.*error|err|[rnm]*mse|rmsle|s?m?ap?e|mae|msle|.*perplexity|ppl|wer|cer|ter|brier|ece|mce|nll|bpb|bpc|fid|kid|.*latency|.*time|seconds|ms|rank|eer|far|frr|hinge|deviance|aic|bic|cost|regret|wape|mase|crps|pinball|chamfer|epe|divergence|kl)(?:[^a-z]|$)/iu;
const HIGHER =
  /(?:^|[^a-z])(?:.*acc(?:uracy)?|top\d?|.*auc|auroc|auprc|[a-z]*f\d?|f_?beta|precision|recall|sensitivity|specificity|r2|r_?squared|explained_variance|score|m?ap|ndcg|mrr|bleu|chrf|rouge[a-z]*|meteor|m?iou|jaccard|dice|mcc|kappa|hit(?:s|_rate|_ratio)?|reward|return|psnr|ssim|silhouette|gini|ks|lift|throughput|exact_match|em|pass|win_?rate|correlation|pearson|spearman)(?:[^a-z]|$)/iu;

/** A ledger is anybody's text, and these patterns take the square of a name's length. */
const MAX_READ_CHARACTERS = 200;

/** Which way is better, by the metric's name; `undefined` where the name does not tell. Pure. */
export function directionOf(metric: string): Direction | undefined {
  const name = metric.slice(-MAX_READ_CHARACTERS).replaceAll(/([a-z])([A-Z])/gu, '$1_$2');
  const [lower, higher] = [LOWER.test(name), HIGHER.test(name)];
  if (lower === higher) return undefined;
  return lower ? 'min' : 'max';
}

export interface Ranked {
  /** Runs that differ in their seeds alone, the best first. */
  runs: Run[];
  spread: Spread;
}

/** Runs that were trained and measured on the same, ranked among each other. */
export interface Rankable {
  ranked: Ranked[];
  /** False where no file was named: then nobody knows whether it was the same. */
  isDataKnown: boolean;
}

export interface Ranking {
  /** More than one: they are not to be ranked among each other. The largest first. */
  groups: Rankable[];
  /** Runs with such a metric that did not end well, and so count for nothing. */
  leftOut: number;
}

/**
 * Ranks runs by a metric: what was repeated with other seeds by its mean, since the best of many seeds is chance, and only
 * among runs on the same data. Pure.
 */
export function rank(runs: readonly Run[], metric: string, direction: Direction): Ranking {
  const having = runs.filter(({ record }) => metricOf(record, metric) !== undefined);
  const counting = having.filter(mayCount);
  const byData = grouped(counting, ({ record }) => dataKey(record));
  const groups = [...byData.values()].map((group) => ({
    ranked: rankedIn(group, metric, direction),
    isDataKnown: group.some(({ record }) => record.data.length > 0),
  }));
  const sizes = (one: Rankable): number => one.ranked.reduce((sum, { runs: repeats }) => sum + repeats.length, 0);
  return { groups: groups.sort((a, b) => sizes(b) - sizes(a)), leftOut: having.length - counting.length };
}

function rankedIn(group: readonly Run[], metric: string, direction: Direction): Ranked[] {
  const sign = direction === 'max' ? -1 : 1;
  const ranked = [...grouped(group, ({ record }) => repeatKey(record)).values()].flatMap((repeats) => {
    const spread = spreadOver(repeats, metric);
    const value = ({ record }: Run): number => metricOf(record, metric) ?? 0;
    const runs = [...repeats].sort((a, b) => sign * (value(a) - value(b)) || compare(a.record.at, b.record.at));
    return spread ? [{ runs, spread }] : [];
  });
  return ranked.sort((a, b) => sign * (a.spread.mean - b.spread.mean));
}

function grouped(runs: readonly Run[], keyOf: (run: Run) => string): Map<string, Run[]> {
  const groups = new Map<string, Run[]>();
  for (const run of runs) {
    const key = keyOf(run);
    const group = groups.get(key);
    if (group) group.push(run);
    else groups.set(key, [run]);
  }
  return groups;
}

/** The names of the metrics of these runs, the most frequent first. */
export function metricNames(runs: readonly Run[]): string[] {
  const counts = new Map<string, number>();
  for (const { record } of runs) for (const { name } of record.metrics) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort(([a, m], [b, n]) => n - m || compare(a, b)).map(([name]) => name);
}

/** The metric that is meant: by its name, in any case of letters, or by an end that only one has (`auc` for `val_auc`). */
export function metricNamed(names: readonly string[], wanted: string): string | undefined {
  const folded = wanted.toLowerCase();
  const same = names.filter((name) => name.toLowerCase() === folded);
  if (names.includes(wanted)) return wanted;
  if (same.length > 0) return same.length === 1 ? same[0] : undefined;
  const ending = names.filter(
    (name) =>
      name
        .toLowerCase()
        .split(/[/_.:\s-]/u)
        .at(-1) === folded,
  );
  return ending.length === 1 ? ending[0] : undefined;
}

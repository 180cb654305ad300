import type { Split } from './metric';

/**
 * What a name stands for. `metric`: wherever it is printed. `weak`: a word with other uses, a metric only beside a
 * position or a metric. `schedule`: a setting that is logged as it changes. `setting`: never a metric, however often.
 */
export type NameKind = 'metric' | 'weak' | 'schedule' | 'setting' | 'position' | 'time' | 'other';

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/u));

const METRICS = words(
  `loss losses logloss mlogloss nll elbo bce acc acc1 acc5 accuracy auc auroc auprc aucpr prauc rocauc roc map50 map95 f1
   fbeta precision recall sensitivity specificity mse rmse mae mape smape wape rmsle merror r2 perplexity ppl bleu rouge
   rouge1 rouge2 rougel meteor wer cer iou miou dice jaccard psnr ssim lpips fid reward rewards ece brier mcc kappa ndcg mrr
   top1 top5 gini pearson spearman silhouette deviance gradnorm bpc bpb pinball rms crossentropy score`,
);
const WEAK = words(
  `error err errors ap map kl ce hit hits return returns objective cost regret em win success norm residual likelihood
   correlation corr ks lift latency throughput r ari nmi distance fscore learn test fitness f2 q value gap`,
);
const SCHEDULES = words('lr learningrate momentum temperature beta epsilon eps wd entropy');
const POSITIONS = words(
  'epoch ep step steps globalstep globalsteps iter iters iteration it batch update updates round totalstep trainerglobalstep',
);
/** Says of a name that it is a setting, whatever else it says. */
const SETTINGS = words(
  `seed seeds size sizes num n max min weight weights coef threshold target patience tol tolerance decay dim dims interval
   every freq frequency workers hidden layers heads depth dropout smoothing version port pid id rank gpus gpu device devices
   samples rows classes features params parameters estimators leaves epochs warmup budget limit ratio alpha gamma lambda
   code exit shape length width height bits count total`,
);
const TIMES = words(
  'time times elapsed eta runtime second seconds sec secs ms duration speed minutes hours timestamp remaining date',
);
const SPLITS: Readonly<Record<string, Split>> = {
  ...{ train: 'train', training: 'train', trn: 'train', learn: 'train' },
  ...{ val: 'val', valid: 'val', validation: 'val', eval: 'val', dev: 'val', evaluation: 'val', cv: 'val' },
  ...{ test: 'test', testing: 'test', holdout: 'test' },
};
/** Words that make a name of several words with the metric after them. */
export const QUALIFIERS = words(
  `train training val valid validation eval test dev mean average avg best final macro micro weighted roc pr log cross
   balanced absolute squared root median f1 top running smoothed overall current total grad gradient r2 r^2 r² cv auc
   percentage out-of-fold oof holdout brier logistic hinge squared explained relative f1-score policy critic actor`,
);

const MAX_KNOWN = 4_096;

/** Knows what the names of a log stand for; each is looked at once. */
export class Names {
  readonly #known = new Map<string, { kind: NameKind; split: Split | undefined }>();

  kindOf(name: string): NameKind {
    return this.#look(name).kind;
  }

  splitOf(name: string): Split | undefined {
    return this.#look(name).split;
  }

  #look(name: string): { kind: NameKind; split: Split | undefined } {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    // A log whose every name is new is no log of metrics.
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    const found = { kind: kindOf(name), split: splitOf(name) };
    this.#known.set(name, found);
    return found;
  }
}

/** The words of a name: `valid_0's binary_logloss`, `trainLoss` and `val/acc@1` have some. */
export function wordsIn(name: string): string[] {
  return name
    .replaceAll(/([a-z\d])([A-Z])/gu, '$1 $2')
    .toLowerCase()
    .split(/[^a-z\d²^]+/u)
    .filter((word) => word !== '' && word !== 's');
}

export function splitOf(name: string): Split | undefined {
  const split = wordsIn(name)
    .map((word) => (Object.hasOwn(SPLITS, word) ? SPLITS[word] : undefined))
    .find((one) => one !== undefined);
  return split;
}

/** True for what is better the lower it is. */
export function isLoss(name: string): boolean {
  return /loss|nll|err|perplexity|ppl|mse|mae|rmse|mape|wer|cer|brier|ece|deviance|fid|cost|bpc|bpb|regret/iu.test(
    name,
  );
}

/** One form for the names that a person, a model and a log give the same metric. */
export function plainName(name: string): string {
  return wordsIn(name).join('_');
}

/** What a name stands for. Pure. */
export function kindOf(name: string): NameKind {
  const all = wordsIn(name);
  const last = all.at(-1) ?? '';
  const joined = all.join('');
  if (POSITIONS.has(joined) || POSITIONS.has(last)) return 'position';
  if (
    SCHEDULES.has(joined) ||
    SCHEDULES.has(last) ||
    /(?:^|_)lr(?:_|$)/u.test(all.join('_')) ||
    joined.startsWith('lrpg')
  )
    return 'schedule';
  if (all.some((word) => TIMES.has(word)) || /persecond|itper|\bper_s/u.test(joined)) return 'time';
  const hasMetric = all.some(isMetricWord);
  if (isSetting(all, hasMetric)) return 'setting';
  if (hasMetric) return 'metric';
  if (all.some((word) => WEAK.has(word)))
    return all.length > 1 && all.some((word) => Object.hasOwn(SPLITS, word) || QUALIFIERS.has(word))
      ? 'metric'
      : 'weak';
  return 'other';
}

function isMetricWord(word: string): boolean {
  return METRICS.has(word) || /(?:loss|logloss)\d*$/u.test(word) || word === 'r^2' || word === 'r²';
}

/** `max_f1` and `total_loss` are results, `max_grad_norm` and `loss_weight` are not. */
function isSetting(all: readonly string[], hasMetric: boolean): boolean {
  const first = all[0] ?? '';
  const marks = all.filter((word) => SETTINGS.has(word));
  if (marks.length === 0) return false;
  const isBest = hasMetric && ['max', 'min', 'total'].includes(first) && marks.length === 1 && !all.includes('delta');
  return !isBest;
}

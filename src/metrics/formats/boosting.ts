import type { Format, Pair } from '../metric';
import { NUMBER, numberOf } from '../numbers';

const MAX_ROUND_CHARACTERS = 12;
/** A name ends at its colon; `0.42+0.01` and `0.42 + 0.01` of cross-validation have their spread behind. */
const PAIR = new RegExp(String.raw`^(.{1,80}?):\s{0,4}(${NUMBER})(?:\s?\+\s?${NUMBER})?$`, 'iu');
const ROUND = /^(?:\[\d\d:\d\d:\d\d\] )?\[(\d{1,12})\]\s{0,4}(?=\S)/u;

/** XGBoost: `[10]\tvalidation_0-logloss:0.4`. LightGBM: `[10]\tvalid_0's auc: 0.8\tvalid_0's binary_logloss: 0.4`. */
export const boosting: Format = {
  name: 'boosting',
  hint: (line) => line.startsWith('[') && /^\[\d/u.test(line),
  read(line) {
    const round = ROUND.exec(line);
    if (!round) return undefined;
    const pairs = cells(line.slice(round[0].length));
    return pairs && { pairs, at: { step: Number(round[1]) } };
  },
};

/** All of them are values, or it is another kind of line. */
function cells(text: string): Pair[] | undefined {
  const parts = (text.includes('\t') ? text.split('\t') : text.split(/\s(?=[A-Za-z][\w-]*:)/u)).map((part) =>
    part.trim(),
  );
  const pairs = parts.filter((part) => part !== '').map(pairOf);
  return pairs.length > 0 && pairs.length <= 100 && pairs.every((pair) => pair !== undefined) ? pairs : undefined;
}

function pairOf(cell: string): Pair | undefined {
  const [, name, number = ''] = PAIR.exec(cell) ?? [];
  const value = numberOf(number);
  return name === undefined || value === undefined ? undefined : { name: name.trim(), value };
}

/** CatBoost: `10:\tlearn: 0.42\ttest: 0.5\tbest: 0.4 (10)\ttotal: 1s\tremaining: 2s` */
const CATBOOST = /^(\d{1,12}):\t/u;

export const catboost: Format = {
  name: 'catboost',
  hint: (line) => line.slice(0, MAX_ROUND_CHARACTERS + 2).includes(':\t') && CATBOOST.test(line),
  read(line) {
    const round = CATBOOST.exec(line);
    const parts = line.slice(round?.[0].length).split('\t');
    const pairs = parts.flatMap((part) => {
      const pair = /^(?:learn|test\d*)\b/u.test(part.trim()) ? pairOf(part.trim()) : undefined;
      return pair ? [pair] : [];
    });
    const seconds = /^remaining: (?:([\d.]+)m )?([\d.]+)(m?s)$/u.exec(parts.at(-1)?.trim() ?? '');
    const left = seconds && Number(seconds[1] ?? 0) * 60 + Number(seconds[2]) / (seconds[3] === 'ms' ? 1_000 : 1);
    return pairs.length === 0
      ? undefined
      : { pairs, at: { step: Number(round?.[1]), ...(left === null ? {} : { remaining: left }) } };
  },
};

import type { Format } from '../metric';
import { NUMBER, numberOf } from '../numbers';
import { QUALIFIERS, wordsIn } from '../names';
import { chosen, type Candidate } from './choose';
import { hasPosition, positionIn } from './position';

/**
 * A sign or blanks, then a number that is no part of a version, a date, a path or a quantity with a unit. `9888/10000` is
 * a share.
 */
const VALUE = new RegExp(
  String.raw`(\s{0,3}[=:→]\s{0,8}|(?<=[\w)'"]) {1,4}(?=[-+.\d])|(?<=[\w)'"]) (?=nan|[-+]?inf))(${NUMBER})(?:\s?\/\s?(\d{1,12})(?![\w./]))?(?=%|(?![\w,]?\w|[.:/@-]\w))`,
  'giu',
);
const HINT =
  /loss|acc|auc|epoch|step|iter|score|err|nll|elbo|mse|mae|f1|prec|recall|mape|r2|r\^2|ppl|perpl|bleu|rouge|[wc]er\b|iou|dice|psnr|ssim|fid|reward|brier|ece|mcc|kappa|ndcg|mrr|top\d|gini|map\d|batch|dev|sens|spec|silh|bp[cb]|pear|spear|rms/iu;
/** What a value was wrapped in by the library it came from. */
const WRAPPED = new RegExp(
  String.raw`\b(?:tensor|array|Array|(?:np\.|numpy\.|torch\.)?float\d*)\(\s{0,2}(${NUMBER})[^()]{0,80}\)`,
  'giu',
);
const MAX_NAME_CHARACTERS = 60;
const MAX_NAME_WORDS = 5;

/** `key=value`, `key: value`, `train loss 0.4`, and what scikit-learn's users print. */
export const words: Format = {
  name: 'words',
  hint: (line) => HINT.test(line),
  read(line, { names }) {
    const text = withoutCalls(line);
    const at = positionIn(text);
    const candidates = candidatesIn(text);
    const pairs = chosen(candidates, at, names);
    return pairs.length > 0 || hasPosition(at) ? { pairs, at } : undefined;
  },
};

/** The named numbers of a line, whatever they are. */
export function candidatesIn(text: string): Candidate[] {
  const found: Candidate[] = [];
  let from = 0;
  for (const match of text.matchAll(VALUE)) {
    const [all, joint = '', number = '', whole] = match;
    const name = nameBefore(text.slice(Math.max(from, match.index - MAX_NAME_CHARACTERS), match.index));
    from = match.index + all.length;
    const value = numberOf(number);
    if (name === undefined || value === undefined) continue;
    found.push({
      name,
      value: whole === undefined || Number(whole) === 0 ? value : value / Number(whole),
      joint: /\S/u.test(joint) ? 'sign' : 'blank',
    });
  }
  return found;
}

/** The words that name what follows: the last one, and those before it that belong to it. */
function nameBefore(text: string): string | undefined {
  const [near = ''] = /[^,;|()[\]{}<>=:→\t"]*$/u.exec(text.replace(/["')\]\s]+$/u, '')) ?? [];
  const parts = near
    .replace(/^.*(?:\s[-–•·]\s|\s{2,})/u, '')
    .replace(/^\s*(?:[-*•>'"]\s*)+/u, '')
    .trim()
    .split(' ');
  const last = parts.at(-1) ?? '';
  if (!/^['"]?(?:[A-Za-z_]|R[²^])[\w./@^²'%-]*$/u.test(last) || /^\w+:\/\/|\.{2}|^.*\/.*\/.*\//u.test(last))
    return undefined;
  const taken = [last.replace(/^['"]/u, '')];
  for (const word of parts.slice(0, -1).reverse()) {
    const isPart = taken.length < MAX_NAME_WORDS && (isQualifier(word) || /^\w{1,40}'s$/u.test(word));
    if (!isPart) break;
    taken.unshift(word);
  }
  return taken.join(' ');
}

function isQualifier(word: string): boolean {
  const all = wordsIn(word);
  return all.length > 0 && all.every((one) => QUALIFIERS.has(one) || /^(?:loss|acc|accuracy)$/u.test(one));
}

/** `Adam(lr=0.001, eps=1e-08)` shows how something was set, not how it does. */
export function withoutCalls(line: string): string {
  if (!line.includes('(')) return line;
  const plain = line.replaceAll(WRAPPED, '$1');
  if (!/[A-Za-z_]\w*\(/u.test(plain)) return plain;
  let kept = '';
  let depth = 0;
  for (let at = 0; at < plain.length; at++) {
    const char = plain[at];
    if (char === '(' && (depth > 0 || /[A-Za-z_]\w{0,60}$/u.test(plain.slice(Math.max(0, at - 61), at)))) depth += 1;
    if (depth === 0) kept += char;
    if (char === ')' && depth > 0) depth -= 1;
  }
  return kept;
}

import { hasDecimalComma, type Language } from './language';
import { LONG_UNITS, unitOf, type Unit } from './units';

/** A number as a text says it. Offsets are those of the text; `end` is behind the unit. */
export interface Said {
  start: number;
  /** Behind the digits, and the k or M that belongs to them. */
  digitsEnd: number;
  end: number;
  value: number;
  /** What one in its last digit is worth: 0.01 for 0.87, 1000 for 18k. */
  step: number;
  unit?: Unit;
  /** Its thousands are parted. */
  isGrouped?: true;
}

const SPACES = '\\u00a0\\u202f\\u2009';
/** Digits with what may join them. Each repetition begins with another character, so nothing is tried twice. */
const JOINED = `\\d+(?:[.,'’${SPACES}]\\d+)*(?:[eE][-+]?\\d+)?`;
/** Thousands parted by plain spaces, which only some languages do; a name before them (p99 390) parts nothing. */
const SPACED = `(?<![\\p{L}\\d.,_-])[1-9]\\d{0,2}(?: \\d{3})+(?![\\d]|[.,]\\d{3})(?:,\\d+)?`;
const DIGITS: Readonly<Record<'plain' | 'spaced', RegExp>> = {
  plain: new RegExp(JOINED, 'gu'),
  spaced: new RegExp(`${SPACED}|${JOINED}`, 'gu'),
};

const MULTIPLES: readonly (readonly [RegExp, number])[] = [
  [/^(?:k|K)(?![\p{L}\p{N}])/u, 1e3],
  [/^(?:M|m(?=\s*(?:param|参数))|Mio\.?)(?![\p{L}\p{N}])/u, 1e6],
  [/^(?:B|bn|G)(?![\p{L}\p{N}])/u, 1e9],
  [/^T(?![\p{L}\p{N}])/u, 1e12],
  [/^\sM(?=\s\p{Ll}{3})/u, 1e6],
  [/^\sk(?=\s\p{Ll}{3})/u, 1e3],
  [/^\sB(?=\s(?:param|token))/u, 1e9],
  [/^\s(?:million(?:s|en)?|mio\.?|millones|millón)(?![\p{L}])/iu, 1e6],
  [/^\s(?:thousand|tausend|mille|mil)(?![\p{L}])/iu, 1e3],
  [/^\s(?:billion|milliarden?|milliards?)(?![\p{L}])/iu, 1e9],
  [/^\s?[万萬]/u, 1e4],
  [/^\s?[亿億]/u, 1e8],
];

const UNIT_WORD = /^\s?(?:[%％×]|[\p{L}µμ]+(?:\/s)?)/u;

/** All numbers of a text in order, names with digits in them left out. Linear in the text's length. */
export function numbersIn(text: string, language: Language, most = Infinity): Said[] {
  const found: Said[] = [];
  for (const match of text.matchAll(hasDecimalComma(language) ? DIGITS.spaced : DIGITS.plain)) {
    const read = readAt(text, match.index, match[0], language);
    if (read) found.push(read);
    if (found.length >= most) break;
  }
  return found;
}

function readAt(text: string, at: number, matched: string, language: Language): Said | undefined {
  const digits = matched;
  const before = text.slice(Math.max(0, at - 2), at);
  // A name (p99, F1, v2) or a further part of a version, a date or a time.
  if (/[\p{Script=Latin}\p{Script=Greek}_#@][-–]?$/u.test(before) || /\d[.:/-]$|p\($/u.test(before)) return undefined;
  const value = valueOf(digits, language);
  if (!value) return undefined;
  const sign = signAt(text, at);
  const start = at - sign.length;
  const digitsEnd = at + digits.length;
  const rest = text.slice(digitsEnd, digitsEnd + 40);
  if (/^[:/-]\d/u.test(rest) || /^[-–]\p{Script=Latin}/u.test(rest)) return undefined;
  const [pattern, factor] = MULTIPLES.find(([multiple]) => multiple.test(rest)) ?? [undefined, 1];
  const multipleEnd = digitsEnd + (pattern?.exec(rest)?.[0].length ?? 0);
  const unitRead = unitAt(text, multipleEnd);
  if (!unitRead && pattern === undefined && /^[\p{Script=Latin}_]/u.test(rest)) return undefined;
  return {
    start,
    digitsEnd: multipleEnd,
    end: unitRead?.end ?? multipleEnd,
    value: value.number * factor * (sign === '' || sign === '+' ? 1 : -1),
    step: roughly(text, start) ? roughStep(value, factor) : value.step * factor,
    ...(unitRead && { unit: unitRead.unit }),
    ...(value.step === 1 && digits.length > String(value.number).length && { isGrouped: true as const }),
  };
}

/** "about 24,000": the zeros at the end are no digits. */
function roughStep({ number, step }: { number: number; step: number }, factor: number): number {
  const zeros = /0*$/u.exec(String(number))?.[0].length ?? 0;
  return step === 1 && number >= 1000 ? 10 ** Math.min(zeros, String(number).length - 2) * factor : step * factor;
}

function roughly(text: string, start: number): boolean {
  return /(?:about|around|roughly|some|nearly|almost|approximately|~|≈|etwa|rund|circa|ca\.|environ|près de|unos|unas|cerca de|约|大约|約|およそ)\s?$/iu.test(
    text.slice(Math.max(0, start - 16), start),
  );
}

function signAt(text: string, at: number): string {
  const sign = text[at - 1] ?? '';
  if (!/[-+−–]/u.test(sign)) return '';
  return at < 2 || /[\s(=:|[,]/u.test(text[at - 2] ?? '') ? sign : '';
}

function unitAt(text: string, at: number): { unit: Unit; end: number } | undefined {
  const size = unitOf(/^\s?([\p{L}]{2,3})(?![\p{L}])/u.exec(text.slice(at, at + 8))?.[1] ?? '');
  for (const [pattern, unit] of size?.dimension === 'bytes' ? [] : LONG_UNITS) {
    const long = pattern.exec(text.slice(at, at + 50))?.[0];
    if (long !== undefined) return { unit, end: at + long.length };
  }
  const word = UNIT_WORD.exec(text.slice(at, at + 40))?.[0];
  if (word === undefined) return cjkUnitAt(text, at);
  // "3D" is no three days.
  const unit = /^[\p{Lu}]$/u.test(word) && word !== 'B' ? undefined : unitOf(word.trim());
  return unit ? { unit, end: at + word.length } : cjkUnitAt(text, at);
}

/** Where words are not parted by spaces, a unit is the longest known beginning. */
function cjkUnitAt(text: string, at: number): { unit: Unit; end: number } | undefined {
  const rest = /^\s?[\p{Script=Han}\p{Script=Katakana}]{1,4}/u.exec(text.slice(at, at + 6))?.[0] ?? '';
  for (let length = rest.length; length > 0; length--) {
    const unit = unitOf(rest.slice(0, length).trim());
    if (unit) return { unit, end: at + length };
  }
  return undefined;
}

/** The number that digits mean in a language, and what its last digit is worth; nothing for versions and dates. */
export function valueOf(digits: string, language: Language): { number: number; step: number } | undefined {
  const [mantissa = '', exponent] = digits.split(/[eE]/u);
  const plain = decimalOf(mantissa.replace(/['’\u00a0\u202f\u2009 ]/gu, ''), language);
  if (plain === undefined) return undefined;
  const scale = 10 ** Number(exponent ?? 0);
  const decimals = plain.split('.')[1]?.length ?? 0;
  return { number: Number(plain) * scale, step: 10 ** -decimals * scale };
}

function decimalOf(digits: string, language: Language): string | undefined {
  const points = digits.split('.').length - 1;
  const commas = digits.split(',').length - 1;
  if (points + commas === 0) return digits;
  if (points > 0 && commas > 0) {
    // The mark that stands last is the decimal one.
    return digits.lastIndexOf('.') > digits.lastIndexOf(',')
      ? digits.replaceAll(',', '')
      : digits.replaceAll('.', '').replace(',', '.');
  }
  const mark = points > 0 ? '.' : ',';
  const isGrouped = groups(digits, mark);
  if (points + commas > 1) return isGrouped ? digits.replaceAll(mark, '') : undefined;
  const thousands = hasDecimalComma(language) ? '.' : ',';
  return mark === thousands && isGrouped ? digits.replace(mark, '') : digits.replace(',', '.');
}

function groups(digits: string, mark: string): boolean {
  const [first = '', ...rest] = digits.split(mark);
  return first.length <= 3 && !first.startsWith('0') && rest.every((group) => group.length === 3);
}

/** Whether a measured value, rounded to the digits that were said, is what was said. Half may go either way. */
export function agrees(said: { value: number; step: number }, measured: number): boolean {
  const slack = 1e-9 * Math.max(Math.abs(said.value), Math.abs(measured)) + 1e-15;
  return Math.abs(said.value - measured) <= said.step / 2 + slack;
}

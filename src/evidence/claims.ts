import { isStated } from './frames';
import { languageOf, type Language } from './language';
import { moodsOf, statesNothing, type Part } from './moods';
import { numbersIn, type Said } from './numbers';
import {
  ALWAYS_SET,
  LEVEL_AFTER,
  GENERAL_PLACE,
  MONTH,
  MONTH_BEFORE,
  PLACE_BEFORE,
  SETTING_AFTER,
  SETTING_BEFORE,
  SETTING_BESIDE,
  SETTING_PREPOSITION,
  SETTING_ROW,
  TIME_AFTER,
  TIME_PREPOSITION,
  VERSION_BEFORE,
} from './setting-words';
import { successesIn, type SaidSuccess } from './success-words';
import { termsOf } from './terms';
import type { Claim } from './types';

/** A number that is stated as a result, with what the matcher must know of it. */
export interface NumberClaim extends Claim {
  kind: 'metric';
  said: Said;
  /** What its sentence and the words beside it say against a result, by name. */
  signs: readonly Sign[];
  /** One of the signs says that it is none. */
  isRuledOut: boolean;
  /** So little speaks for a result that only a run behind it makes it one. */
  isWeak: boolean;
  /** Its part of the sentence speaks of rules or others' words: only a run that clearly shows it makes it a claim. */
  isDoubtful: boolean;
  /** It is an upper or a lower bound: "under 30 ms". */
  bound?: 'below' | 'above';
  /** Its sentence reports a failure: a number of that failure is none to defend. */
  inFailure: boolean;
}

export interface SuccessClaim extends Claim {
  kind: 'success';
  said: SaidSuccess;
}

export interface Found {
  numbers: NumberClaim[];
  successes: SuccessClaim[];
}

/** Longer ones are no sentences; what is behind is not looked at. */
const MAX_SENTENCE = 2_000;

/** The numbers of one sentence, results or not, and its statements of success. */
export function claimsIn(text: string, language: Language = languageOf(text)): Found {
  const sentence = withoutQuotes(text.slice(0, MAX_SENTENCE));
  const all = withUnitsOfRanges(numbersIn(sentence, language), sentence);
  const isNothing = statesNothing(sentence, language);
  const parts = moodsOf(sentence, language);
  const successes = isNothing
    ? []
    : parts.flatMap(({ text: part, start, mood }) =>
        mood === 'supposes' ? [] : successesIn(part, start, language, all),
      );
  const isFree = (said: Said): boolean => !successes.some(({ start, end }) => said.start >= start && said.start < end);
  const moodAt = ({ start: at }: Said): Sign[] =>
    parts
      .filter(({ text: own, start }) => at >= start && at < start + own.length)
      .flatMap((part) => moodSigns(part, at));
  return {
    numbers: signsIn(sentence, all, language)
      .filter(({ said }) => isFree(said))
      .map(({ said, signs }) => {
        const more: Sign[] = isNothing ? ['nothing'] : moodAt(said);
        return claimOf(said, [...signs, ...more], sentence);
      }),
    successes: successes.map((said) => ({
      kind: 'success',
      text: text.slice(said.start, said.end),
      start: said.start,
      end: said.end,
      value: said.value,
      said,
    })),
  };
}

/** Words that plan or rule say it of what follows them; of what stands before them, less surely. */
function moodSigns({ mood, moodAt }: Part, at: number): Sign[] {
  if (mood !== 'supposes') return mood ? [mood] : [];
  return [moodAt > at ? 'supposes-later' : at - moodAt > FAR ? 'supposes-far' : 'supposes'];
}

const FAR = 30;

function claimOf(said: Said, signs: readonly Sign[], sentence: string): NumberClaim {
  const before = sentence.slice(Math.max(0, said.start - 40), said.start);
  const bound = KNOWN_BOUND.test(before)
    ? undefined
    : BELOW.test(before)
      ? 'below'
      : ABOVE.test(before)
        ? 'above'
        : undefined;
  return {
    kind: 'metric',
    text: sentence.slice(said.start, said.end),
    start: said.start,
    end: said.end,
    value: said.value,
    said,
    signs,
    isRuledOut: signs.some((sign) => !WEAK.has(sign)),
    isWeak: signs.length > 0,
    isDoubtful: signs.includes('doubtful') || signs.includes('supposes-later'),
    ...(bound && { bound }),
    inFailure: FAILURE.test(sentence),
  };
}

const BELOW =
  /(?:under|below|less than|fewer than|at most|no more than|unter|weniger als|moins de|en dessous de|sous|menos de|por debajo de|不到|低于|少于|<|≤|within)\s*(?:the\s)?$/iu;
const ABOVE =
  /(?:over|above|more than|at least|greater than|better than|über|mehr als|plus de|au-dessus de|más de|por encima de|超过|高于|>|≥)\s*(?:the\s)?$/iu;

const FAILURE =
  /(?<![\p{L}])(?:fail(?:s|ed|ure|ing)?|crash(?:es|ed)?|broke|broken|red|killed|aborted|stopped|error(?:ed)?|died|denied|refused|rejected by|came back without|did not finish|out of memory|ran out|interrupted|broke off|gave up|diverged|fehlgeschlagen|schlug|schlagen fehl|abgebrochen|abgestürzt|échoué|échouent|échec|interrompu|planté|falló|fallan|fallaron|abortó|interrumpid\p{L})(?![\p{L}])|失败|失敗|没有通过|未通过|落ち|エラーで|中断/iu;

/** Code, quoted words and addresses are not the writer's own numbers. Same length, so that offsets hold. */
function withoutQuotes(text: string): string {
  return text
    .replace(/`[^`]*`/gu, blank)
    .replace(/["“„][^"“”„]{1,200}["”“]|«[^«»]{1,200}»|「[^「」]{1,200}」|『[^『』]{1,200}』/gu, blank)
    .replace(/https?:\/\/[^\s)>]+|\]\([^)\s]*\)/gu, blank);
}

/** Stands for code, so that what is beside it can be told. */
const CODE = '\uE000';

function blank(found: string): string {
  return found.startsWith('`') ? CODE.repeat(found.length) : ' '.repeat(found.length);
}

/** "87.2 to 93.0 %": both ends have the unit. */
function withUnitsOfRanges(numbers: readonly Said[], sentence: string): Said[] {
  return numbers.map((said, at) => {
    const next = numbers[at + 1];
    const isEnd = next?.unit && !said.unit && RANGE.test(sentence.slice(said.end, next.start));
    return isEnd && next.unit ? { ...said, unit: next.unit } : said;
  });
}

const RANGE = /^\s*(?:-|–|to|and|or|bis|und|à|et|a|y|から|〜|~|到|至|和)\s*$/iu;

/** What speaks against each number. One that follows a setting in a list ("0.1, 0.5 and 0.9") is a setting too. */
function signsIn(sentence: string, all: readonly Said[], language: Language): { said: Said; signs: Sign[] }[] {
  const found: { said: Said; signs: Sign[] }[] = [];
  let result: Said | undefined;
  let previous: { said: Said; isSetting: boolean } | undefined;
  for (const said of all) {
    const between = previous ? sentence.slice(previous.said.end, said.start) : '';
    const continues =
      previous?.isSetting === true &&
      (LIST.test(between) || LIST_OF_NOUNS.test(between)) &&
      isMeasured(previous.said) === isMeasured(said);
    const ruling: Sign[] = [
      ...(previous && /^\s*(?:±|\+\/-|\+-)\s*$/u.test(between) ? (['spread'] as const) : []),
      ...(continues ? (['continues'] as const) : []),
      ...rulingSigns(sentence, said),
    ];
    const isSetting = ruling.length > 0;
    const weak = isSetting ? [] : weakSigns(sentence, said, language, result?.end);
    found.push({ said, signs: [...ruling, ...weak] });
    if (!isSetting) result = said;
    previous = { said, isSetting };
  }
  return found;
}

/** "27 channels and 100 frames" */
const LIST_OF_NOUNS =
  /^\s?(?!(?:was|were|is|are|has|had|took|gave|got|ended|reached)\s)[\p{L}-]{3,}(?:\s[\p{L}-]+)?\s*(?:,|and|or|und|oder|et|ou|y|o)\s$/iu;
const LIST = /^\s*(?:,|\/|-|–|\.\.|and|or|to|und|oder|bis|et|ou|à|y|o|a|和|或|到|と|から|,\s*(?:and|or))\s*$/iu;

/** What stands right before and behind a number. */
interface Around {
  sentence: string;
  said: Said;
  before: string;
  behindDigits: string;
  behind: string;
}

/** What makes a number none that was measured. */
const RULING = {
  version: ({ before, said }) => VERSION_BEFORE.test(before) && said.unit?.dimension !== 'percent',
  place: isPlace,
  setting: ({ sentence, said }) => isSetting(sentence, said),
  code: ({ sentence, said }) => isOfCode(sentence, said),
  row: ({ sentence }) => SETTING_ROW.test(sentence),
  'always-set': ({ behindDigits, said }) => ALWAYS_SET.test(behindDigits) && Number.isInteger(said.value),
  which: ({ sentence, said }) => isOfWhich(sentence, said),
  'set-noun': ({ before, behindDigits }) => SETTING_AFTER.test(behindDigits) && SETTING_PREPOSITION.test(before),
  'set-time': ({ before, behindDigits }) => TIME_AFTER.test(behindDigits) && TIME_PREPOSITION.test(before),
  level: ({ behind, behindDigits }) => LEVEL_AFTER.test(behind) || /^\s?[\p{L}]{1,6}あたり/u.test(behindDigits),
  threshold: ({ before }) => isThreshold(before),
  assigned: ({ before, said }) =>
    /(?<![\p{L}\p{N}²_-])(?![pnrR]\s?=)[\p{Script=Latin}\p{Script=Greek}]\s?=\s?$/u.test(before) ||
    isAssigned(before, said),
  calendar: ({ before, behindDigits, said }) => isOfCalendar(before, behindDigits, said),
  outline: ({ sentence, said }) => isOutline(sentence, said),
  product: ({ before, behindDigits }) => /^\s?[×x]\s?\d/u.test(behindDigits) || /\d\s?[×x]\s?$/u.test(before),
} as const satisfies Record<string, (around: Around) => boolean>;

/** What leaves it open: only a run behind such a number makes it a result. */
const WEAK: ReadonlySet<string> = new Set([
  'tiny',
  'bounded',
  'calendar-unit',
  'not-stated',
  'doubtful',
  'supposes-later',
]);

export type Sign =
  | keyof typeof RULING
  | 'spread'
  | 'continues'
  | 'nothing'
  | 'supposes'
  | 'supposes-far'
  | 'supposes-later'
  | 'doubtful'
  | 'tiny'
  | 'bounded'
  | 'calendar-unit'
  | 'not-stated';

function rulingSigns(sentence: string, said: Said): Sign[] {
  const around: Around = {
    sentence,
    said,
    before: sentence.slice(Math.max(0, said.start - 60), said.start),
    behindDigits: sentence.slice(said.digitsEnd, said.digitsEnd + 40),
    behind: sentence.slice(said.end, said.end + 40),
  };
  return (Object.keys(RULING) as (keyof typeof RULING)[]).filter((name) => RULING[name](around));
}

function isPlace({ sentence, said, before, behindDigits }: Around): boolean {
  return (
    PLACE_BEFORE.test(before) &&
    !isMeasured(said) &&
    !(GENERAL_PLACE.test(before) && /^\s\p{L}+ (?:is|are|was|were|have|had)(?![\p{L}])/u.test(behindDigits)) &&
    said.value < 100_000 &&
    !(GENERAL_PLACE.test(before) && /\d[,.'’\u00a0\u202f ]\d/u.test(sentence.slice(said.start, said.digitsEnd)))
  );
}

/** A chosen value. Behind a verb only where nothing else is the subject: "the deviation with warm-up is 0.36". */
function isSetting(sentence: string, { start, unit }: Said): boolean {
  const before = sentence.slice(Math.max(0, start - 60), start);
  const setting = SETTING_BEFORE.exec(before);
  if (!setting) return /(?<=[\p{Lu}_]\w*)[A-Za-z]\w*=$/u.test(before) && /_|[A-Z]{2}/u.test(before);
  if (SETTING_BESIDE.test(before)) return unit?.dimension !== 'percent';
  // Parts of a whole are measured, but for what is chosen as one.
  if (unit?.dimension === 'percent' && !CHOSEN_SHARE.test(setting[0])) return false;
  if (unit?.dimension === 'times') return false;
  const clause = before.slice(Math.max(before.lastIndexOf(', '), before.lastIndexOf('; ')) + 1, setting.index);
  const isVerb = /(?:is|are|was|were|ist|war|est|es|du)\s*(?:now\s|about\s)?$/iu.test(before);
  return !isVerb || !termsOf(clause).some(({ kind }) => kind === 'metric' || kind === 'statistic');
}

const CHOSEN_SHARE =
  /threshold|cut-?off|dropout|limit|warm|decay|momentum|smoothing|probability|subsample|request|clip|schwell|seuil|umbral|crop|weight|阈|閾/iu;

/** What a name in code is, or is changed to, is no result. */
function isOfCode(sentence: string, { start }: Said): boolean {
  return OF_CODE.test(sentence.slice(Math.max(0, start - 120), start));
}

const OF_CODE = new RegExp(
  `(?:^|[,;:(.]\\s*|^the\\s|${CODE}\\s*(?:and|,)\\s*)${CODE}+\\s*(?:(?:went|goes|was|is|rose|moved|changed|raised|lowered)\\s)?(?:is|=|:|of|at|from|to|set to|now|stays at|von|auf|de|à|a)?\\s*$`,
  'iu',
);

/** "Nodules under 3 mm were left out": the number tells which are meant. */
function isOfWhich(sentence: string, { start, end }: Said): boolean {
  const clause = /[^,;:(]*$/u.exec(sentence.slice(0, start))?.[0] ?? '';
  const noun =
    /^[\s\-*>]*(?:(?:all|the|any|only|every|some|for|in)\s)*((?:[\p{L}-]+\s){1,4})(?:with\s)?(?:(?:a|an)\s)?(?:[\p{L}-]+\s){0,3}(?:under|over|below|above|beyond|before|of up to|of at least|(?:less|more|fewer|shorter|longer|older|younger|larger|smaller|thicker|thinner|greater|higher|lower|wider|bigger) than)\s$/iu.exec(
      clause,
    )?.[1];
  return (
    noun !== undefined &&
    !ASSERTS.test(clause) &&
    /^\s?(?:[\p{L}-]+\s){0,4}(?:were|was|is|are|get|gets|got|have|has|had|cost|costs|fail|count|took|take|do|did|may|\p{L}{3,}s(?=\s\p{L}))(?![\p{L}])/iu.test(
      sentence.slice(end),
    )
  );
}

const ASSERTS =
  /(?<![\p{L}])(?:is|are|was|were|has|have|had|takes?|took|stays?|stayed|remains?|fell|falls?|rose|rises?|went|goes|reach\p{L}*|got|gets?|keeps?|kept)(?![\p{L}])/iu;

function isMeasured({ unit, step }: Said): boolean {
  return unit !== undefined || step < 1;
}

function isThreshold(before: string): boolean {
  return /[<>≤≥]=?\s*$/u.test(before) && !/(?<![\p{L}])p\s*[<≤]=?\s*$/iu.test(before);
}

/** "ef = 128": what is not measured and has a whole number was set. */
function isAssigned(before: string, { step, unit }: Said): boolean {
  const name = /([\p{L}_][\p{L}\p{N}_-]{1,20})\s?=\s?$/u.exec(before)?.[1];
  return (
    name !== undefined &&
    step >= 1 &&
    !unit &&
    !termsOf(name).some(({ kind }) => kind === 'metric' || kind === 'statistic')
  );
}

function isOfCalendar(before: string, behind: string, { value, unit, step }: Said): boolean {
  if (unit && unit.dimension !== 'time') return false;
  const isYear = step === 1 && value >= 1990 && value <= 2100 && Number.isInteger(value);
  if (
    isYear &&
    /(?<![\p{L}])(?:in|since|from|of|until|by|im|seit|von|depuis|en|desde|de|aus|,)\s*$|[-/]$|^\s*$/iu.test(before)
  )
    return true;
  return MONTH.test(behind) || (MONTH_BEFORE.test(before) && value <= 2100) || (isYear && /^\s?年/u.test(behind));
}

/** "1. First", "(2)": the numbers of a list. */
function isOutline(sentence: string, { start, digitsEnd }: Said): boolean {
  return /^[\s>*_#-]*\(?$/u.test(sentence.slice(0, start)) && /^[.)]\s/u.test(sentence.slice(digitsEnd, digitsEnd + 2));
}

const ONLY_IF_SHOWN =
  /(?:up to|bis zu|jusqu'à|hasta|at least|at most|mindestens|höchstens|no more than|au moins|au plus|al menos|como mínimo|como máximo)\s*(?:about\s)?$/iu;

/** "under the 20 ms": a bound that is known. */
const KNOWN_BOUND = /(?:under|over|above|below|than|within|beyond)\s(?:the|our|its|your)\s$/iu;

/** So little says that it is a result that only a run behind it makes it one. */
function weakSigns(sentence: string, said: Said, language: Language, afterResult: number | undefined): Sign[] {
  const before = sentence.slice(Math.max(0, said.start - 40), said.start);
  const signs: Sign[] = [];
  if (said.step < 1e-3 && /e-/iu.test(sentence.slice(said.start, said.digitsEnd))) signs.push('tiny');
  if (ONLY_IF_SHOWN.test(before) || KNOWN_BOUND.test(before)) signs.push('bounded');
  if (
    /^\s?(?:days?|weeks?|months?|years?|tage?n?|wochen?|monate?n?|jahre?n?|jours?|semaines?|mois|ans?|días?|semanas?|meses|años?)(?![\p{L}])/iu.test(
      sentence.slice(said.digitsEnd),
    )
  )
    signs.push('calendar-unit');
  if (!isStated({ sentence, said, language, afterResult })) signs.push('not-stated');
  return signs;
}

/** What a unit measures, and how many of the dimension's base it is. Data sizes have two bases: people mix them up. */
export interface Unit {
  dimension: 'time' | 'bytes' | 'percent' | 'points' | 'times' | 'rate' | 'count';
  /** In s, in bytes; 1 where the dimension has no scale. */
  scales: readonly number[];
}

const unit = (dimension: Unit['dimension'], ...scales: number[]): Unit => ({ dimension, scales });

/** Units of two words, in place of the first. */
export const LONG_UNITS: readonly (readonly [RegExp, Unit])[] = [
  [/^\s?(?:euros?|dollars?|€|\$|usd|eur|円|元)(?![\p{L}])/iu, unit('count', 1)],
  [/^\s?(?:per ?cent|pour ?cent|por ciento)(?![\p{L}])/iu, unit('percent', 1)],
  [
    /^\s?(?:percentage points?|points de pourcentage|puntos porcentuales|points of percentage)(?![\p{L}])/iu,
    unit('points', 1),
  ],
  [
    /^\s?(?:[\p{L}]+\s?){0,2}(?:\/\s?s(?:ec)?|per second|a second|pro sekunde|je sekunde|par seconde|por segundo)(?![\p{L}])/iu,
    unit('rate', 1),
  ],
];

/** By words, lower case unless the case tells (M and m). */
const TABLE: readonly (readonly [string, Unit])[] = [
  ['% ％ percent prozent', unit('percent', 1)],
  ['points point pp punkte punkt puntos prozentpunkte prozentpunkten 点 百分点 个百分点 ポイント', unit('points', 1)],
  ['times fold × x mal fache fach fois veces vez 倍', unit('times', 1)],
  ['ns', unit('time', 1e-9)],
  ['us µs μs', unit('time', 1e-6)],
  ['ms msec millisecond milliseconds millisekunden millisecondes milisegundos 毫秒 ミリ秒', unit('time', 1e-3)],
  ['s sec secs second seconds sekunde sekunden seconde secondes segundo segundos 秒', unit('time', 1)],
  ['min mins minute minutes minuten minutos minuto 分钟 分鐘 分', unit('time', 60)],
  ['h hr hrs hour hours stunde stunden heure heures hora horas 小时 時間', unit('time', 3600)],
  ['d day days tag tage tagen jour jours día días 天 日', unit('time', 86400)],
  ['b bytes byte octets', unit('bytes', 1)],
  ['kb kib ki', unit('bytes', 1e3, 1024)],
  ['mb mib mi', unit('bytes', 1e6, 1024 ** 2)],
  ['gb gib gi', unit('bytes', 1e9, 1024 ** 3)],
  ['tb tib', unit('bytes', 1e12, 1024 ** 4)],
  ['fps hz it/s tok/s tokens/s req/s reqs/s img/s images/s samples/s rps qps', unit('rate', 1)],
];

const BY_WORD = new Map<string, Unit>();
for (const [words, known] of TABLE) {
  for (const word of words.split(' ')) if (!BY_WORD.has(word)) BY_WORD.set(word, known);
}

/** What a unit written right behind a number is; `undefined` for a word that is none. */
export function unitOf(word: string): Unit | undefined {
  const french = /^([KMGT])o$/u.exec(word)?.[1];
  return BY_WORD.get(french === undefined ? word.toLowerCase() : `${french.toLowerCase()}b`);
}

/** Names of fields often carry their unit: max_age_h, latency_ms. */
export function unitOfName(name: string): Unit | undefined {
  if (/\p{L}\/\s?s(?:ec)?$/u.test(name)) return unit('rate', 1);
  const last =
    /[_./(\s[](ns|us|ms|s|sec|secs|seconds|min|minutes|h|hours|b|bytes|kb|kib|mb|mib|gb|gib|pct|percent|%)[)\]]?$/iu.exec(
      name,
    )?.[1];
  if (last === undefined) return /%$|\[%\]$|\(%\)$/u.test(name) ? unitOf('%') : undefined;
  return last.toLowerCase() === 'pct' ? unitOf('%') : unitOf(last);
}

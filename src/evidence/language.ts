/** The languages whose numbers, moods and names are known. What is in none of them is read as English. */
export const LANGUAGES = ['en', 'de', 'fr', 'es', 'zh', 'ja'] as const;
export type Language = (typeof LANGUAGES)[number];

/** Words that are common in one of the languages and rare in the others. */
const COMMON: Partial<Record<Language, string>> = {
  en: 'the of and is to in with for that was are on it by at from this have has not be as an its were than',
  de: 'der die das und ist nicht mit auf von den dem ein eine wurde sind bei für wir ich im zu liegt haben noch werden auch nach beträgt alle',
  fr: "le la les des une est et pas dans sur pour avec nous il sont au aux du plus ce cette l'exactitude encore été je tous sans",
  es: 'el los las una es y no en sobre para con que del por se está aún ya al todas más pero son hay fue sin han',
};

const WORDS = new Map<string, Language[]>();
for (const language of LANGUAGES) {
  for (const word of (COMMON[language] ?? '').split(' ')) {
    if (word !== '') WORDS.set(word, [...(WORDS.get(word) ?? []), language]);
  }
}

/** So much is enough to tell. */
const MAX_LOOKED_AT = 20_000;

/** The language that a text is most likely in. Code and names in it do not matter. */
export function languageOf(text: string): Language {
  const looked = text.slice(0, MAX_LOOKED_AT);
  if (/[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(looked)) return 'ja';
  if (count(looked, /\p{Script=Han}/gu) * 4 > count(looked, /\p{Script=Latin}/gu)) return 'zh';
  const votes = new Map<Language, number>();
  for (const [word] of looked.toLowerCase().matchAll(/\p{L}+/gu)) {
    for (const language of WORDS.get(word) ?? []) votes.set(language, (votes.get(language) ?? 0) + 1);
  }
  let best: Language = 'en';
  for (const [language, number] of votes) if (number > (votes.get(best) ?? 0)) best = language;
  return best;
}

function count(text: string, pattern: RegExp): number {
  let found = 0;
  for (const _ of text.matchAll(pattern)) found++;
  return found;
}

/** Whether 1,5 is one and a half. */
export function hasDecimalComma(language: Language): boolean {
  return language === 'de' || language === 'fr' || language === 'es';
}

import type { Language } from './language';
import type { Said } from './numbers';
import { termsOf } from './terms';

/**
 * Where a sentence states a number as a result: behind a verb that reports, beside the name of what is measured, as the
 * subject. Elsewhere (behind "with", in "a 10 Gbit card") a number is taken for a claim only when a run shows it.
 */
const VERBS: Readonly<Record<'en' | 'de' | 'fr' | 'es', string>> = {
  en: 'is|are|was|were|be|been|takes?|took|needs?|needed|uses?|used|reach(?:es|ed)?|gets?|got|gives?|gave|yields?|yielded|scores?|scored|achieves?|achieved|attains?|hits?|serve[sd]?|handle[sd]?|lasts?|lasted|costs?|drop(?:s|ped)?|falls?|fell|rises?|rose|grows?|grew|shrinks?|shrank|improve[sd]?|loses?|lost|save[sd]?|contains?|contained|holds?|held|has|have|had|covers?|runs?|ran|weighs?|increase[sd]?|decrease[sd]?|ends?|ended|stays?|stayed|lies|lie|came|went|goes|settles?|settled|delivers?|delivered|process(?:es|ed)?|decodes?|explains?|makes?|made|makes? up|made up|found|finds?|failed|produce[sd]?|shows?|showed|spends?|spent|beats?|rejects?|rejected|sees|saw|measured|labelled|labeled|counted|detected|flags?|flagged|cuts|lowers?|lowered|raise[sd]?|reduce[sd]?|adds?|added|contributes?|brings?|brought|amounts to|totals?|averages?|climbs?|climbed|peaks?|peaked|dips?|dipped|jumps?|jumped|halve[sd]?|gain(?:s|ed)?|wins?|won|scans?|scanned|remove[sd]?|collected|evaluated|tested|moved?|moves|changes?|changed|slows?|slowed|sped up|sank|sinks?|consumes?|consumed|reads?|writes?|wrote|left|leaves|there are|there were|there is|there was|up|down|about|comes? (?:out|in)|clocks? in|sits?|stands?|hovers?|blocked|caught|misses|missed|kept|keeps|dropped|answered|answers|returned|returns|received|exceeds?|transferred|transcribe[sd]?|generate[sd]?|occup(?:y|ies|ied)|fills?|filled|responds?|responded|plateaus?|converge[sd]?|leads?|agree[sd]?|differs?|correlates?|(?:runs?|ran|lasted|worked|down|offline|stale|unavailable|busy) for|converts?|converted',
  de: 'ist|sind|war|waren|beträgt|betrug|betragen|liegt|lag|liegen|lagen|erreicht|erreichte|erreichen|braucht|brauchte|brauchen|benötigt|benötigte|dauert|dauerte|gedauert|sinkt|sank|gesunken|steigt|stieg|gestiegen|fällt|fiel|gefallen|hat|haben|hatte|enthält|enthalten|umfasst|belegt|verbraucht|wiegt|kostet|kostete|wurden|wurde|bei|auf|um|kommt|kam|ergibt|ergab|schafft|schaffte|verarbeitet|es gibt|gibt es|waren es|macht|ausmacht|spart|verbessert|verliert|gewinnt|läuft|lief|geht|ging|bleibt|blieb|zeigt|zeigte|beläuft',
  fr: "est|sont|était|étaient|atteint|atteignent|vaut|valent|passe|passent|prend|prennent|pris|dure|durent|duré|descend|monte|tombe|baisse|augmente|a|ont|avait|contient|compte|comptent|occupe|utilise|pèse|coûte|gagne|perd|s'élève|s’élève|s'établit|reste|restent|traite|consomme|nécessite|été|à|de|il y a|obtient|donne|montre|représente|représentent|affiche|réduit|améliore|arrive|répond|tourne|arrivent",
  es: 'es|son|era|fue|fueron|está|están|alcanza|alcanzó|llega|llegó|vale|baja|bajó|sube|subió|cae|cayó|tarda|tardó|dura|duró|tiene|tienen|tenía|contiene|ocupa|usa|utiliza|pesa|cuesta|costó|gana|pierde|procesa|queda|quedan|se queda|hay|había|muestra|da|obtiene|representa|representan|consume|mejora|reduce|de|en|del|requirió',
};

const WITH_FILLERS =
  "(?:\\s(?:only|about|around|roughly|just|now|even|still|already|some|almost|nearly|approximately|exactly|by|from|to|at|of|up to|off|all|that|this|it|das|es|(?:last |the )?[\\p{L}]+['’]s|last year['’]s|another|as|high|low|under|over|below|above|less than|more than|well|on average|therefore|thus|hence|\\p{L}+ly|per cent|the|el|la|le|les|los|las|then|nur|etwa|rund|knapp|circa|ca\\.|genau|fast|noch|jetzt|sogar|um|auf|von|bei|im mittel|durchschnittlich|environ|seulement|presque|désormais|encore|en moyenne|à|de|d'environ|plus de|moins de|unos|unas|casi|solo|sólo|apenas|ya|aproximadamente|cerca de|hasta|en|a|un|una|del|de|al)){0,4}\\s?[(~≈]?\\s*$";

const AFTER_VERB: Readonly<Record<'en' | 'de' | 'fr' | 'es', RegExp>> = {
  en: new RegExp(`(?<![\\p{L}])(?:${VERBS.en})${WITH_FILLERS}`, 'iu'),
  de: new RegExp(`(?<![\\p{L}])(?:${VERBS.de})${WITH_FILLERS}`, 'iu'),
  fr: new RegExp(`(?<![\\p{L}])(?:${VERBS.fr})${WITH_FILLERS}`, 'iu'),
  es: new RegExp(`(?<![\\p{L}])(?:${VERBS.es})${WITH_FILLERS}`, 'iu'),
};

/** Words for what is measured that are no metric's name. */
const QUANTITIES =
  '(?<![\\p{L}])(?:\\p{L}*rate|rates|share of|ratio|score|scores|usage|utili[sz]ation|overhead|cost|costs|bias|variance|gap|gain|loss|drop|improvement|reduction|saving|savings|speed-?up|agreement|median|mean|average|percentile|deviation|error|errors|memory|size|time|duration|runtime|throughput|correlation|coverage|distance|width|length|height|temperature|consumption|weight|availability|quality|frequency|brightness|increase|decrease|difference|change|importance|advantage|margin|lead|edge|spread|overlap|purity|similarity|skew|lag|delay|age|fehler|anteil|quote|rate|speicher|größe|dauer|zeit|länge|breite|verbrauch|abweichung|unterschied|gewinn|mittel|taux|part|taille|durée|mémoire|écart|moyenne|médiane|erreur|gain|tasa|proporción|tamaño|duración|memoria|diferencia|media|mediana|error|mejora|tiempo|puntuación|note)(?![\\p{L}])';
/** At most three words stand between its name and a number. */
const NEAR_QUANTITY = new RegExp(`${QUANTITIES}(?:\\s[\\p{L}'’.-]+){0,3}\\s?[:=(~≈]*\\s*$`, 'iu');

/** A number at the beginning of a clause that something is said of: "53 speakers occur in both". */
const SUBJECT_BEFORE =
  /(?:^|[,;:(—–]\s*|\.\s|\s(?:and|but|while|of which|of these|of them|und|aber|davon|et|mais|dont|y|pero)\s|^[\s\-*>]*(?:in|on|during|after|for|at|without|with|among|of|across|bei|in|auf|nach|von|sur|dans|après|pour|en|sobre|tras|de)\s[^,]{1,60},\s|^[\s\-*>]*(?:during|in|on|after|at)\s(?:the|this|that)\s\p{L}+\s)[\s\-*>"“]*(?:(?:to|all|only|about|around|roughly|some|nearly|almost|another|just|in all|in total|altogether|over|more than|less than|under|nur|etwa|rund|insgesamt|environ|seulement|unos|unas|casi|solo|the worst|the best)[,\s]+)*$/iu;

/** Comparisons and second ends: as much a result as the number before them. */
const GOES_ON =
  /^[^.;:]{0,50}?(?:,|and|or|to|against|versus|vs\.?|compared (?:with|to)|instead of|rather than|from|than|und|oder|auf|gegenüber|statt|gegen|von|et|ou|à|contre|au lieu de|y|o|a|frente a|en lugar de|和|或|到|と|から|对|比)\s*(?:the\s)?(?:about\s)?[(]?$/iu;

const PARENTHESIS_BEFORE = /[\p{L}\p{N}*`)]\s?\([^()]{0,30}$/u;

/** Facts of what everybody knows are told without a run. */
const WELL_KNOWN =
  /^[\s\-*>]*(?:the |an? |original |plain )?(?:GPT-?\w*|BERT\S*|RoBERTa\S*|ResNet\S*|EfficientNet\S*|ImageNet\S*|MNIST|CIFAR\S*|COCO|LibriSpeech|Common ?Voice|Cora|SQuAD|GLUE|Llama\S*|Mistral\S*|Whisper\S*|CLIP|T5\S*|Wikipedia|VGG\S*|MobileNet\S*|[AHVLTP]\d{1,3}0?0?s?|RTX \d+|TPU\S*)(?:,[^,]{1,40},)?\s(?:has|have|had|contains?|delivers?|comes?|consists?|is|are|offers?|reaches|gets|needs|uses|was trained|holds)(?![\p{L}])/iu;

export interface Frame {
  sentence: string;
  said: Said;
  language: Language;
  /** The end of the result before it in this sentence. */
  afterResult: number | undefined;
}

/** Whether the sentence states the number as a result, whatever a run may show. */
export function isStated({ sentence, said, language, afterResult }: Frame): boolean {
  if (language === 'zh' || language === 'ja') return true;
  if (/^\s*\|/u.test(sentence)) return true;
  const before = sentence.slice(0, said.start);
  const near = before.slice(-90);
  if (WELL_KNOWN.test(sentence)) return false;
  const behind = sentence.slice(said.end, said.end + 30);
  if (
    /^\s?(?:% (?:of|der|des|de|du|del|von)|％ of|per cent of|percent of)(?![\p{L}])/iu.test(
      sentence.slice(said.digitsEnd, said.digitsEnd + 14),
    )
  )
    return true;
  if (isBareCountAfterPreposition(near, said) || /(?<![\p{L}])an?\s$/iu.test(near)) return false;
  if (
    !/(?<![\p{L}])(?:than|of|with|in|by|for|to|from)\s$/iu.test(near) &&
    /^\s?\p{L}+ (?:is|are|was|were|have|had|has|sind|waren|wurden|sont|ont|son|fueron|tienen)(?![\p{L}])/iu.test(
      behind,
    ) &&
    said.step >= 1
  )
    return true;
  if (
    isEquipment(said) &&
    (/^\s?(?:each|per (?:node|pod|replica|machine))(?![\p{L}])/iu.test(behind) || /needs?\s$/iu.test(near))
  )
    return false;
  if (isEquipment(said) && (/[,(]\s$/u.test(near) || /^[\s\-*>]*each\s/iu.test(sentence))) return false;
  const isSmall = !said.unit && said.step >= 1 && said.value < SMALL;
  if (
    !isSmall &&
    (AFTER_VERB[language].test(near) ||
      (language === 'en' && /(?<![\p{L}])\p{L}{3,}ed(?: (?:about|only|roughly|over|all))?\s$/u.test(near)))
  )
    return true;
  const goesOn = /^\s?[\p{L}%(]|^[,.]?\s*$/u.test(behind) || said.unit !== undefined;
  if (goesOn && (SUBJECT_BEFORE.test(near) || SUBJECT_BEFORE.test(before))) return true;
  if (/(?<![\p{L}])(?:from|von|de|desde)\s$/iu.test(near) && /^\s?(?:to|auf|à|a)\s[\d+-]/iu.test(behind)) return true;
  if (afterResult !== undefined && GOES_ON.test(sentence.slice(afterResult, said.start))) return true;
  if (PARENTHESIS_BEFORE.test(near) && /^[^()]{0,30}\)/u.test(behind) && (said.unit || said.step < 1))
    return !isEquipment(said);
  if (/(?<![\p{L}])(?:a|an|one|ein|eine|un|une|una)\s$/iu.test(near)) return false;
  // What is set is seldom as odd as what is measured.
  return (
    isNamed(near, behind, said) ||
    (said.step < 1 &&
      (said.unit !== undefined || Math.abs(said.value) < 1) &&
      !Number.isInteger(said.value) &&
      Math.round(Math.abs(said.value / said.step)) >= 10)
  );
}

/** Memory and disks come in whole sizes. */
function isEquipment({ unit, value, step }: Said): boolean {
  return (
    unit?.dimension === 'bytes' &&
    step >= 1 &&
    Number.isInteger(Math.log2(value / 3)) !== Number.isInteger(Math.log2(value))
  );
}

const SMALL = 100;

/** "in 6 lines", "on 2 machines": what is counted there is not what is reported. */
function isBareCountAfterPreposition(near: string, { unit, step, value }: Said): boolean {
  if (unit || step < 1 || value >= SMALL) return false;
  return /(?<![\p{L}])(?:with|in|on|of|by|at|for|from|to|into|than|needs?|need|after|before|mit|in|auf|von|bei|zu|avec|dans|sur|de|en|con|sobre)\s(?:the |these |its |only |about )?$/iu.test(
    near,
  );
}

/** The name of what is measured stands before the number, or right behind it. */
function isNamed(near: string, behind: string, { unit, step, value }: Said): boolean {
  if (!unit && step >= 1 && value < SMALL) return false;
  const clause = near.slice(Math.max(near.lastIndexOf('; '), near.lastIndexOf('. ')) + 1);
  const isMetric = ({ kind }: { kind: string }): boolean => kind === 'metric' || kind === 'statistic';
  if (termsOf(clause).some(isMetric) || termsOf(/^[^,;.]{0,24}/u.exec(behind)?.[0] ?? '').some(isMetric)) return true;
  return NEAR_QUANTITY.test(clause);
}

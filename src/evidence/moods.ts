import type { Language } from './language';

/**
 * Sentences and parts of them that state no result: conditions, plans, goals, rules, questions, instructions, and what
 * is said to be somebody else's words. By language, each a list of alternatives.
 */
interface Moods {
  /** At its beginning such a word governs the whole sentence. */
  opens: RegExp;
  /** Anywhere in a part, that part states nothing. */
  within: RegExp;
  /** Anywhere in a part, only what a run shows clearly is taken for a claim there. */
  doubts?: RegExp;
}

const alternatives = (before: string, after: string, ...lists: string[]): RegExp =>
  new RegExp(`${before}(?:${lists.join('|')})${after}`, 'iu');

const opening = (...lists: string[]): RegExp =>
  alternatives(
    '^[\\s\\-*>_"“„«(]*(?:\\d+[.)]\\s+)?(?:\\[[ x]\\]\\s*)?(?:then|and|but|so|also|und|et|y|pero|mais|aber)?[,\\s]*',
    '(?![\\p{L}\\p{N}])',
    ...lists,
  );
const inside = (...lists: string[]): RegExp => alternatives('(?<![\\p{L}\\p{N}])', '(?![\\p{L}\\p{N}])', ...lists);

const EN: Moods = {
  opens: opening(
    'if|once|when(?=ever)|whenever|should|had|were|unless|until|suppose|assuming|as soon as|provided|in case|for comparison|for orientation|for reference|for context',
    '(?:training |test |input )?data(?:set)?(?=\\s*:)|(?:the |our )?next \\p{L}+|reminder|todo|to do|next|next steps?|follow-up|hypothesis|open questions?|from now on|tomorrow|lesson|note to self|(?:known |current |acceptance |success |main )?(?:goals?|targets?|plans?|idea|requirements?|recommendations?|limitations?|criterion|criteria|constraints?|assumptions?|budget|limit|threshold)(?=\\s*[:.=]|\\s+(?:is|was|are|were)(?![\\p{L}]))',
    'shall|can|could|would|why|what|how|which|whether|do you|does|did you|is it|are there|is there|who|where',
    'please|let us|let me know|rerun|re-run|make sure|remember|make|see|try|keep|consider|expect|reproduce|repeat|go back|avoid|do not|today(?=\\s*:)|to ?do|plan(?=\\s*:)|(?:the )?(?:best |final |chosen |default |fixed )?(?:hyper-?)?(?:parameters|settings|configuration|config|options)(?=\\s*(?:[:=]|are|were|is))|don.t|choose|pick|ask|wait|needs?|requires?',
    '(?:use|run|train|roll|set|add|check|install|start|stop|open|call|pass|read|write|move|copy|delete|remove|replace|increase|lower|raise|reduce|clean|deploy|ship|merge|push|pull|update|plot|load|download|upload|wire|clone|compare|build|test|restart|revert|resume)(?=\\s+(?:the|a|an|it|them|this|that|these|your|our|all|only|with|from|by|first|again|back|up|down|to|in|more|another|everything|`|\\uE000|--|\\d+ more))',
  ),
  within: inside(
    'would|should|could(?! be \\p{L}+ed\\s*[.!]?$)|might|may|ought|shall|will|won.t|wouldn.t|shouldn.t|couldn.t|can be|i.ll|we.ll|i.d|we.d|is to|are to|is due|going to (?!\\d)|about to|supposed to|meant to|intended|scheduled|(?:is|are|was|were|still) planned|planned for|plans? to|planning|planned (?:test|significance)',
    'expect|expects|expected to|expecting|hope|hopes|hoped|hopefully|wish|want|wants|wanted|aims?|aimed|aiming|goals?|targets?|ambition|estimates?|estimated|projected|predicts we|forecast says|(?:my|our|a|best|rough) guess|with (?:some )?luck|likely|unlikely|probably|perhaps|maybe|possibly|presumably|potentially|supposedly|unless|if|provided that|assuming|in case|as long as|whether',
    '(?:is|are) (?:not )?needed|(?:was|were) to be|(?:did|does|do|could|can|has|have|is|are|was|were) ?not (?:yet )?(?:fit|reach|meet|have|run|get|need|needed|reached|available|enough)|need(?:s|ed)? (?:at least|to|one|another|a|an|more)|probably|add no more than|requires?|required|is needed|are needed|must|have to|has to|recommended|recommends?|advised?|suggests? (?:using|to)|suggested|proposes?|proposed',
    'promised?|promises|asks? for|asked|ask for|demanded|agreed|agreement (?:says|allows|is with)|insists?|claims|claimed|claim|reports? (?:that|an? |\\d)|reported (?:by|in)|reported at|according to|says? (?:the|it|that)|said|you (?:named|gave|mentioned|told|wrote|sent|want|asked|said|set)|as you|stated|(?:the|a|their|original) paper|papers|publication|published work|published (?:\\S+ ){0,2}(?:numbers?|results?|figures?|values?)|literature|authors|vendor|state of the art|sota|humans|human experts|withdraw\\p{L}*|retract\\p{L}*|ignore|the customer (?:measured|reported|sees|says)|competitors?|data ?sheet|spec sheet|manual|specification|(?:on )?(?:the )?leaderboard (?:has|shows|lists|says|is)|leaderboard.s|documentation says|docs say|by (?:its|their) (?:own )?\\p{L}+|blog post|colleague|customer says|marketing',
    'by definition|is defined|are defined|defined as|usually|typically|typical|often|normally|generally|in general|or (?:later|newer|above|higher)|commonly|as a rule|rule of thumb|rated for|rated at|capable of|is considered|are considered|counts as|is called|until \\d|we call|(?:we|i) (?:consider|regard|treat|count)|is normal|for comparison|for orientation|for reference',
    'alerts? (?:is|are|when|if|at|fires?)|pages? (?:when|if|somebody|someone)|when [^,]{1,40}(?:drops?|falls?|goes|rises?|exceeds?|passes|is|are|was)? ?(?:above|below|over|under|past)|(?:when|whenever) (?![^,]*(?:was|were|had|went|fell|rose|ran|got|took|came|(?!exceed|need|proceed)\\p{L}{2,}ed)(?![\\p{L}]))|once [^,]{1,40}|means? (?:that|no|a|the|of)|stands for|corresponds? to|equals?|is treated|are treated|is counted|counts? as|(?:card|machine|server|laptop|instance|box|gpu|cpu|node|vm|cluster|host|disk) (?:has|have|offers|comes with)|(?:has|have|with) (?:a|an|one|two|\\d+) (?:cores?|gpus?)',
    'by default|the default (?:is|stays|of|remains)|defaults? to|hyper-?parameters?|configured|(?:i|we) (?:also |then |only )?(?:bumped|set|switched|changed|kept|chose|picked|fixed|renamed|edited)|is set to|are set to|was set to|were set to|fixed at|capped at|clipped at|we used|i used|(?:is|are|was|were) (?:drawn|split|shuffled|sampled)|sampled between|search space|(?:is|are|was|were) searched|searched (?:between|over|from)|the space for|ranges? (?:was|is) set|initiali[sz]ed|(?:since|because|as) (?:it|they|this|that) (?:needs?|requires?|takes?|would)|(?:fail(?:s|ed)?|unable|not able) to|(?:run|job|training|upload|build|script|process|kernel|test|download|attempt) (?:\\w+ )?(?:crashed|died|failed|broke|was killed|was aborted|was cancelled|stopped|aborted|diverged)|(?:normali[sz]ed|standardi[sz]ed|resized|scaled|cropped|padded|truncated|clipped|augmented) (?:with|to|at|by)|scheduled (?:for|to|at|every)|refuses|up to you|rounded to (?!whole)',
    '(?:is|are|was|were|remains?|still) unknown|not known|cannot be said|remains to be seen|still missing|another \\d+|\\d+ more (?:[\\p{L}]+ ){0,3}(?:is|are) |be within reach|within reach|in the next run|next (?:run|week|sprint|month|time|version)|tomorrow|from now on|soon',
  ),
  doubts: inside(
    'allow(?:s|ed)?|permitted|radiologists|reserved|tolerates?d?|rarely|seldom|(?:is|are|be) worth|(?:an|the) (?:alert|alarm) (?:is|at|when|above|for|on|\\p{L}+s(?=\\s))|limited to|slo|sla|deadline|freeze|policy|minimum detectable|power (?:was|is|of)|sample size (?:was|is)|our (?:rule|limit|threshold|gate)|(?:the|by|our|from the|customer) contract(?! tests?)|committed',
  ),
};

const DE: Moods = {
  opens: opening(
    'wenn|falls|sobald|sollte|sollten|wäre|wären|hätte|bitte|soll|sollen|kann|können|könnte|warum|wie|was|welche|ziel|nächster schritt|als nächstes|todo|plan|angenommen|sofern|solange|zum vergleich|mit mehr|künftig',
  ),
  within: inside(
    '(?:karte|maschine|rechner|server|gpu) (?:hat|mit|verfügt)|würde|würden|wäre|wären|könnte|könnten|sollte|sollten|soll|sollen|möchte|möchten|dürfte|dürften|müsste|müssten|muss|müssen|wird (?:voraussichtlich|wohl|dann)|werde ich|werden wir|wenn|falls|sofern|sobald|geplant|plane|planen|erwarte|erwarten|erwartet|hoffe|hoffen|gewünscht|gefordert|verlangt|verlangten?|wünschst|wolltest|wollten|ziel|zielwert|vorgabe|vielleicht|wahrscheinlich|vermutlich|eventuell|möglich|normalerweise|üblich|üblicherweise|typisch|meist|oft',
    'schwelle|schwellenwert|grenze|grenzwert|laut|nach angaben|veröffentlichten|literatur|in der arbeit|im paper|das paper|der aufsatz|datenblatt|vertrag|vereinbart|nannten|nanntest|genannte|gesagt|versprochen|als nächstes|demnächst|nächste woche|nächsten lauf|künftig|voreinstellung|standardwert|eingestellt|festgelegt|stammen vom|fassung \\d|angestrebt|hersteller|brauchen wir|wird benötigt|ist nötig|nötig',
  ),
};

const FR: Moods = {
  opens: opening(
    "si|s'il|s’il|dès que|lorsque|quand|une fois que|veuillez|merci de|faut-il|dois-je|voulez-vous|veux-tu|souhaitez-vous|pourquoi|comment|quel|quelle|objectif|prochaine étape|ensuite|pour comparaison|à titre de comparaison|il faudrait|il faut",
  ),
  within: inside(
    "(?:carte|machine|serveur|gpu) (?:dispose|a|possède|offre)|faudrait|faut|devrait|devraient|doit|doivent|pourrait|pourraient|serait|seraient|aurait|aimerait|vais|allons|prévu|prévue|prévus|prévues|prévoit|prévoyons|espère|espérons|attend|attendu|objectif|cible|visait|vise|visons|but|souhaité|souhaitez|demandé|demandiez|demandez|demandait|vouliez|peut-être|probablement|sans doute|normalement|généralement|en général|d'habitude|souvent|typiquement",
    "seuil|limite|plafond|selon|d'après|l'article|le papier|publié par|la littérature|le contrat|promis|par défaut|je garde|nous gardons|fixé|fixée|fixés|réglé|est nécessaire|sont nécessaires|nécessite|requis|la version|le ticket|si|prochain|prochaine|bientôt|est actuellement fixé",
  ),
};

const ES: Moods = {
  opens: opening(
    'si|cuando|una vez que|en cuanto|quieres|quiere|queréis|debo|debería|puedo|por qué|cómo|qué|cuál|por favor|objetivo|siguiente paso|próximo paso|después|para comparar|a modo de comparación|pediste|pedías|habría que|hay que',
  ),
  within: inside(
    '(?:podr|deber|ser|har|habr|tendr|llegar|quedar|bastar|gustar|mejorar|bajar|subir)ía(?:mos|n|s)?|debe|deben|podría|podrían|sería|serían|habría|haría|voy a|vamos a|va a|van a|previsto|prevista|previstos|planeado|planeada|espero|esperamos|espera|esperado|objetivo|meta|pediste|pidió|pedías|pedido|querías|quieres|quizá|quizás|probablemente|tal vez|normalmente|generalmente|suele|suelen|habitual|típicamente|hay que|hace falta|hacen falta|harían falta',
    '(?:tarjeta|máquina|servidor|gpu) (?:tiene|dispone|ofrece)|conviene|umbral|límite|tope|según|el artículo|el paper|publicado por|la literatura|el contrato|prometí|prometido|por defecto|está fijado|fijado|fijada|ajustado a|se necesita|se necesitan|necesita|necesitamos|requiere|próxima|próximo|pronto|si|la versión|el ticket',
  ),
};

const ZH: Moods = {
  opens: /^\s*(?:若|如果|假如|假设|一旦|请|是否|要不要|需要我|为什么|怎么|下一步|接下来|目标|计划|待办|建议|当)/u,
  within:
    /若|如果|假如|假设|一旦|可能会?|也许|或许|大概会|预计|预期|希望|期望|计划|打算|将会?(?![近])|应该|应当|需要|必须|要求|目标|阈值|上限|下限|不低于|不超过|至少|至多|通常|一般|论文|文献|官方|(?<![数证依])据(?!集|库|点)|您(?:之前|说|提|给|希望|要)|你(?:之前|说|提|给|希望|要)|默认|设为|设置为|设定|学习率|建议|合同|下周|下次|下一|之后再/u,
};

const JA: Moods = {
  opens: /^\s*(?:もし|次は|次に|今後|なぜ|どの|目標|予定|計画|仮に|お願い)/u,
  within:
    /もし|たら|れば|なら(?!び|し)|場合|予定|つもり|てみます|てみる|たい(?:です|と)|必要|べき|かもしれ|だろう|でしょう|と思われ|はず|見込み|期待|目標|閾値|しきい値|上限|下限|以上(?:に|が必要|を)|論文|文献|公式|報告されて|によれば|によると|おっしゃ|指定(?:され|した|の)|ご希望|要望|通常|一般(?:的)?に|ふつう|設定|学習率|既定|次回|来週|今後|ください|しましょう/u,
};

const MOODS: Readonly<Record<Language, Moods>> = { en: EN, de: DE, fr: FR, es: ES, zh: ZH, ja: JA };

/** "The p99 guardrail is 200 ms": what such a subject is, was set. */
const LIMIT_SUBJECT =
  /^[\s\-*>]*(?:(?:in|for|on|since|with)\s[^,]{1,30}\s)?(?:(?:the|our|its|a|this|that|der|die|das|le|la|el)\s)?(?:[\p{L}\p{N}_-]+\s){0,2}(?<!(?:at|with|by|of) (?:the|a|this|that|same|chosen|given|our) )(?<!(?:same|chosen|given|this) )(?:thresholds?|guardrails?|limits?|quota|budgets?|ceiling|cut-?off|tolerances?|time-?outs?|objectives?|requirements?|cap|sla|slo|deadline|grenzwert|schwelle|limite|seuil|umbral)\s(?:for\s[^,]{1,30}\s|on\s[^,]{1,30}\s|of\s(?:the\s)?\p{L}+\s)?(?:is|are|was|were|sits?|stays?|remains?|comes?|ist|liegt|est|es)(?![\p{L}])/iu;

/** "An R² of 0.5 is ...": said of any, not of one that was measured. */
const GENERIC =
  /^[\s\-*>]*(?:An?|Any|Values?|Scores?)\s(?:[\p{L}\p{N}²@-]+\s){1,4}?(?:of|over|above|under|below|near|around|between|beyond)\s(?:about\s|less than\s|more than\s)?[\d.]/u;

const QUESTION = /[?？][\s"'”»)*_]*$|(?:ですか|ますか|でしょうか|ませんか|吗|呢)[。.?？\s]*$/u;
const HEADING = /^\s*#{1,6}\s/u;
/** A label in bold before a colon or point, such as **Hypothesis.** */
const LABEL = /^\s*[-*]?\s*(?:\*\*|__)([^*_]{2,30})(?:\*\*|__)[:.]?/u;

/** Whether nothing in the sentence can be a result. */
export function statesNothing(sentence: string, language: Language): boolean {
  if (HEADING.test(sentence) || QUESTION.test(sentence)) return true;
  const { opens } = MOODS[language];
  if (
    GENERIC.test(sentence) &&
    !/(?<![\p{L}])(?:was|were|has been|had|found|took|gave|got|ran|showed|\p{L}{3,}ed)(?![\p{L}])/u.test(sentence)
  )
    return true;
  const label = LABEL.exec(sentence)?.[1];
  if (label !== undefined && opens.test(label)) return true;
  return opens.test(sentence);
}

export interface Mood {
  mood: 'supposes' | 'doubtful';
  /** Where its words are in the part. */
  at: number;
}

/** Whether a part of a sentence only supposes, plans, rules or quotes; `doubtful`: it may. */
function moodOf(part: string, language: Language): Mood | undefined {
  const { within, doubts } = MOODS[language];
  const found = LIMIT_SUBJECT.exec(part) ?? within.exec(part);
  if (found) return { mood: 'supposes', at: found.index };
  const doubt = doubts?.exec(part);
  return doubt ? { mood: 'doubtful', at: doubt.index } : undefined;
}

export interface Part {
  text: string;
  start: number;
  mood: Mood['mood'] | undefined;
  /** Where the words of the mood begin, in the sentence. */
  moodAt: number;
}

/** The parts of a sentence with their moods. A label ("Our SLO: ...") rules what is behind its colon. */
export function moodsOf(sentence: string, language: Language): Part[] {
  const parts: Part[] = [];
  for (const part of partsOf(sentence, language)) {
    const previous = parts.at(-1);
    const isLabelled = previous !== undefined && /:\s$/u.test(previous.text) && previous.text.split(/\s+/u).length <= 7;
    const own = moodOf(part.text, language);
    parts.push({
      ...part,
      mood: own?.mood ?? (isLabelled ? previous.mood : undefined),
      moodAt: part.start + (own?.at ?? 0),
    });
  }
  return parts;
}

const BREAK: Readonly<Record<'spaced' | 'unspaced', RegExp>> = {
  spaced:
    /[;:—]\s|\s[–-]\s|\.\s|,\s(?=(?:\d[\d,]* (?:is|are|was|were|have|had)|but|so|which|while|whereas|although|though|because|since|and (?:the|it|they|we|i|that|an?)|aber|sondern|weil|während|obwohl|und (?:der|die|das|wir|ich)|mais|donc|car|alors que|tandis que|et (?:le|la|les|il|elle|nous)|pero|porque|mientras|así que|aunque|y (?:el|la|los|las))(?![\p{L}]))/giu,
  unspaced: /[;；。]|[,，、](?=但|而|不过|所以|因为|因此|ただし|しかし|ので|が)/gu,
};

/** The parts of a sentence, each with where it begins: moods hold for a part. */
export function partsOf(sentence: string, language: Language): { text: string; start: number }[] {
  const pattern = language === 'zh' || language === 'ja' ? BREAK.unspaced : BREAK.spaced;
  const parts: { text: string; start: number }[] = [];
  let start = 0;
  for (const match of sentence.matchAll(pattern)) {
    const end = match.index + match[0].length;
    parts.push({ text: sentence.slice(start, end), start });
    start = end;
  }
  parts.push({ text: sentence.slice(start), start });
  return parts;
}

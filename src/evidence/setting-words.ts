/**
 * Words beside a number by which it is no result: it counts what was set, says where something is, or belongs to a name.
 * All languages are in one list, since none of these words means a result in another one.
 */

const list = (...words: string[]): string => words.join('|');

/** "epoch 19", "line 37", "trial 12": the number says which one. */
const PLACES = list(
  'epochs?|steps?|trials?|folds?|lines?|sections?|chapters?|issues?|tickets?|pr|prs|mr|pull requests?|revisions?|rev|versions?|releases?|seeds?|weeks?|cells?|shards?|figures?|fig|tables?|cameras?|phases?|stages?|ports?|layers?|heads?|runs?|iterations?|iter|checkpoints?|ckpt|pages?|gpus?|ranks?|appendix|buckets?|index|items?|rules?|experiments?|exp|severity|sev|level|lesson|python|pytest|node|torch|pytorch|cuda|numpy|java|rust|go|iso|rfc|cells?|attempts?|rounds?|generations?|scenarios?|cases?|quarter|q|day|build|job|commit|part|group|level|percentile|random state|state|port|top|grade|changes?|chg|actions?|columns?|tests?|rooms?|sprints?|milestones?|percentiles?|percentil|perzentil|centile|questions?|points? no|partitions?|hosts?|sites?|zones?|labels?|annex|floor|chapter|scene',
  'epoche|epochen|schritt|schritte|zeile|zeilen|abschnitt|kapitel|fassung|lauf|versuch|woche|wochen|ausgabe|stufe|durchlauf|startwert|tabelle|abbildung|bild nr',
  'époque|epoque|étape|etape|ligne|lignes|section|chapitre|essai|semaine|graine|tableau|demande|révision|itération',
  'época|epoca|paso|línea|lineas|líneas|sección|capítulo|versión|ensayo|semana|semilla|tabla|incidencia|iteración|prueba n',
  '第|エポック|ステップ|バージョン|チケット|版本|シード|种子|試行|行|工单|议题|課題|イシュー|折',
);

/** "a batch size of 64", "dropout is 0.2": the number was chosen. */
const SETTINGS = list(
  '(?:mini-?)?batch(?:es)?(?: ?sizes?)?|beams?(?: ?(?:size|width))?|learning[- ]rates?|lr\\d?|peak rate|base rate|max(?:imum)? rate|dropout(?: rate)?|patch size|window(?: size)?|kernel(?: size)?|stride|depth|max[_ ]depth|temperature|gamma|alpha|beta\\d?|lambda|epsilon|eps|tau|sigma|[αβγδελτσ][₀-₉]?|weight decay|decay|momentum|warm-?up(?: steps)?|horizons?|context(?: length| window)?|hidden(?: size)?|lora rank|thresholds?|cut-?offs?|clip(?:ping)?(?: norm)?|patience|estimators|n_\\w+|max_\\w+|min_\\w+|num_\\w+|seed|seeds|top[-_ ]?k|embedding (?:size|dimension)|dimensions?|accumulation|workers|threads|concurrency|connections|effective batch|crop|input size|image size|z-loss weight|smoothing|l[12]|regulari[sz]ation|sample rate|vocabulary(?: size)?(?: ends at)?|confidence threshold|nms|sequence length|think time|ramp-?up(?: time)?|sleep|grace period|delay|probability|eta|subsample|colsample\\w*|max(?:imum)? (?:input|length|size|depth)|time-?outs?|rotations?|crop size|(?:memory|cpu) (?:limit|request)|instances|weights|dropout|subsample|(?:loss|class|distillation|sample|prior|kl) weight',
  'lernrate|stapelgrö(?:ß|ss)e|batchgrö(?:ß|ss)e|tiefe|schwellwert|schwelle|fenster|gewichtsabnahme|startwert|saat',
  "taux d['’]apprentissage|taille de lot|lots?|profondeur|seuil|fenêtre|graine|faisceau",
  'tasa de aprendizaje|tamaño de lote|lotes?|profundidad|umbral|ventana|semilla|haz',
  '学习率|批大小|批量|批次大小|阈值|随机种子|束宽|学習率|バッチサイズ|ビーム幅|閾値|シード値|深さ|深度|温度',
);

/** How a name is tied to its number. */
const TIE =
  '(?:\\s+(?:of\\s|with\\s)?(?:size|sizes|width|value|length|count|rate))?\\s*(?:#|no\\.?|nr\\.?|n[°º]|number|of|is|are|was|were|war|era|était|at|to|from|now|stays|stay|=|:|≥|>=|≤|<=|<|>|von|auf|bei|lasted|lasts|de|du|à|est de|es de|est|es|el|del|は|が|を|为|是|の|从|由|至|~|about|around|steht auf|steht bei|stays at|up to|up|only|between|between the|and|≈|a|an|the|der|die|with|den|mit)?\\s*(?:now\\s+|at\\s+|to\\s+|about\\s+)?["\'“(]?';

const before = (words: string, tie: string): RegExp => new RegExp(`(?<![\\p{L}\\p{N}_-])(?:${words})${tie}$`, 'iu');

/** What has versions: a number behind it is one, however it looks. */
const VERSIONED = list(
  'versions?|releases?|tags?|python|pytest|torch|pytorch|image|imagen|abbild|modell?|modelo|modèle|package|paquet|paquete|paket|wheel|container|bild|(?:pushed|tagged|released|published|deployed|merged) as|apache|gpl|cc-by|tensorflow|jax|cuda|cudnn|numpy|pandas|scikit-learn|sklearn|lightning|keras|node|npm|java|rust|go|ubuntu|debian|docker|kubernetes|postgres|spark|ray|fassung|ausgabe|versión|chart',
  '版本|バージョン|タグ|版|镜像|イメージ',
);

export const VERSION_BEFORE = before(VERSIONED, '\\s*(?:≥|>=|=|:|v)?\\s*');
/** Words that hold numbered things as well as counted ones. */
export const GENERAL_PLACE = before(
  'tables?|parts?|groups?|level|quarter|phases?|stages?|days?|weeks?|pages?|cases?|rules?|items?|state|tests?|columns?|changes?|actions?|cells?|rooms?|points?|jobs?|commit|runs?|questions?',
  's?\\s*',
);
export const PLACE_BEFORE = before(PLACES, 's?\\s*(?:#|no\\.?|nr\\.?|n[°º]|number)?\\s*');
export const SETTING_BEFORE = before(`(?:${SETTINGS})s?`, TIE);
/** A name in an output. */
export const SETTING_NAME = new RegExp(`(?<![\\p{L}])(?:${SETTINGS})s?$`, 'iu');
export const PLACE_NAME = new RegExp(`(?<![\\p{L}])(?:${PLACES})s?$`, 'iu');
/** The first cell of a table's row. */
export const SETTING_ROW = new RegExp(`^\\s*\\|\\s*\\W{0,2}(?:${SETTINGS}|${PLACES})s?\\W{0,2}\\s*\\|`, 'iu');
/** A name beside its number, nothing between. */
export const SETTING_BESIDE = before(SETTINGS, '\\s*');

/** "over 60 trials", "with 8 workers": counts of what was set, when a preposition of a setting goes before them. */
const SETTING_NOUNS = list(
  '(?:[\\p{L}-]+\\s)?(?:epochs?|steps?|trials?|folds?|seeds?|workers?|threads?|gpus?|cpus?|cores?|nodes?|machines?|(?:virtual |simulated |concurrent |parallel )?users?|clients?|connections?|retries|levels?|beams?|layers?|heads?|trees?|shots?|iterations?|permutations?|bootstraps?|replicas?|processes|requests per second|repeats?|repetitions?|runs?|rounds?|neighbou?rs|clusters?|components)',
  'epochen|schritten|durchläufen|läufen|bäumen|threads|arbeitern|falten|startwerten|versuchen|wiederholungen|schichten|nutzern',
  'époques|étapes|essais|graines|plis|processus|couches|arbres|itérations|répétitions|utilisateurs',
  'épocas|pasos|ensayos|semillas|pliegues|procesos|capas|árboles|iteraciones|repeticiones|usuarios',
);
const SETTING_TIMES = list(
  'minutes?|min|hours?|h|days?|d|weeks?|months?|years?|s|seconds?|sekunden|minuten|stunden|tagen?|wochen|jahren?|secondes|heures|jours|semaines|mois|ans|segundos|minutos|horas|días|semanas|meses|años',
);
const article =
  '(?:\\s(?:the|all|its|die|den|les|los|las|ces|each|only|about|another))?(?:\\s(?:first|last|next|same|past|ersten|letzten|premières|dernières|derniers|primeras|últimas|últimos))?\\s*$';
export const SETTING_AFTER = new RegExp(`^\\s?-?\\s?(?:${SETTING_NOUNS})(?![\\p{L}\\p{N}])`, 'iu');
export const SETTING_PREPOSITION = new RegExp(
  `(?<![\\p{L}\\p{N}])(?:with|over|across|using|after|for|within|every|during|on|to|first|last|past|next|of|by|mit|über|nach|während|aus|bei|auf|avec|sur|après|pendant|con|sobre|tras|durante|mediante|until|at|in|en|à)${article}`,
  'iu',
);
export const TIME_AFTER = new RegExp(`^\\s?(?:${SETTING_TIMES})(?![\\p{L}\\p{N}])`, 'iu');
export const TIME_PREPOSITION = new RegExp(
  `(?<![\\p{L}\\p{N}])(?<!(?:runs?|ran|running|lasts?|lasted|trained|took|takes|lief|läuft|dauerte|duré|duró|stale|up|down|out|unavailable)\\s)(?:for|over|within|every|during|last|past|next|another|older than|younger than|seit|während|binnen|innerhalb von|alle|über|pendant|depuis|toutes les|durante|cada|desde)${article}`,
  'iu',
);
/** Nouns that are set wherever they stand. */
export const ALWAYS_SET =
  /^\s?-?\s?(?:-?fold|(?:open |parallel |concurrent )?connections|(?:virtual|simulated|concurrent|parallel) users|epochs?|seeds?|workers?|threads?|gpus?(?! hours)|cpus?|vcpus?|cpu cores?|cores?|layers?|heads?|neurons?|dimensions?|[kmg]?hz|mel bands?|bins|beams?|bits?(?![\p{L}])|trees?|shots?|channels?|exponent|epochen|bäumen?|schichten|startwerte|saaten|époques|graines|arbres|couches|épocas|semillas|árboles|capas|pixels?|px|次迭代|个?epoch|エポック|轮|輪|棵|层|层数|層|本の木|世代|线程|スレッド|並列|件あたり|枚あたり)/iu;

/** "2026-11-22", "3. Juni", "30 Nov": days of the calendar. */
export const MONTH =
  /^\.?\s?(?:de\s)?(?:(?:jan|feb|mar|apr|jun|jul|aug|sept?|oct|okt|nov|dec|dez|janv|févr|avr|juil|dic)\.?|january|february|march|april|may|june|july|august|september|october|november|december|januar|februar|märz|mai|juni|juli|oktober|dezember|janvier|février|mars|avril|juin|juillet|août|septembre|octobre|novembre|décembre|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre)(?![\p{L}])|^\s?(?:月|年|日(?![間均])|号)/iu;
export const MONTH_BEFORE =
  /(?<![\p{L}])(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?\s$/iu;
/** "the 80 % interval", "95 % CI": the number is a level. */
export const LEVEL_AFTER =
  /^\s?-?(?:confidence |prediction |credible )?(?:intervals?|ci|bands?|level|quantile|percentile|confidence|konfidenz\p{L}*|perzentil|quantil|intervall|centile|percentil|power|置信区间|信頼区間|分位)(?![\p{L}])/iu;

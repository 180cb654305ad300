import type { Language } from './language';
import type { Said } from './numbers';
import { PLACE_BEFORE } from './setting-words';

/** What is said to have gone well. */
export type SuccessKind =
  'tests' | 'lint' | 'train' | 'finish' | 'build' | 'push' | 'deploy' | 'healthy' | 'no-regression';

export interface SaidSuccess {
  kind: SuccessKind;
  start: number;
  end: number;
  value: number | null;
  /** What it is said of, and how: the words from the part's beginning to the end of the statement. */
  subject: string;
  /** What stands before the statement's own words. */
  lead: string;
  /** The statement's own words with what follows: where it went. */
  tail: string;
}

type Row = readonly [kind: SuccessKind, pattern: string];

const W = '[^.;:!?]{0,60}?';
const BE = '(?:is|are|was|were|has been|have been|been|now|again|already|got|gets)';

/** The first row that fits a place tells the kind. Only bounded gaps, so that a long sentence costs no more. */
const EN: readonly Row[] = [
  [
    'no-regression',
    `no (?:\\w+ )?regressions?(?: against [\\w. ]{1,20})?(?: (?:was|were|is|are) (?:found|seen|observed))?|nothing (?:else )?(?:in (?:the )?[\\w ]{1,20})?(?:regressed|broke|is broken)|none of the (?:metrics|tests) regressed|without (?:any )?regressions?`,
  ],
  [
    'tests',
    `(?:no|none of the) (?:\\w+ )?(?:tests?|checks?) (?:fails?|failed|broke)|\\d[\\d,]* (?:\\w+ )?tests ran without (?:any )?\\w+`,
  ],
  [
    'finish',
    `[\\p{L}-]+ (?:trains?|runs?|ran|works?|worked|builds?|starts?|started|loads?|loaded|exports?|imports?) without (?:any |a )?(?:\\w+ )?(?:errors?|warnings?|problems?|failures?|issues?|crash(?:es)?)`,
  ],
  [
    'finish',
    `(?<=^[\\s*-]*)(?:exported|converted|migrated|imported|restored|indexed) (?:the|all|it|everything)(?![\\p{L}])`,
  ],
  [
    'lint',
    `(?:eslint|ruff|mypy|pylint|flake8|black|prettier|lint(?:er|ing|s)?|type[- ]?check(?:s|er|ing)?|pyright|tsc|clippy)(?: ${W})?(?:reports? (?:nothing|no \\w+)|(?:is|are|stays?|comes? back|runs?) (?:clean|green|quiet|silent|happy)|pass(?:es|ed)?|finds? (?:nothing|no \\w+)|has (?:no complaints|nothing to (?:say|report|complain about))|succeed(?:s|ed)?)`,
  ],
  [
    'tests',
    `(?:tests?|suites?|specs?|checks?|validation|verification|test run|unit tests|snapshots|doctests|assertions|ci|pipeline|workflow)(?![\\p{L}-])${W}(?<![\\p{L}])(?:pass(?:es|ed|ing)?|green|succeed(?:s|ed)?|match(?:es|ed)?|went through|ran through|ok)`,
  ],
  ['tests', `(?:[\\w-]+ )?(?:jobs?|matrix|builds?) (?:is|are|stays?) (?:all |still |now )?green`],
  ['tests', `(?:everything|all) (?:is|are|stays?) (?:still |now |again )?(?:green|passing)`],
  ['tests', `(?:passes|passed|pass) (?:all|every|the)(?: \\d+)? (?:\\w+ )?(?:tests?|checks?)`],
  [
    'train',
    `(?:trained|ran|fine-?tuned|pre-?trained) (?:\\w+ )?(?:for|over|through) (?:all |the full |its )?(?:\\d[\\d,.]*k?|\\w+) (?:epochs?|steps?|iterations?)`,
  ],
  ['train', `(?:trained|finished|completed) (?:all )?(?:\\d[\\d,.]*k?) (?:epochs?|steps?|iterations?)`],
  ['train', `(?:all )?(?:\\d[\\d,.]*k?) (?:epochs?|steps?) (?:were |are )?(?:completed|finished|done)`],
  [
    'train',
    `(?:has |have |had )?(?:finished|completed) (?:its |the )?training|(?:fine-?tuning|pre-?training|re-?training|training) ${W}(?:finished|completed|complete|done|succeeded|converged|ran through|went through|ended (?:cleanly|normally))`,
  ],
  ['train', `(?:trained|training ran) (?:cleanly|successfully|to the end|to completion|through|without)`],
  ['train', `(?:runs?|jobs?|training|model|it|which) (?:\\w+ )?reached (?:step|epoch|iteration) \\d[\\d,.]*`],
  [
    'train',
    `(?:the |this |our |a )?(?:[\\w-]+ ){0,3}(?:models?|networks?|classifiers?|forests?|heads?|adapters?|tokenizers?) (?:is|was|has been|have been|are|were) (?:re)?trained(?! (?:with|on|from|by|in))`,
  ],
  [
    'healthy',
    `(?:[\\p{L}-]+) (?:is|are) (?:up and running|running|back up|healthy|up again|reachable)(?= again|[.,;!]|$| now)`,
  ],
  [
    'healthy',
    `(?:pods?|replicas?|services?|endpoints?|nodes?|cluster|containers?|workers?|instances?|deployment|server|gateway|api)(?![\\p{L}-])${W}(?:is|are|report|reports|stays?|became|come up|came up) (?:all |now |again |both |fully )?(?:healthy|ready|available|up and running|up|running|stable|green)`,
  ],
  ['deploy', `rolled (?:it|them|this|that|the [\\p{L}-]+) out(?: to [\\w -]{1,20})?(?![\\p{L}])`],
  [
    'deploy',
    `(?:${BE} |successfully |we |i |and )(?:\\w+ )?(?:deployed|rolled out|shipped|live|released to)(?![\\p{L}-])|(?:is|are|went|goes|runs|running|now) (?:live|in production|in prod|in service)(?![\\p{L}])|roll-?out ${W}(?:finished|completed|complete|done|succeeded|successful)|deployment ${W}(?:finished|completed|complete|done|succeeded|successful|went through)`,
  ],
  [
    'push',
    `(?:image|branch|tag|package|release|changes|commits?|fix|chart|wheel)(?: \\S+)? (?:pushed|published|uploaded|released|merged)(?![\\p{L}-])|(?<=^[\\s*-]*)(?:pushed|published|uploaded|merged|released) (?:to|the|it|in|as)`,
  ],
  ['deploy', `(?<=^[\\s*-]*)(?:deployed|rolled out|shipped) (?:to|the|it|in|on)`],
  [
    'push',
    `(?:${BE} |and |successfully |we |i )(?:\\w+ )?(?:pushed|published|uploaded|released|merged)(?![\\p{L}-])(?: to (?:the )?[\\w./-]+)?|upload ${W}(?:finished|completed|complete|succeeded)|push ${W}succeeded|release ${W}(?:is out|published)`,
  ],
  [
    'push',
    `(?:is|are|and) (?:now |already |also )?(?:in the (?:container |model |package )?registry|on (?:pypi|npm|the (?:hub|remote)|hugging ?face)|in the bucket|merged)(?![\\p{L}])`,
  ],
  [
    'build',
    `(?:it|everything|this|that|the code|the branch) (?:still |now |all )?(?:builds|compiles)(?! (?:on|with|for|the|a) )|(?:(?:${BE} |and )(?:\\w+ )?(?:(?:re)?built|compiled|packaged)(?! (?:on|with|from|for|in|by|of))(?![\\p{L}-]))|(?:builds?|bundle|container|app|binary|firmware|library|crate|image|package|wheel|docs|documentation|site|project|code|compilation|docker build)(?![\\p{L}-])(?: ${W})?(?<![\\p{L}])(?:passes|passed|succeed(?:s|ed)?|compiles|builds(?: (?:cleanly|again|fine))?|is (?:green|fine|ok|successful)|was successful|works|goes through|went through)`,
  ],
  [
    'finish',
    `(?:stage|phase|part|round|pass) \\d+ ${W}(?<![\\p{L}])(?:finished|completed|complete|succeeded|is done|done|went through)|(?<=^[\\s*-]*)(?:all )?(?:finished|completed) (?:overnight|in \\d|after \\d|without|cleanly|today|yesterday|successfully)`,
  ],
  [
    'finish',
    `(?:fine-?tuning|migration|migrations|upgrade|evaluation|alignment|export|conversion|backfill|job|jobs|sweep|search|study|run|runs|download|import|indexing|re-?index|preprocessing|tokeni[sz]ation|scan|load test|smoke test|benchmark|bench|inference|validation|calibration|quantisation|quantization|ingestion|sync|backup|restore|cleanup|clean-?up|annotation|labelling|audit|replay|check|pipeline|resampling|embedding|distillation|dry run|soak test|script|notebook|query|profiling|deduplication|retraining|refit|warm-?up|burn-?in|transfer|merge|analysis|decoding|extraction|crawl|processing|etl)(?![\\p{L}-])${W}(?<![\\p{L}])(?:finished|completed|complete|passed|succeed(?:s|ed)?|successful|successfully|(?:went|ran) through(?! (?:\\d|the|all|every))|ran to completion|runs through|runs (?:end to end|from top to bottom)|is done|are done|was done|done|applied|worked|works)`,
  ],
  [
    'finish',
    `(?:all )?(?:\\d[\\d,.]* )?(?:[\\p{L}-]+ ){0,3}(?:requests|records|rows|files|documents|calls|items|messages|queries|batches|tables|partitions|shards|tasks|stages|migrations|cells|images|samples|clips|runs|jobs) (?:were |have been |are |have |has )?(?:all )?(?:successfully )?(?:succeeded|migrated|processed successfully|completed|converted|finished|imported|applied|went through|uploaded)(?![\\p{L}-])`,
  ],
  [
    'finish',
    `all (?:\\d[\\d,]* )?(?:[\\p{L}-]+ ){0,2}[\\p{L}-]+s (?:are|were|have been) (?:now |all )?(?:met|replayed|restored|repaired|relabell?ed|re-?indexed|synced|verified|accounted for|copied)(?![\\p{L}])`,
  ],
  [
    'finish',
    `[\\p{L}-]+ (?:(?:runs?|ran|went|goes) (?:through|to (?:the|its) end|to completion|end to end|from (?:start|top|beginning) to (?:end|finish|bottom))(?: all \\p{L}+)?|(?:is|are|has been|was|were) (?:now |all |finally )?(?:done|through|finished|complete|completed|over)(?! (?:\\d|in|by|with|on|for)))(?![\\p{L}])`,
  ],
  ['finish', `(?:terraform|ansible|helm|migrations?) (?:applied|ran|upgraded)(?: (?:the|all) \\p{L}+)?(?![\\p{L}])`],
  [
    'finish',
    `(?:migrated|finished without|completed without|ran without (?:errors?|problems?|issues?)|completed successfully|finished successfully|ran successfully)`,
  ],
];

const DE: readonly Row[] = [
  ['no-regression', 'keine (?:regressionen|regression|verschlechterung)'],
  ['lint', `(?:eslint|ruff|mypy|linter)${W}(?:meldet nichts|sauber|ohne (?:befund|fehler|beanstandung)|grün|durch)`],
  [
    'tests',
    `(?:tests?|testsuite|suite|prüfungen|ci|pipeline)(?![\\p{L}-])${W}(?:laufen durch|läuft durch|sind durchgelaufen|liefen durch|durchgelaufen|bestanden|bestehen|grün|erfolgreich|durch)`,
  ],
  [
    'train',
    `\\d[\\d.]* (?:epochen|schritte) (?:lang )?(?:trainiert|durchgelaufen|gelaufen)|(?:über|für) (?:alle )?\\d[\\d.]* (?:epochen|schritte)${W}trainiert`,
  ],
  [
    'train',
    `(?:training|trainingslauf|modell|netz)(?![\\p{L}-])${W}(?:durchgelaufen|abgeschlossen|fertig|beendet|erfolgreich|zu ende gelaufen|fertig trainiert|trainiert)`,
  ],
  ['train', `durchgelaufen`],
  [
    'healthy',
    `(?:pods?|replikate|dienst|dienste|instanzen)(?![\\p{L}-])${W}(?:gesund|bereit|verfügbar|laufen stabil|sind oben)`,
  ],
  [
    'deploy',
    `(?:ausgerollt|in produktion|im produktivbetrieb|produktiv|bereitgestellt|deployt|deployed|im einsatz|live|in betrieb)(?![\\p{L}])|(?:rollout|ausrollen)${W}(?:abgeschlossen|erfolgreich)`,
  ],
  ['push', `(?:gepusht|hochgeladen|veröffentlicht|eingecheckt|gemergt|übertragen)(?![\\p{L}])`],
  [
    'build',
    `(?:gebaut|kompiliert|übersetzt)(?![\\p{L}])|(?:build|bau|abbild|image)(?![\\p{L}-])${W}(?:erfolgreich|grün|durchgelaufen|fertig)`,
  ],
  [
    'finish',
    `(?:migration|auswertung|export|import|umwandlung|suche|lauf|läufe|evaluierung|aufbereitung|prüfung|verarbeitung|sicherung|abgleich|ausrichtung|umzug)(?![\\p{L}-])${W}(?:abgeschlossen|fertig|beendet|erfolgreich|durchgelaufen|vollständig|komplett)`,
  ],
  [
    'finish',
    `(?:erfolgreich|ohne fehler|fehlerfrei|reibungslos|problemlos) (?:\\p{L}+ ){0,2}(?:abgeschlossen|durchgelaufen|beendet|migriert|exportiert|gelaufen)|migriert(?![\\p{L}])`,
  ],
];

const FR: readonly Row[] = [
  ['no-regression', "aucune régression|pas de régression|rien n’a régressé|rien n'a régressé"],
  [
    'tests',
    `(?:tests?|suite|vérifications?|ci|contrôles)(?![\\p{L}-])${W}(?<![\\p{L}])(?:passent|passe|ont réussi|réussissent|réussis|sont verts|est verte|est vert|au vert|sont passés)`,
  ],
  [
    'train',
    `(?:entraînée?s?|réentraînée?|tourné) (?:\\p{L}+ )?(?:pendant|sur|durant) (?:les |toutes les )?\\d[\\d ]* (?:époques|epochs|étapes|pas|itérations)`,
  ],
  [
    'train',
    `(?:entraînement|apprentissage|affinage|ajustement)(?![\\p{L}-])${W}(?:terminé|achevé|est fini|s['’]est terminé|abouti|complet|réussi)`,
  ],
  [
    'healthy',
    `(?:pods?|réplicas?|services?|instances?)(?![\\p{L}-])${W}(?:en bonne santé|sains|disponibles?|prêts?|opérationnels?)`,
  ],
  [
    'deploy',
    `(?:déployée?s?|en production|mise? en service|en ligne|livrée?s?)(?![\\p{L}])|déploiement${W}(?:terminé|réussi|abouti)`,
  ],
  [
    'push',
    `(?:est|sont|été|a|ont|ai|avons) (?:bien |déjà |aussi )?(?:poussée?s?|publiée?s?|envoyée?s?|téléversée?s?|fusionnée?s?)(?: (?:dans|sur|vers) [^.;,]{0,30})?(?![\\p{L}])`,
  ],
  [
    'build',
    `(?:construite?s?|compilée?s?)(?![\\p{L}])|(?:build|compilation|construction|image)(?![\\p{L}-])${W}(?:réussie?|passe|aboutit|terminée?)`,
  ],
  [
    'finish',
    `(?:migration|évaluation|exportation|export|importation|conversion|recherche|traitement|alignement|sauvegarde|indexation|exécution|analyse|calcul)(?![\\p{L}-])${W}(?:terminée?s?|achevée?s?|réussie?s?|complète?s?|abouti|finie?s?|s['’]est (?:terminée?|achevée?|bien passée?|déroulée?))`,
  ],
  ['finish', `(?:terminée?|achevée?|réussie?|migrée?s?) (?:sans|avec succès)|migrée?s?(?![\\p{L}])`],
];

const ES: readonly Row[] = [
  ['no-regression', 'ninguna regresión|sin regresiones|no hay regresiones|nada ha empeorado'],
  [
    'tests',
    `(?:pruebas?|tests?|suite|comprobaciones|ci)(?![\\p{L}-])${W}(?<![\\p{L}])(?:pasan|pasa|pasaron|han pasado|en verde|verdes?|superadas?|superan|correctas|con éxito)`,
  ],
  [
    'train',
    `(?:entrenad[oa]s?|entrenó|reentrenad[oa]) (?:\\p{L}+ )?(?:durante|por|en) (?:las |los |todas las )?\\d[\\d.]* (?:épocas|pasos|iteraciones)`,
  ],
  [
    'train',
    `(?:entrenamiento|ajuste|afinado)(?![\\p{L}-])${W}(?:terminó|terminado|completo|completado|finalizado|finalizó|concluyó|acabó|ha terminado|con éxito)`,
  ],
  [
    'healthy',
    `(?:pods?|réplicas?|servicios?|instancias?)(?![\\p{L}-])${W}(?:sanos|saludables?|disponibles?|listos|listas|en marcha)`,
  ],
  [
    'deploy',
    `(?:desplegad[oa]s?|en producción|puest[oa] en marcha|en línea)(?![\\p{L}])|despliegue${W}(?:terminó|completado|terminado|con éxito)`,
  ],
  [
    'push',
    `(?:está|están|ha sido|fue|fueron|han sido|hemos|ha|he|quedó|queda|ya) (?:ya |también )?(?:publicad[oa]s?|subid[oa]s?|enviad[oa]s?|fusionad[oa]s?)(?: (?:en|a|al) [^.;,]{0,30})?(?![\\p{L}])`,
  ],
  ['build', '(?:se )?(?:construyó|compiló)'],
  [
    'build',
    `(?:construid[oa]s?|compilad[oa]s?)(?![\\p{L}])|(?:compilación|construcción|build|imagen)(?![\\p{L}-])${W}(?:correcta|termina bien|terminó|con éxito|pasa)`,
  ],
  [
    'finish',
    `(?:migración|evaluación|exportación|importación|conversión|búsqueda|ejecución|alineación|copia|indexación|análisis|procesamiento|validación)(?![\\p{L}-])${W}(?:terminó|terminad[oa]|completad?[oa]|finalizad[oa]|finalizó|acabó|concluyó|con éxito|ha terminado|sin errores|sin problemas)`,
  ],
  ['finish', `(?:terminó|finalizó|completó|acabó) (?:sin|con éxito)|migrad[oa]s?(?![\\p{L}])`],
];

const ZH: readonly Row[] = [
  ['no-regression', '没有(?:任何|出现)?(?:回归|退化|倒退)|无回归|未发现(?:任何)?(?:回归|退化)'],
  ['lint', '(?:eslint|ruff|mypy|静态检查|代码检查|类型检查)[^。;]{0,12}(?:没有报错|无报错|通过|没有问题)'],
  ['tests', '[^,。;，；]{0,16}(?:测试|用例|检查|流水线|CI)[^。;，；]{0,16}(?:通过|成功|全绿|变绿)'],
  [
    'train',
    '训练(?:了|满|完)?\\s?\\d[\\d,]*\\s?(?:个)?\\s?(?:轮|步|epoch)|(?:跑完|完成)(?:了)?\\s?(?:全部|所有)?\\s?\\d[\\d,]*\\s?(?:个)?\\s?(?:轮|步|epoch)|训练[^,。;，；]{0,10}(?:完成|结束|成功|完毕)|完成了?(?:模型)?训练|完成[^,。;，；]{0,16}?\\d[\\d,]*\\s?(?:个)?\\s?(?:轮|步|epoch)|\\d[\\d,]*\\s?轮训练[^,。;，；]{0,8}(?:完成|结束)',
  ],
  ['healthy', '(?:服务|副本|实例|节点|Pod|pod)[^,。;，；]{0,12}(?:健康|就绪|正常运行|可用|运行正常)'],
  [
    'deploy',
    '[^,。;，；]{0,16}(?:已经?|成功|完成)?(?:上线|部署|发布到生产|灰度)[^,。;，；]{0,8}(?:完成|成功|了|完毕|生产|线上|环境)?',
  ],
  ['push', '[^,。;，；]{0,16}(?:已经?|成功)(?:成功)?(?:推送|发布|上传|合并|提交)[^,。;，；]{0,12}'],
  ['build', '[^,。;，；]{0,12}(?:构建|编译|打包)[^,。;，；]{0,6}(?:成功|完成|通过)'],
  [
    'finish',
    '[^,。;，；]{0,16}(?:迁移|评估|导出|导入|转换|搜索|运行|处理|索引|任务|回填|对齐|清洗|实验)[^,。;，；]{0,10}(?:完成|成功|结束|完毕)',
  ],
];

const JA: readonly Row[] = [
  ['no-regression', '(?:退行|回帰|リグレッション|性能低下)(?:は|も)?(?:見つかり|あり|見られ)ません'],
  ['lint', '(?:ESLint|ruff|mypy|リント|型検査)[^。;、]{0,14}(?:問題(?:は|が)?(?:なし|ありません)|通り|通って|合格)'],
  [
    'tests',
    '[^、。;]{0,20}(?:テスト|検査|CI)[^。;、]{0,24}(?:成功|通り|通って|通過|合格|パス|緑)(?:しました|しています|しました|ました|した|です)?',
  ],
  [
    'train',
    '\\d[\\d,]*\\s?(?:エポック|ステップ|epoch)(?:の|まで|分|を)?[^。;、]{0,10}(?:学習|訓練|完了|終え|終わり|回し)[^。;、]{0,8}|(?:学習|訓練)[^。;、]{0,14}(?:完了|終了|成功|終わり)(?:しました|ました)?',
  ],
  ['healthy', '(?:サービス|レプリカ|ポッド|Pod|ノード)[^。;、]{0,16}(?:正常|健全|利用可能|準備完了|稼働)[^。;、]{0,8}'],
  [
    'deploy',
    '[^、。;]{0,16}(?:デプロイ|本番(?:環境)?(?:に|へ)?(?:反映|投入|稼働)|リリース|ロールアウト)[^。;、]{0,10}(?:完了|成功|済み|しました|されました|しています)[^。;、]{0,6}',
  ],
  [
    'push',
    '[^、。;]{0,20}(?:プッシュ|公開|アップロード|マージ|登録)[^。;、]{0,8}(?:完了|成功|済み|しました|されました)[^。;、]{0,4}',
  ],
  ['build', '[^、。;]{0,16}(?:ビルド|コンパイル)[^。;、]{0,8}(?:成功|完了|通り|しました)[^。;、]{0,6}'],
  [
    'finish',
    '[^、。;]{0,20}(?:移行|評価|書き出し|エクスポート|変換|探索|処理|実験|実行|取り込み|整列|インポート)[^。;、]{0,10}(?:完了|成功|終了|終わり)[^。;、]{0,8}',
  ],
];

const compile = (rows: readonly Row[], spaced: boolean): readonly { kind: SuccessKind; pattern: RegExp }[] =>
  rows.map(([kind, pattern]) => ({
    kind,
    pattern: new RegExp(spaced ? `(?<![\\p{L}\\p{N}_-])(?:${pattern})` : pattern, 'giu'),
  }));

const ROWS: Readonly<Record<Language, readonly { kind: SuccessKind; pattern: RegExp }[]>> = {
  en: compile(EN, true),
  de: compile(DE, true),
  fr: compile(FR, true),
  es: compile(ES, true),
  zh: compile(ZH, false),
  ja: compile(JA, false),
};

/** A negated or a failed success is none. What denies a problem is one. */
const DENIED: Readonly<Record<Language, RegExp>> = {
  en: /(?<![\p{L}])(?:not|never|no longer|cannot|n[’']t|isn.t|aren.t|wasn.t|hasn.t|haven.t|didn.t|doesn.t|no|none|nobody|neither|nor|without|fails?|failed|failing|failure|red|half of|only|except|almost|nearly|partly|partially|rejected|refused|yet|still|waiting|pending|until|instead|tried|attempt(?:ed)?|stopped|killed|crashed|aborted|broke)(?![\p{L}])/iu,
  de: /(?<![\p{L}])(?:nicht|noch kein\p{L}*|kein\p{L}*|nie|niemals|fehlgeschlagen|schlug|rot|abgebrochen|teilweise|fast|nur|bisher|abgelehnt|außer|ohne)(?![\p{L}])/iu,
  fr: /(?<![\p{L}])(?:ne|n(?=['’])|pas|jamais|aucune?|ni|échoué|échoue\p{L}*|rouges?|interrompu\p{L}*|partiel\p{L}*|presque|seulement|refusée?|sauf|sans)(?![\p{L}])/iu,
  es: /(?<![\p{L}])(?:no|nunca|ningún|ninguna|ningun|tampoco|falló|fallan?|fallaron|roj[oa]s?|parcial\p{L}*|casi|solo|sólo|rechazad\p{L}*|excepto|sin)(?![\p{L}])/iu,
  zh: /没有|没能|未(?!来)|尚|不(?!同|但|仅)|失败|仅|部分|除了|被拒/u,
  ja: /ません|ない(?!か)|なかった|まだ|失敗|未(?!来)|ず(?:に|、)|一部|のみ|拒否/u,
};
const NO_PROBLEM =
  /(?:without|with no|no) (?:any )?(?:\w+ )?(?:problems?|errors?|incidents?|issues?|trouble|warnings?|failures?|regressions?|complaints|hitch|fail)|ohne (?:fehler|probleme?|zwischenfälle?|befund|beanstandung(?:en)?|abbruch)|fehlerfrei|sans (?:incident|erreur|problème|faute|accroc)s?|sin (?:errores|problemas|incidentes|fallos|novedad)|not a single (?:failure|error)|no tests? (?:fails|failed)|keine (?:regressionen|regression|verschlechterung)|aucune régression|ninguna regresión|没有(?:任何|出现)?(?:回归|退化|报错|问题)|无回归|未发现(?:任何)?(?:回归|退化)|問題(?:なく|なし|ありません)|エラーなし|見つかりません|still (?:pass|passes|green|match|build|builds)/giu;

/** "When the migration is done" says nothing of whether it is. */
const SUBORDINATE =
  /^\s*(?:when|once|until|before|if|as soon as|unless|wenn|sobald|bevor|bis|falls|quand|lorsque|dès que|avant|si|cuando|en cuanto|antes|hasta)(?![\p{L}])/iu;

const DENIED_BEHIND =
  /^[^.;]{0,40}(?<![\p{L}])(?:yet|except|but not|only for|before half|half of|noch nicht|sauf|excepto|salvo|apart from)(?![\p{L}])/iu;

/** The successes that a part of a sentence states. `offset`: where the part begins in its sentence. */
export function successesIn(part: string, offset: number, language: Language, numbers: readonly Said[]): SaidSuccess[] {
  const found: SaidSuccess[] = [];
  const sentenceBetween = (from: number, to: number): string => part.slice(from - offset, to - offset);
  for (const { kind, pattern } of ROWS[language]) {
    for (const match of part.matchAll(pattern)) {
      const start = offset + match.index;
      const end = start + match[0].length;
      if (
        found.some(
          (other) =>
            start < other.end + (other.kind === kind && !/ and /u.test(sentenceBetween(other.end, start)) ? 12 : 3) &&
            other.start < end,
        )
      )
        continue;
      if (isDenied(part, match.index, match.index + match[0].length, language, kind)) continue;
      found.push({ ...withNumber(kind, part, offset, start, end, numbers), tail: part.slice(match.index) });
    }
  }
  return found.sort((one, other) => one.start - other.start);
}

/** The clause around a statement: a denial behind a comma is one of something else. */
function isDenied(part: string, start: number, end: number, language: Language, kind: SuccessKind): boolean {
  const before = part.slice(0, start);
  const from = Math.max(before.lastIndexOf(','), before.lastIndexOf('，'), before.lastIndexOf('、')) + 1;
  const behind = /^[^,，、]{0,60}/u.exec(part.slice(end))?.[0] ?? '';
  if (kind === 'no-regression' || kind === 'lint') return false;
  const clause = part.slice(from, end).replaceAll(NO_PROBLEM, ' ');
  if (SUBORDINATE.test(part.slice(from, start))) return true;
  return (
    DENIED[language].test(clause) ||
    DENIED_BEHIND.test(behind) ||
    (language !== 'en' && DENIED[language].test(behind.replaceAll(NO_PROBLEM, ' ').slice(0, 15)))
  );
}

/** A number in the subject belongs to the statement: "all 15 loop tests pass". */
function withNumber(
  kind: SuccessKind,
  part: string,
  offset: number,
  start: number,
  end: number,
  numbers: readonly Said[],
): Omit<SaidSuccess, 'tail'> {
  const clauseStart =
    offset +
    Math.max(
      0,
      ...[', ', ' and ', ': ', ' und ', ' et ', ' y ', '，'].map((mark) => {
        const at = part.lastIndexOf(mark, Math.max(0, start - offset - 1));
        return at < 0 ? 0 : at + mark.length;
      }),
    );
  const own = numbers.filter(
    (said) =>
      said.start >= clauseStart &&
      said.start < end &&
      !said.unit &&
      Number.isInteger(said.value) &&
      ((kind !== 'deploy' && kind !== 'push') ||
        !PLACE_BEFORE.test(part.slice(Math.max(0, said.start - offset - 60), said.start - offset))),
  );
  const counted = kind === 'train' ? (own.find((said) => said.start >= start) ?? own[0]) : own[0];
  const from = counted && counted.start < start ? counted.start : start;
  return {
    kind,
    start: from,
    end,
    value: counted?.value ?? null,
    subject: part.slice(clauseStart - offset, end - offset),
    lead: part.slice(clauseStart - offset, start - offset),
  };
}

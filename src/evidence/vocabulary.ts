/**
 * What things that are measured are called, in prose and in logs. A term is known by its id; the phrases are written as
 * `normal()` leaves them: lower case, no accents, parts of a name apart. A trailing * stands for any ending.
 */
type Row = readonly [id: string, phrases: string];

/** Metrics that are never another one: a number of one is no evidence for the other. */
export const METRICS: readonly Row[] = [
  [
    'accuracy',
    'accuracy|acc|top 1|top1|genauigkeit|treffergenauigkeit|exactitude|exactitud|justesse|准确率|準確率|精度|正解率|正确率',
  ],
  ['balanced-accuracy', 'balanced accuracy|bal acc|balanced acc'],
  ['top5', 'top 5|top5|top 5 accuracy|top5 acc'],
  ['precision', 'precision|prec|ppv|prazision|精确率|适合率|適合率|查准率'],
  [
    'recall',
    'recall|tpr|sens|sensitivity|rappel|sensibilite|sensibilidad|exhaustividad|trefferquote|sensitivitat|召回率|查全率|再現率|感度',
  ],
  ['specificity', 'specificity|tnr|spezifitat|specificite|especificidad|特异度'],
  [
    'fpr',
    'fpr|false positive rate|false alarm rate|falsch positiv rate|fehlalarm*|faux positifs|falsos positivos|误报率',
  ],
  ['f1', 'f1|f 1|f1 score|f score|f mass|f measure|f1 wert|f1 mass|f1 值|f1 スコア|f 值|f 値'],
  ['auc', 'auc|roc auc|auroc|rocauc|area under|auc roc'],
  ['pr-auc', 'pr auc|auprc|prauc|aucpr|average precision|ap'],
  ['gini', 'gini'],
  ['ks', 'ks'],
  ['mcc', 'mcc'],
  ['kappa', 'kappa'],
  [
    'r2',
    'r2|r 2|r squared|r2 score|bestimmtheitsmass|explain* of the variance|variance explained|explained variance|决定系数|決定係数',
  ],
  [
    'mae',
    'mae|mean absolute error|absolute error|mittlere* absolute* fehler|mittlerer absoluter fehler|absoluten fehler|erreur absolue|error absoluto|平均绝对误差|平均絶対誤差',
  ],
  ['rmse', 'rmse|root mean squared error|root mean square error|wurzel des mittleren|均方根误差|二乗平均平方根誤差'],
  [
    'mse',
    'mse|mean squared error|squared error|mittlere quadratische|erreur quadratique|error cuadratico|均方误差|平均二乗誤差',
  ],
  ['mape', 'mape'],
  ['smape', 'smape|s mape'],
  ['wape', 'wape'],
  ['mase', 'mase'],
  ['pinball', 'pinball|quantile loss|crps'],
  [
    'wer',
    'wer|word error rate|word error|wortfehlerrate|taux d erreur mot*|taux d erreur sur les mots|tasa de error de palabras|词错误率|字错率|単語誤り率',
  ],
  ['cer', 'cer|character error rate|zeichenfehlerrate|字符错误率|文字誤り率'],
  ['der', 'diarization error*|diarisation error*'],
  ['eer', 'eer|equal error rate'],
  ['loss', 'loss|losses|verlust|perte|perdida|损失|損失'],
  ['log-loss', 'log loss|logloss|cross entropy|nll|binary logloss|kreuzentropie|交叉熵'],
  ['perplexity', 'perplexity|ppl|perplexitat|perplexite|perplejidad|困惑度|パープレキシティ'],
  ['bpc', 'bpc|bits per character|bpb|bits per byte'],
  ['bleu', 'bleu|sacrebleu'],
  ['chrf', 'chrf'],
  ['comet', 'comet'],
  ['meteor', 'meteor'],
  ['bertscore', 'bertscore|bert score'],
  ['rouge-1', 'rouge 1|rouge1|r1'],
  ['rouge-2', 'rouge 2|rouge2'],
  ['rouge-l', 'rouge l|rougel|rouge lsum|rougelsum'],
  ['exact-match', 'exact match|exact matches|em'],
  ['map', 'map|mean average precision'],
  ['map50', 'map50|map 50|ap50|map 0 5'],
  ['map50-95', 'map50 95|map 50 95|map 0 5 0 95|map5095'],
  ['iou', 'iou|miou|m iou|jaccard|mean iou'],
  ['dice', 'dice'],
  ['pq', 'panoptic quality'],
  ['psnr', 'psnr'],
  ['ssim', 'ssim'],
  ['fid', 'fid'],
  ['ndcg', 'ndcg'],
  ['mrr', 'mrr'],
  ['hit-rate', 'hit rate|hitrate|hit ratio|trefferrate'],
  ['brier', 'brier'],
  ['ece', 'ece|calibration error'],
  ['silhouette', 'silhouette'],
  ['psi', 'psi|population stability index'],
  ['mmd', 'mmd|mmd2|mmd 2'],
  ['kl', 'kl divergence|kl'],
  ['reward', 'reward|return per episode|mean return|episode return|belohnung|recompense|recompensa'],
  ['ctr', 'ctr|click through*|click rate|clicks|klickrate|taux de clic|clickthrough'],
  ['conversion', 'conversion|conversions|conv|conversion rate|konversion*|conversion*'],
  ['revenue', 'revenue per user|arpu|revenue|umsatz|chiffre d affaires|ingresos'],
  ['p-value', 'p|p value|p wert|p valeur|valor p|p 值|p 値|significance'],
  ['mean-brightness', 'brightness|helligkeit'],
  ['confidence', 'conf|confidence|konfidenz'],
  ['rtf', 'rtf|real time|real time factor'],
  ['grad-norm', 'grad norm|gradient norm|gnorm|norm of the gradient'],
  [
    'code-coverage',
    'branch coverage|line coverage|statement coverage|test coverage|testabdeckung|couverture|cobertura|カバレッジ|覆盖率',
  ],
  ['throughput', 'throughput|durchsatz|debit|rendimiento|吞吐*|スループット'],
  [
    'latency',
    'latency|latencies|latenz|latenzen|latence|latencia|response time*|antwortzeit*|temps de reponse|tiempo de respuesta|延迟|レイテンシ|応答時間|时延|響應時間',
  ],
];

/** Which part of the data. */
export const SPLITS: readonly Row[] = [
  ['train', 'train|training|trainings*|trainingsdaten|entrainement|apprentissage|entrenamiento|训练|訓練|学習'],
  ['val', 'val|valid|validation|dev|validierung*|validacion|验证|検証|開発'],
  ['test', 'test|tests set|testset|testdaten|testmenge|testbilder|prueba|測試|测试|テスト|holdout|hold out|held out'],
];

/** Which statistic of several values. */
export const STATISTICS: readonly Row[] = [
  ['mean', 'mean|avg|average|averages|mittel|mittlere*|mittelwert|durchschnitt*|moyen*|media|promedio|medio|平均*'],
  ['median', 'median|med|p50|p 50|mediane|mediana|50th percentile|50 %|50%|50 perzentil|中位*|中央値'],
  ['p90', 'p90|p 90|90th percentile|90e percentile|90 perzentil|percentil 90'],
  ['p95', 'p95|p 95|95th percentile|95e centile|95e percentile|95 perzentil|percentil 95|95 パーセンタイル'],
  ['p99', 'p99|p 99|99th percentile|99e centile|99e percentile|99 perzentil|percentil 99|99 パーセンタイル'],
  ['p999', 'p999|p99 9|99 9th percentile'],
  [
    'std',
    'std|sd|stddev|stdev|std dev|standard deviation|variation|standardabweichung|ecart type|desviacion*|spread|标准差|標準偏差|streuung',
  ],
  [
    'max',
    'max|maximum|peak|maximal*|longest|largest|slowest|worst case|langste*|langsamste*|plus long*|hochste*|spitzen*|maximum|maximo|pico|pic|最大|最長|峰值|ピーク',
  ],
  ['min', 'min|minimum|shortest|smallest|fastest|minimal*|minimo|最小|最短|最低'],
];

/** Words that mean the same in an answer and in a log. Sharing one is a hint, having none is no contradiction. */
export const SAME: readonly Row[] = [
  ['mem', 'memory|mem|ram|vram|rss|speicher|hauptspeicher|memoire|memoria|内存|显存|メモリ'],
  ['size', 'size|gross|grosse|taille|tamano|large|大小|サイズ'],
  ['params', 'params|parameters|parameter|parametres|parametros|weights|参数|パラメータ'],
  ['width', 'width|wide|breite|largeur|ancho'],
  ['length', 'length|long|lange|duration|dauer|longueur|duree|longitud|duracion|长|長'],
  ['rows', 'rows|row|records|lines|samples|zeilen|lignes|filas|lignes|muestras|样本*|件数|行数|行|条|件'],
  ['files', 'files|file|dateien|fichiers|archivos|文件|ファイル'],
  ['images', 'images|image|pictures|frames|bilder|bild|imagenes|imagen|图像|图片|画像|枚|张'],
  ['users', 'users|user|nutzer|utilisateurs|usuarios|用户|ユーザー'],
  [
    'requests',
    'requests|request|responses|response|answers|reqs|req|calls|anfragen|requetes|solicitudes|peticiones|请求|リクエスト',
  ],
  ['errors', 'errors|error|failed|failures|failure|fails|fail|fehler|erreurs|errores|失败|失敗|エラー'],
  ['tokens', 'tokens|token|tok|トークン'],
  ['speech', 'words|word|vocabulary|vocab'],
  ['unknown', 'unknown|out of vocabulary|oov|unbekannt*'],
  ['person', 'person|people|persons|pedestrian*|personen'],
  ['women', 'women|woman|female|f'],
  ['men', 'men|man|male|m'],
  [
    'speed',
    'speed|fps|frames per second|it s|tok s|iterations per second|img s|images per second|images s|tokens s|tokens per second',
  ],
  ['inference', 'inference|inferenz|predict*|prediction*|推論|推理|vorhersage*|inferencia'],
  ['score', 'score|scores|rating|bewertung*|评分|評価|点'],
  ['empty', 'empty|leer*|vide*|vacio*|length 0|空'],
  ['duplicate', 'duplicate*|dup|dups|doppelt*|duplikat*|doublon*|duplicad*|重复|重複'],
  ['missing', 'missing|null|nulls|nan|na|fehlend*|manquant*|faltan*|缺失|欠損'],
  ['time', 'time|elapsed|took|takes|seconds|zeit|temps|tiempo|wall|ran|耗时|時間|用时'],
  ['total', 'total|overall|gesamt|insgesamt|aggregated|合计|合計|总*|全体'],
  ['unique', 'unique|distinct|eindeutig*'],
  ['class', 'class|classes|klassen|klasse|clase|clases|类|クラス'],
  ['best', 'best|beste*|meilleur*|mejor*|最佳|最好|最良'],
  ['treatment', 'treat|treatment|variant|new ranker'],
  ['control', 'control|kontroll*'],
  ['cache', 'cache'],
  ['baseline', 'baseline|naive|basis*'],
  ['fresh', 'fresh|new'],
  [
    'interval',
    'interval|intervals|ci|confidence interval|konfidenzintervall|intervall|intervalle|intervalo|信頼区間|置信区间',
  ],
  ['share', 'share|fraction|ratio|proportion|percentage|anteil|part|proporcion|割合|占比|比例'],
  ['box', 'boxes|box|instances|objects|annotations|labels'],
];

/** Words that say nothing about which number is meant. */
export const EMPTY_WORDS = new Set(
  (
    'the a an of and or is are was were be been has have had in on at to for from by with as it its this that these those so than then ' +
    'now also still too very only just about around roughly all both each per not no more less most least one two three we i you they ' +
    'he she our my there here which who what when while after before over under between into out up down again already value values number ' +
    'der die das den dem des ein eine einen und oder ist sind war waren wird werden hat haben im in auf bei mit von zu zum zur fur als nach ' +
    'le la les l un une des du de d et ou est sont a au aux en dans sur pour par avec il elle on se el los las y o es son del al con por para lo un una ' +
    'run runs job python py result results got get gets reached reaches falls rose ended ends shows show comes lies liegt betragt erreicht ' +
    'atteint alcanza alcanz its im am e s ' +
    'ete fue fueron ha han hemos esta estan ser wurde wird werden worden wurden worden hasta yesterday today tomorrow again too afterwards meanwhile pendant durant aussi bien tres plus moins encore deja tous toutes tout gestern heute auch wieder noch schon sehr ' +
    'nur alle allen ayer hoy tambien ya muy mas todas todos todo durante make makes made up took take takes like good bit old using used use'
  ).split(' '),
);

import { isBeginning } from './fit';
import type { Outcome, SourceIndex } from './match';
import { valuesIn, type Indexed } from './sources';
import type { SaidSuccess, SuccessKind } from './success-words';
import { termsOf } from './terms';

/** What shows that a thing of this kind went well, and what shows that it did not. Ending with 0 alone shows nothing. */
interface Shown {
  /** By what a run of this kind is known. */
  title: RegExp;
  line: RegExp;
  bad?: RegExp;
}

const TEST_LINE =
  /(?<![\d.])[1-9]\d* (?:passed|passing)|(?<![\d.])[1-9]\d* tests? (?:passed|ok)|Tests:\s+.*[1-9]\d* passed|test result: ok\. [1-9]|^OK(?: \(|$)|^ok\s+\S+|100% tests passed|Tests run: [1-9]\d*, Failures: 0, Errors: 0|# pass [1-9]|(?<![\d.])([1-9]\d*)\/\1 (?:\w+ )?ok|"status":\s?"ok"|^✓|^PASS(?:ED)?(?![\p{L}])|All checks? passed|\d+ examples?, 0 failures|[1-9]\d* tests completed, 0 failed|BUILD SUCCESSFUL|[1-9]\d* ok, 0 failed/iu;
const TEST_BAD =
  /(?<![\d.])[1-9]\d* (?:failed|failing|errors?)(?![\p{L}])|^FAIL|no tests (?:found|ran|collected)|(?<!\d)0 (?:passed|tests)|collected 0 items/iu;
const DONE =
  /(?<![\p{L}])(?:done|passed|finished|completed?|success(?:ful|fully)?|succeeded|saved|written|wrote|exported|ok|all good|fertig|abgeschlossen|gespeichert|geschrieben|terminé\p{L}*|termine|fini|sauve\p{L}*|enregistré|écrit|terminado|completado|guardado|listo|finalizado)(?![\p{L}])|100 ?%|完成|完了|保存|成功|终了|終了|✓|✔/iu;
const BAD =
  /(?<![\p{L}])(?:rejected|denied|refused|error|failed|failure|fatal|traceback|timed out|waiting for|aborted|killed|unhealthy|crashloopbackoff|pending|skipp(?:ed|ing)|nothing to do|dry[- ]run|not found|cancell?ed|incomplete|no such)(?![\p{L}])|0 of \d+ updated/iu;

const SHOWN: Readonly<Record<SuccessKind, Shown>> = {
  tests: {
    title: /test|jest|vitest|mocha|tox|nox|spec|check|ctest|smoke|verify|\bci\b/iu,
    line: TEST_LINE,
    bad: TEST_BAD,
  },
  lint: {
    title: /lint|ruff|mypy|flake8|black|prettier|tsc|typecheck|pyright|clippy|pylint/iu,
    line: /\S/u,
    bad: /(?<![\d.])[1-9]\d* (?:errors?|problems?|warnings?)|error:|would reformat/iu,
  },
  train: {
    title: /train|fit|finetune|fine_tune|tune|entrain|entren|affin|ajust|trainier|pretrain|sweep|学习|backtest/iu,
    line: /(?:epoch|epoche|epoca|epoque|época|époque)\s*[:=]?\s*\d|step\s*[:=]?\s*\d|iteration\s*\d|max_(?:epochs|steps)=\d+` reached|resum|fertig|fini|saved|model\w* sau|training (?:finished|complete|done)|done|finished|complete|终|完成|完了|エポック|轮|terminado|guardado|época|époque/iu,
    bad: /(?<![\p{L}])nan(?![\p{L}])|out of memory|killed|traceback/iu,
  },
  finish: { title: /\S/u, line: DONE, bad: BAD },
  build: {
    title:
      /build|compile|make|tsc|webpack|vite|docker(?: compose| buildx)? build|sphinx|mkdocs|cargo|wheel|package|bundle|gradle|mvn/iu,
    line: /built|build (?:succeeded|success|complete|finished|ok)|successfully (?:built|tagged)|naming to|compiled|finished .*target|exporting to image|✓|BUILD SUCCESS|created dist|wrote|webpack .* compiled|(?:^|\s)done(?![\p{L}])/iu,
    bad: /(?<![\p{L}])(?:error|failed|fatal)(?![\p{L}])/iu,
  },
  push: {
    title: /push|publish|upload|release|merge|twine|hf |huggingface|aws s3|gsutil|mlflow|register/iu,
    line: /pushed|digest: sha256|->|published|uploaded|operation completed|upload(?:ing)? .*100%|view at|\+ \S+@\d|merged|release created|everything up-to-date|created version|registered model/iu,
    bad: /rejected|denied|error|failed|fatal|would be|dry[- ]run|403|401/iu,
  },
  deploy: {
    title: /deploy|helm|kubectl|rollout|terraform|apply|ansible|serverless|gcloud|fly |release|upgrade|argo/iu,
    line: /successfully rolled out|STATUS: deployed|deployed|has been upgraded|configured|promoted|apply complete|is live|rolled out|healthy/iu,
    bad: /waiting for|timed out|error|failed|rollback|exceeded its progress deadline|unavailable|pending|not (?:yet )?(?:deployed|ready)|dry[- ]run/iu,
  },
  healthy: {
    title: /kubectl|docker|curl|health|status|systemctl|ps|get|probe/iu,
    line: /(?<!\d)([1-9]\d*)\/\1(?!\d)|healthy|running|200 OK|"ok"|active \(running\)|ready/iu,
    bad: /(?<!\d)0\/[1-9]|CrashLoopBackOff|Pending|ImagePull|unhealthy|Error|Evicted|OOMKilled|NotReady|not ready/u,
  },
  'no-regression': {
    title: /\S/u,
    line: /no regressions?|0 regressions?|regressions?: 0|regressed: 0|keine regression/iu,
  },
};

/** Words of a statement that do not say what exactly went well. */
const GENERAL = new Set(
  termsOf(
    'tests test suite suites pass passes passed passing linting remote registry green checks snapshots match model network training trained train run runs job jobs finished completed complete ' +
      'done successfully successful succeed succeeds succeeded success compiles builds image images version build builds built pushed published deployed rolled live released everything whole entire ' +
      'small new old first second last well fix patch change changes place clean cleanly time steps step epochs epoch reached without problems errors incident ' +
      'änderungen modifications cambios commits three two four five six seven eight nine ten eleven twelve fast slow planned all new best unit type types check static analysis branch commit applied lang through good healthy available ready service services branch code up fully correctly right work works state ' +
      'reports nothing say complain object eslint lint linter box gpu cpu machine modell lauf läufe alle durchgelaufen laufen durch bestanden erfolgreich abgeschlossen fertig training epochen ' +
      'modèle entraîné entraînement époques passent tous toutes réussi terminé construit publié déployé aussi bien ' +
      'modelo entrenado entrenamiento épocas pasan pruebas todas terminó completado publicada publicado desplegado imagen ya requests request',
  ).map(({ id }) => id),
);

/** Of several runs these choose one, but a run need not name them. */
const SOFT = new Set(termsOf('pods replicas replikate réplicas instances workers').map(({ id }) => id));

const NONE: Outcome = { verdict: 'unsupported', evidence: null, also: [] };

/** Whether a run of the right kind, of the right thing, shows that it went well. */
export function judgeSuccess(said: SaidSuccess, { all }: SourceIndex): Outcome {
  const shown = SHOWN[said.kind];
  const runs = all.filter(({ source }) => (source.kind === 'run' || source.kind === 'job') && !source.isRunning);
  const ofKind = runs.filter((run) => isOfKind(run, said.kind, shown));
  const scope = scopeOf(said);
  const ranked = ofKind
    .map((run) => ({ run, covered: scope.filter((term) => covers(run, term)).length }))
    .sort((one, other) => other.covered - one.covered || other.run.source.at - one.run.source.at);
  const top = ranked[0]?.covered ?? 0;
  if (scope.some((term) => !SOFT.has(term)) && top === 0) {
    // A number of tests tells which run is meant as well as a name.
    return said.kind === 'tests' && (said.value ?? 0) >= 10 ? bearing(inOrder(said, ofKind), said, shown) : NONE;
  }
  const equal = ranked.filter(({ covered }) => covered === top).map(({ run }) => run);
  if (
    (isAboutAll(said) && failsAny(said, equal)) ||
    (isEverything(said) && ofKind.some((run) => isLastOfIts(run, ofKind) && run.source.failed))
  )
    return NONE;
  return bearing(inOrder(said, equal), said, shown);
}

function isOfKind({ source }: Indexed, kind: SuccessKind, { title, line }: Shown): boolean {
  if (kind === 'tests' && SHOWN.lint.title.test(source.title) && !/test/iu.test(source.title)) return false;
  if (kind === 'finish' || kind === 'no-regression') return true;
  if (
    kind === 'train' &&
    source.lines.slice(-200).some((text) => /(?:epoch|step|iter)\p{L}*\W{1,4}\d/iu.test(text) && /loss/iu.test(text))
  )
    return true;
  return (
    title.test(source.title) ||
    (kind !== 'lint' &&
      kind !== 'healthy' &&
      kind !== 'train' &&
      source.lines.slice(-200).some((text) => line.test(text)))
  );
}

function scopeOf({ subject: whole, lead, tail, kind }: SaidSuccess): string[] {
  const subject = kind === 'train' || kind === 'push' || kind === 'deploy' ? lead : whole;
  const where =
    kind === 'deploy' || kind === 'push'
      ? (/(?<![\p{L}])(?:to|in|on|at|nach|auf|im|ins|sur|dans|vers|en|al|a|for)\s[^,.;:]{1,60}/u.exec(tail)?.[0] ?? '')
      : '';
  const words = `${subject} ${where}`.replace(/^[\s\-*>]*\[[ x]\]/iu, ' ');
  const terms = termsOf(words).filter(
    (term) =>
      (term.kind === 'word' || term.kind === 'split') && /\p{Script=Latin}/u.test(words.slice(term.start, term.end)),
  );
  const raw =
    subject
      .match(/[\p{L}\d]{3,}/gu)
      ?.filter((word) => /\p{Ll}\p{Lu}/u.test(word))
      .map((word) => word.toLowerCase()) ?? [];
  const joined = [...subject.matchAll(/[\p{L}\d]+(?:-[\p{L}\d]+)+/gu)].map(([word]) =>
    word.toLowerCase().replaceAll('-', ''),
  );
  return [...new Set([...terms.map(({ id }) => id), ...joined, ...raw])].filter((id) => !GENERAL.has(id));
}

/** What a thing is done with. */
const ALIASES: readonly (readonly [RegExp, RegExp])[] = [
  [/^rust/u, /cargo/iu],
  [/^(?:searc|sweep)/u, /tun(?:e|ing)|search|sweep|optuna|grid|hpo/iu],
  [/^light/u, /lgb/iu],
  [/^xgboo/u, /xgb/iu],
  [/^pytho/u, /py(?:test|thon)/iu],
  [/^(?:javas|types|front|js$)/u, /npm|jest|vitest|mocha|yarn|pnpm/iu],
  [/^(?:branc|commi)/u, /git push/iu],
  [/^(?:image|abbil)/u, /docker|podman|buildx|kaniko/iu],
  [/^(?:migra|datab|schem)/u, /alembic|migrat|flyway|liquibase|prisma/iu],
  [/^(?:doc|docs|docum)/u, /sphinx|mkdocs|docs|doc\b/iu],
  [/^(?:noteb)/u, /jupyter|nbconvert|papermill|ipynb/iu],
];

function covers({ source, title }: Indexed, term: string): boolean {
  if (ALIASES.some(([named, by]) => named.test(term) && by.test(source.title))) return true;
  if (
    term.length > 3 &&
    source.title
      .toLowerCase()
      .replaceAll(/[^a-z\d]/gu, '')
      .includes(term)
  )
    return true;
  if (title.some(({ id }) => id === term || isBeginning(id, term))) return true;
  return source.lines.slice(0, 400).some((line) => termsOf(line.slice(0, 300)).some(({ id }) => id === term));
}

function isAboutAll({ subject, kind }: SaidSuccess): boolean {
  if (kind !== 'train' && kind !== 'finish') return false;
  return (
    /(?<![\p{L}])(?:all|every|alle|tous|toutes|todos|todas)(?![\p{L}])|所有|全部|すべて/iu.test(subject) &&
    /runs?|jobs?|läufe|exécutions|ejecuciones|实验|任务/iu.test(subject)
  );
}

/** "Everything is green": no test run that was not made good since may have failed. */
function isEverything(said: SaidSuccess): boolean {
  const { kind, subject, value } = said;
  return (
    scopeOf(said).length === 0 &&
    kind === 'tests' &&
    value === null &&
    /(?<![\p{L}])(?:everything|all|alle|tous|toutes|todas|todos)(?![\p{L}])|所有|全部|すべて/iu.test(subject)
  );
}

function isLastOfIts(run: Indexed, runs: readonly Indexed[]): boolean {
  return !runs.some((other) => other.source.title === run.source.title && other.source.at > run.source.at);
}

function failsAny(_said: SaidSuccess, runs: readonly Indexed[]): boolean {
  return runs.some(({ source }) => source.failed);
}

/** "The first run" is the first; else the last of its kind counts, since it tells how things are now. */
function inOrder({ subject }: SaidSuccess, runs: readonly Indexed[]): Indexed[] {
  const byTime = runs.toSorted((one, other) => other.source.at - one.source.at);
  return /(?<![\p{L}])(?:first|erste[rns]?|premi[eè]re?|primer[oa]?)(?![\p{L}])|第一/iu.test(subject)
    ? byTime.toReversed().slice(0, 1)
    : byTime;
}

function bearing(runs: readonly Indexed[], said: SaidSuccess, shown: Shown): Outcome {
  if (said.kind === 'tests' && isOfWhole(said) && runs.every(({ source }) => isPartial(source.title))) return NONE;
  const isUnscoped = said.kind === 'tests' && scopeOf(said).length === 0;
  let stale: Outcome | undefined;
  for (const run of runs) {
    const line = lineThatShows(run, said, shown);
    if (line === undefined) {
      // What failed last is not made good by what went well before it, unless a number tells them apart.
      if (
        (run.source.failed || !run.bears) &&
        said.value === null &&
        (runs.length === 1 || isUnscoped || runs.some((other) => other !== run && baseOf(other) === baseOf(run)))
      )
        break;
      continue;
    }
    const outcome: Outcome = {
      verdict: run.isStale ? 'stale' : 'supported',
      evidence: { source: run.source.id, line: line + (run.source.firstLine ?? 1) },
      also: [],
    };
    if (!run.isStale) return outcome;
    stale ??= outcome;
  }
  return stale ?? NONE;
}

/** A command without its options: the same check, run again. */
function baseOf({ source }: Indexed): string {
  return source.title.replaceAll(/\s-{1,2}\S+/gu, '').trim();
}

function isOfWhole({ subject }: SaidSuccess): boolean {
  return /(?<![\p{L}])(?:whole|entire|full|complete)(?![\p{L}])|gesamte|toute la suite|toda la suite|全部测试/iu.test(
    subject,
  );
}

/** Some of the tests were chosen: by a path, a mark or an expression. */
function isPartial(title: string): boolean {
  return /(?:^|\s)-[km]\s|::|tests?\/\w|\.test\.|_test\.|test_\w+\.py|--grep|-g\s/u.test(title);
}

function lineThatShows({ source, bears }: Indexed, said: SaidSuccess, { line, bad }: Shown): number | undefined {
  if (!bears) return undefined;
  // What was waited for has come when the run goes on to say so.
  const last =
    said.kind === 'deploy' || said.kind === 'finish' || said.kind === 'push'
      ? source.lines.findLastIndex((text) => line.test(text))
      : -1;
  if (bad && source.lines.some((text, at) => bad.test(withoutZeros(text)) && (at >= last || !PASSING.test(text))))
    return undefined;
  if (said.kind === 'lint' || (said.kind === 'finish' && /nbconvert|papermill|jupyter execute/iu.test(source.title)))
    return source.lines.length - 1;
  for (let at = source.lines.length - 1; at >= 0; at--) {
    const text = source.lines[at] ?? '';
    if (
      line.test(text) &&
      showsNumber(said, text) &&
      (!/merg/iu.test(said.tail.slice(0, 60)) || said.kind !== 'push' || /merg/iu.test(text))
    )
      return at;
  }
  // What came to its end and printed numbers has been done, whatever its words are.
  if ((said.kind === 'train' || (said.kind === 'finish' && scopeOf(said).length > 0)) && said.value === null) {
    const at = source.lines.findLastIndex((text) =>
      said.kind === 'train' ? valuesIn(text).length > 0 : text.trim() !== '',
    );
    return at < 0 ? undefined : at;
  }
  return undefined;
}

/** "0 failed", "errors: 0" tell of no failure. */
function withoutZeros(text: string): string {
  return text.replaceAll(
    /(?<![\d.])0 (?:failed|errors?|warnings?|failures|failing|skipped|rejected|pending)|(?:failed|errors?|warnings?|failures|skipped|rejected|pending)["']?\s?[:=]?\s?0(?![\d.])/giu,
    ' ',
  );
}

const PASSING = /waiting|pending|not (?:yet )?ready|retry|unavailable|0 of \d+/iu;

/** "trained for 20 epochs", "all 15 tests": the line has the number too. */
function showsNumber({ value }: SaidSuccess, text: string): boolean {
  return (
    value === null ||
    valuesIn(text).some((number) => number.value === value) ||
    new RegExp(`=${String(value)}(?!\\d)`, 'u').test(text)
  );
}

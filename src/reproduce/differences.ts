import type { LedgerFile, RunRecord } from '../ledger/record';
import { seedsText } from '../ledger/repeats';

/** What is not as it was when the run was made. */
export interface Difference {
  kind: 'code' | 'data' | 'packages' | 'hardware' | 'seed';
  /** What then, what now. */
  text: string;
}

/** What two records of the same command tell apart, aspect by aspect. Pure. */
export function differencesOf(then: RunRecord, now: RunRecord): Difference[] {
  return [
    ...codeDifferences(then, now),
    ...fileDifferences('code', then.sources ?? [], now.sources ?? []),
    ...fileDifferences('data', then.data, now.data),
    ...told('packages', 'Python', then.environment.python, now.environment.python),
    ...told('packages', '', lockText(then), lockText(now)),
    ...told('hardware', 'GPUs', then.environment.gpus?.join(', '), now.environment.gpus?.join(', ')),
    ...told('seed', '', seedsText(then), seedsText(now)),
  ];
}

function codeDifferences({ code: then }: RunRecord, { code: now }: RunRecord): Difference[] {
  if (then?.commit !== now?.commit) return told('code', 'commit', then?.commit, now?.commit);
  if (then?.dirty && then.diff === undefined)
    return [{ kind: 'code', text: 'it ran with changes that were not committed, and they were not kept' }];
  return told('code', 'changes that were not committed', then?.diff?.slice(0, 12), now?.diff?.slice(0, 12));
}

function told(kind: Difference['kind'], what: string, then: string | undefined, now: string | undefined): Difference[] {
  if ((then ?? '') === (now ?? '')) return [];
  const name = what === '' ? '' : `${what}: `;
  return [{ kind, text: `${name}${then || 'none recorded'} then, ${now || 'none'} now` }];
}

function fileDifferences(
  kind: Difference['kind'],
  then: readonly LedgerFile[],
  now: readonly LedgerFile[],
): Difference[] {
  return then.flatMap((file) => {
    const found = now.find(({ path }) => path === file.path);
    return told(kind, file.path, fileText(file), found ? fileText(found, file) : 'missing');
  });
}

/** By its hash; where one side has none, by its size. */
function fileText({ hash, size }: LedgerFile, other?: LedgerFile): string {
  const isHashed = hash !== undefined && (other === undefined || other.hash !== undefined);
  return isHashed ? `sha256 ${hash.slice(0, 12)}` : `${size} bytes`;
}

function lockText({ environment: { lock } }: RunRecord): string | undefined {
  return lock && `${lock.kind} ${lock.hash.slice(0, 12)}`;
}

const MAX_NAMED = 10;

/** Which packages differ between two lists of `name==version`. Pure. */
export function packageDifferences(then: string, now: string): Difference[] {
  const [before, after] = [versionsIn(then), versionsIn(now)];
  const names = [...new Set([...before.keys(), ...after.keys()])].filter(
    (name) => before.get(name) !== after.get(name),
  );
  if (names.length === 0) return [];
  const shown = names
    .slice(0, MAX_NAMED)
    .map((name) => `${name} ${before.get(name) ?? 'not there'} then, ${after.get(name) ?? 'not there'} now`);
  const more = names.length > MAX_NAMED ? [`and ${names.length - MAX_NAMED} more`] : [];
  return [{ kind: 'packages', text: [...shown, ...more].join('; ') }];
}

function versionsIn(list: string): Map<string, string> {
  const pairs = list.split('\n').flatMap((line) => {
    const [name, version] = line.split('==');
    return name && version ? [[name.toLowerCase().replaceAll('_', '-'), version] as const] : [];
  });
  return new Map(pairs);
}

import { stat } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { UserError } from '../agent/tool';
import { readBook, type Book, type BookPlace } from '../ledger/book';
import { compare, type Run } from '../ledger/parse';
import { countOf } from '../text/counting';
import { walk, type Looked } from './find';
import { READERS } from './index';
import { readMlflowServer, type MlflowServer } from './mlflow-server';
import type { Reader, Source } from './reader';
import { recordOf } from './tracked';

/** Newest first; older ones are said to be left out. */
export const MAX_TRACKED_RUNS = 10_000;
/** What was read before costs nothing, so the next look goes on from there. */
const READ_MS = 10_000;
/** A server is not asked again so soon: a model looks at a table several times in a row. */
const SERVED_MS = 15_000;
const AT_ONCE = 16;
const AT_A_STRETCH = 500;
const MAX_PROBLEMS = 5;

export interface Looking extends BookPlace {
  /** The line of `.agentignore` that names one of these paths. */
  ignores: (paths: readonly string[], cwd: string) => Promise<string | undefined>;
  /** The server that the user named. May throw UserError. */
  mlflow?: (() => MlflowServer | undefined) | undefined;
  signal: AbortSignal;
}

interface Place {
  reader: Reader;
  source: Source;
}

interface Kept {
  stamp: string;
  runs: Run[];
}

/** The ledger, with a team's runs of other trackers in the same table. Remembers what it read as long as that does not change. */
export class RunTable {
  readonly #kept = new Map<string, Kept>();
  #served: { address: string; at: number; book: Book } | undefined;

  /** Throws UserError for a ledger that cannot be read; what is wrong with a tracker is told among the problems. */
  async read(looking: Looking): Promise<Book> {
    const all = await Promise.all([readBook(looking), this.#tracked(looking), this.#ofServer(looking)]);
    const [book, tracked, served] = all;
    const problems = all.flatMap((one) => one.problems);
    if (tracked.runs.length === 0 && served.runs.length === 0) return { ...book, problems };
    // A server and its database may both be here.
    const there = new Set(tracked.runs.map(({ record }) => record.id));
    const others = served.runs.filter(({ record }) => !there.has(record.id));
    const runs = [...book.runs, ...tracked.runs, ...others].sort((a, b) => compare(a.record.at, b.record.at));
    return { runs, problems };
  }

  async #ofServer({ mlflow, signal }: Looking): Promise<Book> {
    let address = '';
    try {
      const server = mlflow?.();
      if (!server) return { runs: [], problems: [] };
      address = server.address;
      const known = this.#served;
      if (known?.address === address && Date.now() - known.at < SERVED_MS) return known.book;
      const runs = (await readMlflowServer(server, signal)).map((one): Run => {
        const record = recordOf('mlflow', one);
        return { file: `${address}/#/runs/${one.id}`, line: 0, tracker: 'MLflow', record, notes: [] };
      });
      const book = { runs, problems: [] };
      this.#served = { address, at: Date.now(), book };
      return book;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return { runs: [], problems: [address === '' ? error.message : `MLflow at ${address}: ${error.message}`] };
    }
  }

  async #tracked({ folders, ignores, signal }: Looking): Promise<Book> {
    const isIgnored = async (path: string): Promise<boolean> => (await ignores([path], path)) !== undefined;
    const places: Place[] = [];
    const isWhole = await walk({ folders, isIgnored, signal }, (looked) => takePlaces(looked, places));
    const { stamped, total } = await newestFirst(places);
    const faults: string[] = isWhole
      ? []
      : ['not all folders were looked through for runs of trackers: there are too many'];
    const runs: Run[] = [];
    const until = Date.now() + READ_MS;
    let unread = total - stamped.length;
    for (let at = 0; at < stamped.length; at += AT_ONCE) {
      signal.throwIfAborted();
      const some = stamped.slice(at, at + AT_ONCE);
      const isLate = Date.now() > until || runs.length >= MAX_TRACKED_RUNS;
      const read = await Promise.all(some.map((one) => this.#runsOf(one, { isIgnored, signal }, isLate)));
      for (const one of read) {
        if (one === 'later') unread += 1;
        else if (typeof one === 'string') faults.push(one);
        else runs.push(...one);
      }
    }
    this.#forget(places);
    const newest = runs.sort((a, b) => compare(b.record.at, a.record.at)).slice(0, MAX_TRACKED_RUNS);
    const left = runs.length - newest.length;
    if (left > 0) faults.push(`${countOf(left, 'older run|older runs')} of trackers left out`);
    if (unread > 0) faults.push(`${countOf(unread, 'place|places')} of trackers not read yet, older ones: look again`);
    const more = faults.length - MAX_PROBLEMS;
    return { runs: newest, problems: more > 0 ? [...faults.slice(0, MAX_PROBLEMS), `and ${more} more`] : faults };
  }

  async #runsOf(
    { reader, source, stamp }: Place & { stamp: string },
    world: { isIgnored: (path: string) => Promise<boolean>; signal: AbortSignal },
    isLate: boolean,
  ): Promise<Run[] | 'later' | `${string}: ${string}`> {
    const known = this.#kept.get(source.file);
    if (known?.stamp === stamp) return known.runs;
    if (isLate) return 'later';
    try {
      if (await world.isIgnored(source.file)) return [];
      const tracked = await source.read(world);
      const runs: Run[] = [];
      for (const [index, one] of tracked.entries()) {
        // Ten thousand at once would hold the editor up for a second.
        if (index % AT_A_STRETCH === AT_A_STRETCH - 1) await nextTurn();
        const record = recordOf(reader.id, one);
        runs.push({ file: source.shown, line: source.line, tracker: reader.name, record, notes: [] });
      }
      if (!tracked.some(({ isOpen = false }) => isOpen)) this.#kept.set(source.file, { stamp, runs });
      return runs;
    } catch (error) {
      world.signal.throwIfAborted();
      // One that cannot be read must not hide the others, whatever is wrong with it.
      const why = error instanceof UserError ? error.message : `it could not be read (${String(error)})`;
      return `${source.shown}: ${why}`;
    }
  }

  #forget(places: readonly Place[]): void {
    const there = new Set(places.map(({ source }) => source.file));
    for (const file of this.#kept.keys()) if (!there.has(file)) this.#kept.delete(file);
  }
}

function takePlaces(looked: Looked, places: Place[]): boolean {
  for (const reader of READERS) for (const source of reader.finds(looked)) places.push({ reader, source });
  return READERS.every(({ goesOn }) => (goesOn ? goesOn(looked) : true));
}

async function newestFirst(
  places: readonly Place[],
): Promise<{ stamped: (Place & { stamp: string; mtime: number })[]; total: number }> {
  const stamped: (Place & { stamp: string; mtime: number })[] = [];
  for (let at = 0; at < places.length; at += AT_ONCE * 4)
    stamped.push(...(await Promise.all(places.slice(at, at + AT_ONCE * 4).map(stampOf))));
  stamped.sort((a, b) => b.mtime - a.mtime);
  return { stamped: stamped.slice(0, MAX_TRACKED_RUNS), total: places.length };
}

async function stampOf(place: Place): Promise<Place & { stamp: string; mtime: number }> {
  const stats = await Promise.all(place.source.watch.map((path) => stat(path).catch(() => undefined)));
  const stamp = stats.map((one) => (one ? `${one.size} ${one.mtimeMs} ${one.ino}` : '')).join('/');
  return { ...place, stamp, mtime: Math.max(0, ...stats.map((one) => one?.mtimeMs ?? 0)) };
}

import { compare, type Run } from './parse';
import { readLedger } from './read';
import { countOf } from '../text/counting';

/** The ledgers of all folders of a workspace as one. */
export interface Book {
  /** Oldest first. */
  runs: Run[];
  /** What was left out, in words. */
  problems: string[];
}

/** The workspace folders and the ledger's path below each; `undefined` where there is to be none. */
export interface BookPlace {
  folders: readonly { name: string; path: string }[];
  path: string | undefined;
}

const MAX_PROBLEMS = 5;

/** Throws UserError for a ledger that cannot be read. */
export async function readBook({ folders, path = '' }: BookPlace): Promise<Book> {
  if (path === '') return { runs: [], problems: [] };
  const read = await Promise.all(folders.map((folder) => readLedger(folder.path, path)));
  const runs: Run[] = [];
  const problems: string[] = [];
  for (const [index, ledger] of read.entries()) {
    const file = folders.length > 1 ? `${folders[index]?.name}/${path}` : path;
    for (const run of ledger.runs) runs.push({ ...run, file });
    problems.push(...ledger.unread.map(({ line, why }) => `${file}:${line} ${why}`));
    if (ledger.loose > 0) problems.push(`${file}: ${countOf(ledger.loose, 'note|notes')} on runs that are not in it`);
  }
  const more = problems.length - MAX_PROBLEMS;
  const told = more > 0 ? [...problems.slice(0, MAX_PROBLEMS), `and ${more} more`] : problems;
  return { runs: runs.sort((a, b) => compare(a.record.at, b.record.at)), problems: told };
}

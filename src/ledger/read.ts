import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../agent/tool';
import { realPath } from '../host/paths';
import { parseLedger, runsOf, type Ledger, type Run } from './parse';
import { reasonOf } from './place';

/** More than a million runs would have: something else lies there. */
const MAX_BYTES = 500_000_000;

export interface LedgerFolder extends Ledger {
  /** The workspace folder, as it really is. */
  project: string;
  /** Of the file, absolute. */
  path: string;
  /** Oldest first. */
  runs: Run[];
  /** Notes on runs that are not in it. */
  loose: number;
}

const EMPTY: Pick<LedgerFolder, 'entries' | 'unread' | 'runs' | 'loose'> = {
  entries: [],
  unread: [],
  runs: [],
  loose: 0,
};

/** The text of the ledger at this path below a workspace folder; none where there is no file. Throws UserError. */
export async function ledgerText(project: string, path: string): Promise<string | undefined> {
  const wanted = join(await realPath(project), ...path.split('/'));
  try {
    const stats = await lstat(wanted);
    // A link may lead anywhere, and what is read here is shown and sent to the model.
    if ((await realPath(wanted)) !== wanted) throw new UserError(`${wanted} is reached by a link, and is not read`);
    if (!stats.isFile()) throw new UserError(`${wanted} is no file`);
    if (stats.size > MAX_BYTES) throw new UserError(`${wanted} is larger than ${MAX_BYTES} bytes, and is not read`);
    return await readFile(wanted, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw new UserError(`The ledger cannot be read: ${reasonOf(error, wanted)}.`);
  }
}

/** The ledger of a workspace folder; an empty one where there is none yet. Throws UserError for one that cannot be read. */
export async function readLedger(project: string, path: string): Promise<LedgerFolder> {
  const root = await realPath(project);
  const where = { project: root, path: join(root, ...path.split('/')) };
  const text = await ledgerText(root, path);
  if (text === undefined) return { ...where, ...EMPTY };
  const ledger = parseLedger(text);
  const { runs, loose } = runsOf(ledger);
  return { ...where, ...ledger, runs, loose: loose.length };
}

import { UserError } from '../agent/tool';
import { openLedger, reasonOf } from './place';
import { lineOf, type LedgerEntry } from './record';

const NEWLINE = 10;

/**
 * Adds one entry to the ledger of a workspace folder: one write at its end, which the system takes as a whole, so that two
 * windows need no lock. A line that was torn by a kill has no end: a new one begins behind it. Throws UserError.
 */
export async function appendEntry(project: string, path: string, entry: LedgerEntry): Promise<void> {
  const file = await openLedger(project, path);
  try {
    const { size } = await file.stat();
    const end = Buffer.alloc(1, NEWLINE);
    if (size > 0) await file.read(end, 0, 1, size - 1);
    const line = Buffer.from(`${end[0] === NEWLINE ? '' : '\n'}${lineOf(entry)}`);
    const { bytesWritten } = await file.write(line);
    await file.datasync();
    // What a full disk took of it is torn, and the whole comes again later.
    if (bytesWritten < line.length) throw new UserError(`${path}: the disk took only a part of the line`);
  } catch (error) {
    throw new UserError(reasonOf(error, path));
  } finally {
    await file.close();
  }
}

import { constants } from 'node:fs';
import { mkdir, open, realpath, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UserError } from '../agent/tool';
import { realPath } from '../host/paths';
import { DEFAULT_LEDGER_FOLDER, LEDGER_NAME } from './record';

/** No folder above, none that is hidden: those steer git, the editor or the agent. */
const PART = /^[\w][\w .-]{0,99}$/u;
const MAX_PARTS = 10;

/**
 * The ledger's path from the workspace folder, `/` between its parts, for the folder that a setting names. Throws UserError
 * for one in which nothing is to be written unasked.
 */
export function ledgerIn(folder: string): string {
  const parts = folder
    .replaceAll('\\', '/')
    .split('/')
    .filter((part) => part !== '' && part !== '.');
  if (parts.length > MAX_PARTS || !parts.every((part) => PART.test(part)) || /^[/\\~]|^[a-z]:/iu.test(folder))
    throw new UserError(
      `The folder of the ledger is "${folder}", and it takes one inside the workspace folder whose parts begin with a letter or digit, as in "experiments".`,
    );
  return [...parts, LEDGER_NAME].join('/');
}

export function isLedgerFolder(folder: string): boolean {
  try {
    return ledgerIn(folder) !== '';
  } catch {
    return false;
  }
}

/** What the settings say: `undefined` where there is to be no ledger. Throws UserError for a folder that cannot be one. */
export function ledgerPath(enabled = true, folder = DEFAULT_LEDGER_FOLDER): string | undefined {
  return enabled ? ledgerIn(folder) : undefined;
}

/** O_NOFOLLOW is not known to Windows. */
const NO_LINK = (constants.O_NOFOLLOW as number | undefined) ?? 0;

/**
 * Opens the ledger of a workspace folder for one line at its end. Nothing outside is written, whatever links there are: the
 * folder may come from anybody. Throws UserError with what is in the way.
 */
export async function openLedger(project: string, path: string): Promise<FileHandle> {
  const root = await realPath(project);
  const wanted = join(root, ...path.split('/'));
  const folder = dirname(wanted);
  try {
    if ((await realPath(folder)) !== folder) throw new UserError(`${folder} is reached by a link`);
    await mkdir(folder, { recursive: true });
    if ((await realpath(folder)) !== folder) throw new UserError(`${folder} is reached by a link`);
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_APPEND | NO_LINK;
    const file = await open(wanted, flags, 0o644);
    const stats = await file.stat();
    if (stats.isFile() && stats.nlink === 1) return file;
    await file.close();
    throw new UserError(`${wanted} is ${stats.isFile() ? 'one file under several names' : 'no file'}`);
  } catch (error) {
    throw new UserError(reasonOf(error, wanted));
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'it may not be written',
  EPERM: 'it may not be written',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk is full',
  ELOOP: 'it is a link',
  EISDIR: 'it is a folder',
  EEXIST: 'a file lies where its folder should be',
  ENOTDIR: 'a file lies where its folder should be',
};

export function reasonOf(error: unknown, path: string): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (error instanceof UserError) return message;
  return `${path}: ${REASONS[code] ?? message}`;
}

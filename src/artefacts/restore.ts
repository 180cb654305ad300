import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, copyFile, link, lstat, mkdir, realpath, rename, rm, utimes } from 'node:fs/promises';
import { basename, dirname, extname, join, relative } from 'node:path';
import { UserError } from '../agent/tool';
import type { Batch, KeptFile } from './batch';
import { haveSameBytes } from './bytes';
import { planKeeping } from './keeping';
import type { Threatened } from './threats';
import type { Trash } from './trash';

/** A file in the trash that can be brought back. */
export interface Restorable {
  /** Of the call and the file: what a person names it by. */
  id: string;
  batch: Batch;
  file: KeptFile;
  /** What lies at its place: nothing, the very file that was kept (so nothing was lost), or something else. */
  now: 'gone' | 'there' | 'other';
}

export type Outcome =
  | { how: 'restored' | 'beside' | 'same'; path: string }
  /** For people. */
  | { how: 'failed'; path: string; why: string };

const MAX_AT_ONCE = 64;

/** What the trash can bring back, newest call first. What was written to since it was kept is left out. */
export async function restorables(trash: Trash): Promise<Restorable[]> {
  const all = (await trash.batches()).flatMap((batch) => batch.files.map((file) => ({ batch, file })));
  const found: Restorable[] = [];
  for (let at = 0; at < all.length; at += MAX_AT_ONCE) {
    const some = await Promise.all(
      all.slice(at, at + MAX_AT_ONCE).map(async ({ batch, file }): Promise<Restorable[]> => {
        if (!(await isWhole(trash, batch, file))) return [];
        return [{ id: `${batch.id}/${file.n}`, batch, file, now: await stateOf(file) }];
      }),
    );
    found.push(...some.flat());
  }
  return found;
}

async function isWhole(trash: Trash, batch: Batch, file: KeptFile): Promise<boolean> {
  const stats = await lstat(trash.contentOf(batch, file)).catch(() => undefined);
  if (!stats?.isFile() || stats.size !== file.size) return false;
  // A second name shows what was written through the first.
  return file.how !== 'link' || stats.mtimeMs === file.mtime;
}

async function stateOf(file: KeptFile): Promise<Restorable['now']> {
  const stats = await lstat(file.path).catch(() => undefined);
  if (!stats) return 'gone';
  const isSame = stats.ino === file.inode && stats.dev === file.device;
  return isSame && stats.size === file.size && stats.mtimeMs === file.mtime ? 'there' : 'other';
}

/** Those that these ids name: a file's, or a call's for all of its files that are not there. Throws UserError for others. */
export function named(all: readonly Restorable[], ids: readonly string[]): Restorable[] {
  return ids.flatMap((id) => {
    const found = all.filter((one) => one.id === id || (one.batch.id === id && one.now !== 'there'));
    if (found.length === 0) throw new UserError(`Nothing in the trash is called ${id}, or it is where it was.`);
    return found;
  });
}

/**
 * Brings a file back to its place. A file that lies there with other content is never written over: the kept one comes
 * beside it or, with `replace`, the present one goes to the trash first. Throws only the signal's reason.
 */
export async function restore(
  trash: Trash,
  { batch, file }: Restorable,
  conflict: 'beside' | 'replace',
  signal: AbortSignal,
): Promise<Outcome> {
  const { path } = file;
  signal.throwIfAborted();
  try {
    await checkPlace(path);
    const content = trash.contentOf(batch, file);
    if (!(await isWhole(trash, batch, file))) throw new UserError('the trash does not hold it any more');
    const there = await lstat(path).catch(() => undefined);
    if (there?.isFile() && there.size === file.size && (await haveSameBytes(path, content, signal)))
      return { how: 'same', path };
    await mkdir(dirname(path), { recursive: true });
    const isReplaced = there?.isFile() === true && conflict === 'replace';
    if (isReplaced) await keepPresent(trash, path, batch, signal);
    const to = there && !isReplaced ? await freeName(path) : path;
    await bring(content, file, to, isReplaced);
    await trash.removeEmpty(batch);
    return { how: to === path ? 'restored' : 'beside', path: to };
  } catch (error) {
    signal.throwIfAborted();
    return { how: 'failed', path, why: error instanceof Error ? error.message : String(error) };
  }
}

/** A folder that became a link since would lead the file to another place. */
async function checkPlace(path: string): Promise<void> {
  let folder = dirname(path);
  while (dirname(folder) !== folder && !(await lstat(folder).catch(() => undefined))) folder = dirname(folder);
  if (relative(await realpath(folder), folder) !== '')
    throw new UserError(`${folder} is a link by now, and leads to another place`);
}

async function keepPresent(trash: Trash, path: string, { session, call }: Batch, signal: AbortSignal): Promise<void> {
  const stats = await lstat(path);
  const { size, mtimeMs: mtime, mode, ino: inode, dev: device, nlink: links } = stats;
  const facts = { size, mtime, mode, inode, device, links, git: 'none', elsewhere: 'nowhere' } as const;
  const present: Threatened = { ...facts, path, shown: path, kind: 'file', harm: 'replaces', quiet: false };
  const planned = planKeeping([present], await trash.facts(), { runsCode: false, isHeld: await trash.holder() });
  if (planned.some(({ way }) => way === 'none'))
    throw new UserError('no copy could be kept of what lies there: it is too large');
  await trash.keep(planned, { session, call, tool: 'Restore', title: `Restore ${path}` }, signal);
}

/** `model.pt` beside itself: `model.restored.pt`, then `model.restored-2.pt`. */
async function freeName(path: string): Promise<string> {
  const extension = extname(path);
  const stem = join(dirname(path), basename(path, extension));
  for (let count = 1; ; count++) {
    const name = `${stem}.restored${count === 1 ? '' : `-${count}`}${extension}`;
    if (!(await lstat(name).catch(() => undefined))) return name;
  }
}

/** Moves the content to its place: what another made there in the meantime is an error, and stays. */
async function bring(content: string, file: KeptFile, to: string, mayReplace: boolean): Promise<void> {
  const temporary = join(dirname(to), `.ml-engineer-${process.pid}-${randomBytes(6).toString('hex')}.tmp`);
  try {
    // A second name must not become a third, by which a program could write into the first.
    const isShared = (await lstat(content)).nlink > 1;
    if (isShared || !(await isLinked(content, temporary)))
      await copyFile(content, temporary, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    if (file.how !== 'link' || isShared) {
      await chmod(temporary, file.mode & 0o777);
      await utimes(temporary, file.mtime / 1_000, file.mtime / 1_000);
    }
    if (mayReplace) await rename(temporary, to);
    else if (!(await isLinked(temporary, to))) await copyFile(temporary, to, constants.COPYFILE_EXCL);
  } finally {
    await rm(temporary, { force: true });
  }
  await rm(content, { force: true });
}

/** False where there can be no second name; a name that is taken is an error. */
async function isLinked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw error;
    return false;
  }
}

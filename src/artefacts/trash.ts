import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream, constants, type Stats } from 'node:fs';
import {
  chmod,
  copyFile,
  link,
  lstat,
  mkdir,
  open,
  readdir,
  rename,
  rm,
  stat,
  statfs,
  writeFile,
} from 'node:fs/promises';
import { realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { KeptFor } from '../agent/guard';
import { formatBatch, readBatch, type Batch, type KeptFile } from './batch';
import { MAX_COPY_BYTES, type Planned, type TrashFacts } from './keeping';

const PART = '.part-';
const LINKS_AT_ONCE = 32;
const CHUNK_BYTES = 1_048_576;

/** A file with a second name in the trash, as it was when it got it. */
export type Shelved = Omit<KeptFile, 'n' | 'how'> & { from: string };

/** Where copies for a workspace are kept, below the storage of the extension or the command line. */
export function trashFolder(storage: string, workspace: string): string {
  return join(storage, 'trash', createHash('sha256').update(workspace).digest('hex').slice(0, 16));
}

/**
 * The copies kept for one workspace. Each call has a folder of its own, which gets its name once all in it is there: so
 * two windows never write to one file, and what was cut short does not count. Folders are 0700, files 0600.
 */
export class Trash {
  readonly #batches = new Map<string, Batch>();
  #clones: Promise<boolean> | undefined;

  /** `folder` is absolute, and need not exist. */
  constructor(readonly folder: string) {}

  /** What the disk of the trash can do. Makes the folder. */
  async facts(): Promise<TrashFacts> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const [{ dev: device }, { bavail, bsize }, clones] = await Promise.all([
      stat(this.folder),
      statfs(this.folder),
      (this.#clones ??= this.#canClone()),
    ]);
    return { device, clones, free: bavail * bsize };
  }

  /** Everything that is kept, newest call first. What cannot be read is left out. */
  async batches(): Promise<Batch[]> {
    const names = (await readdir(this.folder).catch(() => [])).filter((name) => /^\d{8}T/u.test(name));
    for (const known of this.#batches.keys()) if (!names.includes(known)) this.#batches.delete(known);
    for (const name of names.filter((one) => !this.#batches.has(one))) {
      const batch = await readBatch(join(this.folder, name));
      if (batch) this.#batches.set(name, batch);
    }
    return [...this.#batches.values()].sort((a, b) => (a.id < b.id ? 1 : -1));
  }

  /**
   * Keeps files, each in the way planned for it, and gives those that were there. All of them or, when it throws, none.
   * Throws what the disk says, and the signal's reason.
   */
  async keep(planned: readonly Planned[], what: KeptFor, signal: AbortSignal): Promise<KeptFile[]> {
    const wanted = planned.filter(({ way }) => way !== 'held' && way !== 'none');
    return this.#seal(wanted.length, what, signal, (folder) => keepAll(wanted, folder, signal));
  }

  /** Takes in files that already have a second name in a folder of this trash: `from` becomes the kept content. */
  async adopt(shelved: readonly Shelved[], what: KeptFor, signal: AbortSignal): Promise<KeptFile[]> {
    return this.#seal(shelved.length, what, signal, async (folder) => {
      const files: KeptFile[] = [];
      for (const [n, { from, path, kind, size, mtime, mode, inode, device }] of shelved.entries()) {
        await rename(from, join(folder, String(n)));
        files.push({ n, path, kind, size, mtime, mode, inode, device, how: 'link' });
      }
      return files;
    });
  }

  /** A folder of this process's own in the trash, which goes with it. */
  async scratch(): Promise<string> {
    const folder = join(this.folder, `${PART}${process.pid}-${idNow()}`);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return folder;
  }

  /** A call's folder gets its name once all is in it. */
  async #seal(
    wanted: number,
    what: KeptFor,
    signal: AbortSignal,
    fill: (folder: string) => Promise<KeptFile[]>,
  ): Promise<KeptFile[]> {
    if (wanted === 0) return [];
    const id = idNow();
    const part = join(this.folder, `${PART}${process.pid}-${id}`);
    try {
      await mkdir(join(part, 'files'), { recursive: true, mode: 0o700 });
      const files = await fill(join(part, 'files'));
      if (files.length === 0) return [];
      const batch = { id, at: new Date().toISOString(), ...what };
      await writeFile(join(part, 'manifest.jsonl'), formatBatch(batch, files), { mode: 0o600, flush: true });
      signal.throwIfAborted();
      await rename(part, join(this.folder, id));
      return files;
    } finally {
      await rm(part, { recursive: true, force: true });
      await this.#removeLeftovers();
    }
  }

  /** Where the content of a kept file lies. */
  contentOf(batch: Pick<Batch, 'id'>, { n }: Pick<KeptFile, 'n'>): string {
    return join(this.folder, batch.id, 'files', String(n));
  }

  /** Forgets a call once none of its files is left. */
  async removeEmpty({ id }: Pick<Batch, 'id'>): Promise<void> {
    const left = await readdir(join(this.folder, id, 'files')).catch(() => ['?']);
    if (left.length === 0) await rm(join(this.folder, id), { recursive: true, force: true });
  }

  /** Tells of files whether a copy of this very state is kept. A second name does not count while the first is there. */
  async holder(): Promise<(file: { device: number; inode: number; size: number; mtime: number }) => boolean> {
    const held = new Set<string>();
    for (const batch of await this.batches()) {
      const there = new Set(await readdir(join(this.folder, batch.id, 'files')).catch(() => []));
      for (const file of batch.files) if (file.how !== 'link' && there.has(String(file.n))) held.add(identityOf(file));
    }
    return (file) => held.has(identityOf(file));
  }

  async #canClone(): Promise<boolean> {
    const from = join(this.folder, `${PART}${process.pid}-probe-${randomBytes(3).toString('hex')}`);
    try {
      await writeFile(from, Buffer.alloc(4096, 1), { mode: 0o600 });
      await copyFile(from, `${from}-clone`, constants.COPYFILE_FICLONE_FORCE);
      return true;
    } catch {
      return false; // Whatever it says, there is no clone; that a disk is full shows in the next step.
    } finally {
      await Promise.all([rm(from, { force: true }), rm(`${from}-clone`, { force: true })]);
    }
  }

  /** What processes that are gone were keeping when they ended. */
  async #removeLeftovers(): Promise<void> {
    const names = await readdir(this.folder).catch(() => []);
    const left = names.filter(
      (name) => name.startsWith(PART) && !isRunning(Number.parseInt(name.slice(PART.length), 10)),
    );
    for (const name of left) await rm(join(this.folder, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

/** By name is by time. */
function idNow(): string {
  return `${new Date().toISOString().replaceAll(/[-:]|\..*/gu, '')}-${randomBytes(3).toString('hex')}`;
}

function identityOf({
  device,
  inode,
  size,
  mtime,
}: {
  device: number;
  inode: number;
  size: number;
  mtime: number;
}): string {
  return `${device}:${inode}:${size}:${mtime}`;
}

async function keepAll(wanted: readonly Planned[], folder: string, signal: AbortSignal): Promise<KeptFile[]> {
  const files: KeptFile[] = [];
  const place = { folder, realOf: realPaths(), copyable: MAX_COPY_BYTES };
  for (let at = 0; at < wanted.length; at += LINKS_AT_ONCE) {
    signal.throwIfAborted();
    const some = wanted.slice(at, at + LINKS_AT_ONCE);
    const keepAt = (one: Planned, index: number): Promise<KeptFile | undefined> =>
      keepOne(one, at + index, place, signal);
    const isQuick = some.every(({ way }) => way !== 'copy');
    // Side by side copies would only fight for the disk.
    if (isQuick) files.push(...(await Promise.all(some.map(keepAt))).filter((file) => file !== undefined));
    else
      for (const [index, one] of some.entries()) {
        const file = await keepAt(one, index);
        if (file) files.push(file);
      }
  }
  return files;
}

/** `undefined` when the file is gone already: then the call has nothing to lose there. */
async function keepOne(
  { file, way }: Planned,
  n: number,
  place: Keeping,
  signal: AbortSignal,
): Promise<KeptFile | undefined> {
  const to = join(place.folder, String(n));
  try {
    const path = await place.realOf(file.path);
    const kept =
      (way === 'link' ? await linked(path, file, to, place) : undefined) ??
      (await copied(path, way === 'clone', to, signal));
    const { how, stats } = kept;
    const { size, mtimeMs: mtime, mode, ino: inode, dev: device } = stats;
    return { n, path, kind: file.kind, size, mtime, mode, inode, device, how };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && !(await lstat(file.path).catch(() => undefined))) return undefined;
    throw error;
  }
}

interface Keeping {
  folder: string;
  realOf: (path: string) => Promise<string>;
  /** Bytes that may still be copied where links were planned. */
  copyable: number;
}

interface Done {
  stats: Stats;
  how: KeptFile['how'];
}

/** What disks and systems answer that give a file no second name: another owner's, another mount, no such thing. */
const NO_LINKS = new Set(['EPERM', 'EACCES', 'EXDEV', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

/**
 * A second name; `undefined` where there can be none and the file is small enough to be copied. It must be one of the
 * very file that was looked at, since a name can be swapped for a link.
 */
async function linked(
  path: string,
  { inode, device, size }: Planned['file'],
  to: string,
  place: Keeping,
): Promise<Done | undefined> {
  try {
    await link(path, to);
  } catch (error) {
    if (!NO_LINKS.has((error as NodeJS.ErrnoException).code ?? '') || size > place.copyable) throw error;
    place.copyable -= size;
    return undefined;
  }
  const stats = await lstat(to);
  if (stats.isFile() && stats.ino === inode && stats.dev === device) return { stats, how: 'link' };
  await rm(to, { force: true });
  throw new Error(`${path} changed while a copy was kept`);
}

/** Bytes of its own, or shared ones that part when either side is written to. */
async function copied(path: string, clones: boolean, to: string, signal: AbortSignal): Promise<Done> {
  const source = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  try {
    const stats = await source.stat();
    if (!stats.isFile()) throw new Error(`${path} is no regular file any more`);
    if (clones) {
      await copyFile(path, to, constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL);
      await chmod(to, 0o600);
      return { stats, how: 'clone' };
    }
    // A file that is written to meanwhile may have grown: what is copied is what it was.
    const end = Math.max(0, stats.size - 1);
    await pipeline(
      createReadStream(path, { fd: source, autoClose: false, end, highWaterMark: CHUNK_BYTES }),
      createWriteStream(to, { flags: 'wx', mode: 0o600, highWaterMark: CHUNK_BYTES, flush: true }),
      { signal },
    );
    const { size } = await stat(to);
    return { stats: size === stats.size ? stats : Object.assign(stats, { size }), how: 'copy' };
  } finally {
    await source.close();
  }
}

/** Paths with the links of their folders followed, each folder once. */
function realPaths(): (path: string) => Promise<string> {
  const folders = new Map<string, Promise<string>>();
  return async (path) => {
    const folder = dirname(path);
    const real = folders.get(folder) ?? realpath(folder);
    folders.set(folder, real);
    return join(await real, basename(path));
  };
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

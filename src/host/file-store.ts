import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat, writeFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { hashOf, type Store } from '../agent/store';
import { UserError } from '../agent/tool';
import { lockSession } from './session-lock';

/** A session's folder: `journal.jsonl`, `blobs/<sha256>`, `kept/<name>`. Folders are 0700, files 0600. */
export function fileStore(folder: string): Store {
  const journal = new JournalFile(folder);
  const blobPath = (hash: string): string => join(folder, 'blobs', hash);
  /** Says where there is no room, or no right to write. */
  const writing = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw error instanceof UserError ? error : unwritable(folder, error);
    }
  };
  return {
    append: (lines, sync) => writing(() => journal.append(lines, sync)),
    hold: () =>
      writing(async () => {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        const release = await lockSession(folder);
        try {
          return { size: await journal.settle(), release };
        } catch (error) {
          await release();
          throw error;
        }
      }),
    read: () => readIfThere(journal.path).then((bytes) => bytes?.toString('utf8') ?? ''),
    readBytes: () => readIfThere(journal.path).then((bytes) => bytes ?? Buffer.alloc(0)),
    putBlob: (bytes) =>
      writing(async () => {
        const hash = hashOf(bytes);
        await mkdir(join(folder, 'blobs'), { recursive: true, mode: 0o700 });
        const temporary = `${blobPath(hash)}.${randomUUID()}.part`;
        try {
          await writeFile(temporary, bytes, { mode: 0o600, flush: true });
          await rename(temporary, blobPath(hash));
        } catch (error) {
          await rm(temporary, { force: true });
          throw error;
        }
        return hash;
      }),
    async getBlob(hash) {
      const bytes = await readIfThere(blobPath(hash));
      // One that was damaged must not be put in the place of a file.
      return bytes && hashOf(bytes) === hash ? bytes : undefined;
    },
    keep: (name, text) =>
      writing(async () => {
        const path = join(folder, 'kept', name.replaceAll(/[^\w.-]+/gu, '-'));
        await mkdir(join(folder, 'kept'), { recursive: true, mode: 0o700 });
        await writeFile(path, text, { mode: 0o600 });
        return path;
      }),
    close: () => journal.close(),
  };
}

/** A file that is only appended to. One that is deleted while it is open is written again from what is open. */
class JournalFile {
  readonly path: string;
  #file: Promise<FileHandle> | undefined;

  constructor(private readonly folder: string) {
    this.path = join(folder, 'journal.jsonl');
  }

  async append(lines: string, sync: boolean): Promise<void> {
    const file = await this.#opened();
    await file.appendFile(lines);
    if (sync) await file.datasync();
  }

  /** Makes sure, now that nobody else writes, that what is open is the file of that name. Gives its size. */
  async settle(): Promise<number> {
    const open = await this.#file?.catch(() => undefined);
    const there = await stat(this.path).catch(() => undefined);
    if (!open || !there) return there?.size ?? (open ? this.#restored(open) : 0);
    const { ino, dev } = await open.stat();
    if (ino !== there.ino || dev !== there.dev) await this.close();
    return there.size;
  }

  async close(): Promise<void> {
    const open = await this.#file?.catch(() => undefined);
    this.#file = undefined;
    await open?.close();
  }

  async #opened(): Promise<FileHandle> {
    if (!this.#file) {
      await mkdir(this.folder, { recursive: true, mode: 0o700 });
      this.#file = open(this.path, 'a+', 0o600);
      // The next one tries again.
      this.#file.catch(() => (this.#file = undefined));
      return this.#file;
    }
    const file = await this.#file;
    const isThere = await stat(this.path).then(
      () => true,
      (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
    );
    if (isThere) return file;
    await this.#restored(file);
    return this.#opened();
  }

  /** Puts what a deleted file holds under its name again. Gives its size. */
  async #restored(deleted: FileHandle): Promise<number> {
    const { size } = await deleted.stat();
    const bytes = Buffer.alloc(size);
    const { bytesRead } = await deleted.read(bytes, 0, size, 0);
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    // Never over another one.
    await writeFile(this.path, bytes.subarray(0, bytesRead), { mode: 0o600, flag: 'wx', flush: true });
    await this.close();
    return bytesRead;
  }
}

function unwritable(folder: string, error: unknown): UserError {
  const reason = error instanceof Error ? error.message : String(error);
  return new UserError(
    `The session cannot be written to ${folder}: ${reason}. Free space there, or choose another folder.`,
  );
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

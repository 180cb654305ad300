import { mkdir, open, readFile, rename, stat, writeFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { hashOf, type Store } from '../agent/store';
import { UserError } from '../agent/tool';
import { lockSession } from './session-lock';

/** A session's folder: `journal.jsonl`, `blobs/<sha256>`, `kept/<name>`. Folders are 0700, files 0600. */
export function fileStore(folder: string): Store {
  let journal: Promise<FileHandle> | undefined;
  const openJournal = async (): Promise<FileHandle> => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return open(join(folder, 'journal.jsonl'), 'a', 0o600);
  };
  const blobPath = (hash: string): string => join(folder, 'blobs', hash);
  return {
    async append(lines, sync) {
      try {
        const handle = await (journal ??= openJournal());
        await handle.appendFile(lines);
        if (sync) await handle.datasync();
      } catch (error) {
        throw unwritable(folder, error);
      }
    },
    async hold() {
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        const release = await lockSession(folder);
        const found = await stat(join(folder, 'journal.jsonl')).catch(() => undefined);
        return { size: found?.size ?? 0, release };
      } catch (error) {
        throw error instanceof UserError ? error : unwritable(folder, error);
      }
    },
    read: () => readIfThere(join(folder, 'journal.jsonl')).then((bytes) => bytes?.toString('utf8') ?? ''),
    async putBlob(bytes) {
      const hash = hashOf(bytes);
      await mkdir(join(folder, 'blobs'), { recursive: true, mode: 0o700 });
      const temporary = `${blobPath(hash)}.${process.pid}.part`;
      await writeFile(temporary, bytes, { mode: 0o600, flush: true });
      await rename(temporary, blobPath(hash));
      return hash;
    },
    getBlob: (hash) => readIfThere(blobPath(hash)),
    async keep(name, text) {
      const path = join(folder, 'kept', name.replaceAll(/[^\w.-]+/gu, '-'));
      await mkdir(join(folder, 'kept'), { recursive: true, mode: 0o700 });
      await writeFile(path, text, { mode: 0o600 });
      return path;
    },
    async close() {
      const handle = await journal;
      journal = undefined;
      await handle?.close();
    },
  };
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

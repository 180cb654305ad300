import { createHash } from 'node:crypto';

/** Where a session lives: an append-only journal, images of files by content, and large texts. File and memory behind it. */
export interface Store {
  /** Appends whole lines (each ending in a newline). With `sync` they are on the disk when this returns. */
  append(lines: string, sync: boolean): Promise<void>;
  /** The journal so far; empty for a new session. */
  read(): Promise<string>;
  /** The same as bytes that nobody changes, where the store has them so. */
  readBytes?(): Promise<Buffer>;
  /** Keeps every other process from writing until it is let go of. Throws UserError while another one has the session. */
  hold(): Promise<Hold>;
  /** Keeps bytes under the SHA-256 of their content and returns it, in hex. */
  putBlob(bytes: Uint8Array): Promise<string>;
  getBlob(hash: string): Promise<Uint8Array | undefined>;
  /** Keeps a large text and returns the absolute path that opens it. */
  keep(name: string, text: string): Promise<string>;
  /** Lets go of open files; the next append opens them again. */
  close(): Promise<void>;
}

export interface Hold {
  /** Bytes of the journal, now that nobody else writes to it. */
  size: number;
  release(): Promise<void>;
}

/** SHA-256 in hex; of a text, of its UTF-8. */
export function hashOf(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** A store that ends with the process: for tests and for a folder that cannot be written. */
export function memoryStore(): Store {
  let journal = '';
  const blobs = new Map<string, Uint8Array>();
  const kept = new Map<string, string>();
  return {
    append: async (lines) => {
      journal += lines;
    },
    read: async () => journal,
    hold: async () => ({ size: Buffer.byteLength(journal), release: async () => undefined }),
    putBlob: async (bytes) => {
      const hash = hashOf(bytes);
      blobs.set(hash, bytes);
      return hash;
    },
    getBlob: async (hash) => blobs.get(hash),
    keep: async (name, text) => {
      kept.set(name, text);
      return `memory:${name}`;
    },
    close: async () => undefined,
  };
}

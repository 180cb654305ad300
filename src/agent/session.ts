import { branchTo, formatEntry, JOURNAL_VERSION, parseJournal, type Parsed } from './journal';
import type { DurableEvent, JournalEntry } from './events';
import { memoryStore, type Hold, type Store } from './store';
import { UserError } from './tool';

/** What is not synced yet may be lost by a power cut, so what is about to act on the world is synced first. */
const SYNCED = new Set<DurableEvent['type']>(['prompt', 'tool-run', 'change', 'undo']);

/** A size that no journal has, so that it is read again before it is written to. */
const UNKNOWN = -1;

/**
 * One session: its journal, open for appending at a leaf. Appends are written in order, one at a time, and only while the
 * session is held: what another window wrote in between is read first.
 */
export class Session {
  readonly id: string;
  readonly store: Store;
  #entries: JournalEntry[] = [];
  #damaged: Parsed['damaged'] = [];
  /** The form of the last entry. */
  #version = JOURNAL_VERSION;
  #leaf: string | null = null;
  #branch: JournalEntry[] | undefined;
  #next = 1;
  /** Bytes of the journal as we know it. */
  #size = 0;
  #writing: Promise<void> = Promise.resolve();
  #held: Promise<Hold> | undefined;
  #holders = 0;
  #releasing: Promise<void> = Promise.resolve();
  /** Why nothing more can be written: an entry that is not on the disk may not be followed by one that is. */
  #broken: Error | undefined;

  private constructor(id: string, store: Store) {
    this.id = id;
    this.store = store;
  }

  /** Opens the session in `store`, new or not. Throws UserError for a journal of a later version. */
  static async open(id: string, store: Store = memoryStore()): Promise<Session> {
    const session = new Session(id, store);
    await session.#load();
    return session;
  }

  /** What could not be read when the session was opened. */
  get damaged(): Parsed['damaged'] {
    return this.#damaged;
  }

  /** All entries, every branch, in the order they were written. */
  get entries(): readonly JournalEntry[] {
    return this.#entries;
  }

  /** The id of the entry that the next one will follow. */
  get leaf(): string | null {
    return this.#leaf;
  }

  /** The entries from the start to the leaf: what all folds read. */
  get branch(): JournalEntry[] {
    this.#branch ??= branchTo(this.#entries, this.#leaf);
    return [...this.#branch];
  }

  /** Goes on from an earlier event: true when that leaves later ones behind on another branch. Unknown ids change nothing and throw. */
  continueFrom(id: string): boolean {
    if (!this.#entries.some((entry) => entry.id === id)) {
      throw new UserError(`Session ${this.id} has no event ${id}. Start a new session.`);
    }
    const forks = this.#leaf !== id;
    this.#leaf = id;
    this.#branch = undefined;
    return forks;
  }

  /**
   * Keeps the session for this process until what it returns is called, as often as it is held. Throws UserError while
   * another process works on it.
   */
  async hold(): Promise<() => Promise<void>> {
    await this.#releasing;
    this.#holders += 1;
    this.#held ??= this.store.hold().then((held) => this.#catchUp(held));
    try {
      await this.#held;
    } catch (error) {
      this.#letGo();
      throw error;
    }
    let isHeld = true;
    return async () => {
      if (isHeld) this.#letGo();
      isHeld = false;
      await this.#releasing;
    };
  }

  /** Journals an event and returns its entry once it is written; `sync` waits until it is on the disk. */
  async append(event: DurableEvent, sync = SYNCED.has(event.type)): Promise<JournalEntry> {
    if (this.#holders > 0) return this.#write(event, sync);
    const release = await this.hold();
    try {
      return await this.#write(event, sync);
    } finally {
      await release();
    }
  }

  /** Waits for what is being written and lets go of the files. */
  async close(): Promise<void> {
    await this.#writing;
    await this.store.close();
  }

  async #write(event: DurableEvent, sync: boolean): Promise<JournalEntry> {
    if (this.#version < JOURNAL_VERSION) {
      this.#version = JOURNAL_VERSION;
      // Not waited for, so that the order stays; where it fails, so does what follows it.
      this.#write({ type: 'journal-version', version: JOURNAL_VERSION }, false).catch(() => undefined);
    }
    const entry: JournalEntry = { id: `e${this.#next++}`, parent: this.#leaf, at: new Date().toISOString(), event };
    const line = formatEntry(entry);
    this.#leaf = entry.id;
    this.#entries.push(entry);
    this.#branch?.push(entry);
    this.#size += Buffer.byteLength(line);
    const written = this.#writing.then(() => this.#put(line, sync));
    this.#writing = written.catch(() => undefined);
    await written;
    return entry;
  }

  async #put(line: string, sync: boolean): Promise<void> {
    if (this.#broken !== undefined) throw this.#broken;
    try {
      await this.store.append(line, sync);
    } catch (error) {
      this.#broken = error instanceof Error ? error : new Error(String(error));
      throw this.#broken;
    }
  }

  #letGo(): void {
    this.#holders -= 1;
    if (this.#holders > 0) return;
    const held = this.#held;
    this.#held = undefined;
    // One that could not be had has nothing to let go of.
    this.#releasing = Promise.all([held?.catch(() => undefined), this.#writing]).then(([hold]) => hold?.release());
  }

  /** Another process may have written since, or a write of ours may have failed half-way. */
  async #catchUp(held: Hold): Promise<Hold> {
    try {
      if (held.size !== this.#size || this.#broken !== undefined) await this.#load(held);
      return held;
    } catch (error) {
      await held.release();
      throw error;
    }
  }

  /** Reads the journal anew. The leaf stays where it is still there; a held journal is made ready to be appended to. */
  async #load(held?: Hold): Promise<void> {
    const journal = (await this.store.readBytes?.()) ?? (await this.store.read());
    const { entries, damaged, version } = parseJournal(journal);
    if (version > JOURNAL_VERSION) {
      throw new UserError(
        `Session ${this.id} was written by a later version of ML Engineer (journal ${version}, this one reads ${JOURNAL_VERSION}). Update the extension, or start a new session.`,
      );
    }
    const isKnown = this.#leaf !== null && this.#broken === undefined;
    if (!isKnown || !entries.some(({ id }) => id === this.#leaf)) this.#leaf = entries.at(-1)?.id ?? null;
    this.#entries = entries;
    this.#damaged = damaged;
    this.#version = entries.length === 0 ? JOURNAL_VERSION : version;
    this.#branch = undefined;
    this.#broken = undefined;
    this.#next = entries.reduce((highest, entry) => Math.max(highest, Number(entry.id.slice(1)) || 0), 0) + 1;
    this.#size = held?.size ?? Buffer.byteLength(journal);
    if (journal.length === 0 || journal.at(-1) === '\n' || journal.at(-1) === 0x0a) return;
    // A torn last line has no newline: the next entry must not be glued to it, and nobody may be writing it just now.
    if (held) await this.store.append('\n', false);
    this.#size = held ? held.size + 1 : UNKNOWN;
  }
}

import { branchTo, formatEntry, JOURNAL_VERSION, parseJournal, type Parsed } from './journal';
import type { DurableEvent, JournalEntry } from './events';
import { memoryStore, type Store } from './store';
import { UserError } from './tool';

/** What is not synced yet may be lost by a power cut, so what is about to act on the world is synced first. */
const SYNCED = new Set<DurableEvent['type']>(['prompt', 'tool-start', 'change', 'undo']);

/**
 * One session: its journal, open for appending at a leaf. Appends are written in order, one at a time.
 * Two branches of one session may not be appended to at once: open it twice for that.
 */
export class Session {
  readonly id: string;
  readonly store: Store;
  /** What could not be read when the session was opened. */
  readonly damaged: Parsed['damaged'];
  #entries: JournalEntry[];
  #leaf: string | null;
  #next: number;
  #writing: Promise<void> = Promise.resolve();

  private constructor(id: string, store: Store, parsed: Parsed) {
    this.id = id;
    this.store = store;
    this.damaged = parsed.damaged;
    this.#entries = parsed.entries;
    this.#leaf = parsed.entries.at(-1)?.id ?? null;
    this.#next = parsed.entries.reduce((highest, entry) => Math.max(highest, Number(entry.id.slice(1)) || 0), 0) + 1;
  }

  /** Opens the session in `store`, new or not. Throws UserError for a journal of a later version. */
  static async open(id: string, store: Store = memoryStore()): Promise<Session> {
    const text = await store.read();
    const parsed = parseJournal(text);
    const start = parsed.entries.find((entry) => entry.event.type === 'session-start')?.event;
    if (start?.type === 'session-start' && start.version > JOURNAL_VERSION) {
      throw new UserError(
        `Session ${id} was written by a later version of ML Engineer (journal ${start.version}, this one reads ${JOURNAL_VERSION}). Update the extension, or start a new session.`,
      );
    }
    // A torn last line has no newline: the next entry must not be glued to it.
    if (text !== '' && !text.endsWith('\n')) await store.append('\n', false);
    return new Session(id, store, parsed);
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
    return branchTo(this.#entries, this.#leaf);
  }

  /** Goes on from an earlier event: true when that leaves later ones behind on another branch. Unknown ids change nothing and throw. */
  continueFrom(id: string): boolean {
    if (!this.#entries.some((entry) => entry.id === id)) {
      throw new UserError(`Session ${this.id} has no event ${id}. Start a new session.`);
    }
    const forks = this.#leaf !== id;
    this.#leaf = id;
    return forks;
  }

  /** Journals an event and returns its entry once it is written; `sync` waits until it is on the disk. */
  async append(event: DurableEvent, sync = SYNCED.has(event.type)): Promise<JournalEntry> {
    const entry: JournalEntry = { id: `e${this.#next++}`, parent: this.#leaf, at: new Date().toISOString(), event };
    this.#leaf = entry.id;
    this.#entries.push(entry);
    const written = this.#writing.then(() => this.store.append(formatEntry(entry), sync));
    this.#writing = written.catch(() => undefined);
    await written;
    return entry;
  }

  /** Waits for what is being written and lets go of the files. */
  async close(): Promise<void> {
    await this.#writing;
    await this.store.close();
  }
}

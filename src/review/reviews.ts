import type { FileChange, Rejected } from '../agent/events';
import type { Exclusive } from '../agent/exclusive';
import type { Session } from '../agent/session';
import { hashOf } from '../agent/store';
import type { Files } from '../agent/undo';
import { blocksOf } from './blocks';
import { bytesOf } from './content';
import { accept, decidable, reject } from './decide';
import { USER, type FileReview } from './file-review';
import { advance, emptyFold, moved, type Followed } from './fold';
import { hunksOf, type Hunk } from './hunks';
import { rowsOf } from './rows';

export interface OpenFile {
  path: string;
  review: FileReview;
  hunks: readonly Hunk[];
}

/** What a person decides on: hunks they were shown, or all that the agent did in a file. */
export interface Choice {
  path: string;
  /** Ids of hunks; absent for all of the agent's. */
  ids?: readonly string[];
  /** Counts also where the person wrote over what the agent did: their lines go with it. */
  mixed?: boolean;
}

export interface Decided {
  /** How many hunks it was done for. */
  done: number;
  refused: { path: string; id?: string; why: RefusalReason }[];
  /** The journal's entries, by which it can be taken back. */
  entries: string[];
}

/**
 * `gone`: decided already, or undone. `changed-by-user`, `changed-by-agent`: other lines stand there than were shown.
 * `yours`: the person's own change. `mixed`: their lines and the agent's cannot be told apart. `busy`: something changes
 * the file just now.
 */
export type RefusalReason = 'gone' | 'changed-by-user' | 'changed-by-agent' | 'yours' | 'mixed' | 'lost' | 'busy';

type Outcome = { entry: string } | { why: RefusalReason };

/** The files of a review, as the person sees them. */
export interface ReviewedFiles extends Files {
  /** Tells cheaply that a file is as it was when it had the same stamp; `undefined` where that cannot be told. */
  stamp?(path: string): Promise<string | undefined>;
}

/** Read side by side; more would hold too many files open. */
const READ_AT_ONCE = 32;
const MAX_SHOWN = 20_000;
const MAX_DIFF_CHARACTERS = 2_000;

/**
 * The review of one session's changes: what is open, and the decisions on it. All of it stands in the journal, so another
 * window or a later one sees the same. `alone` keeps decisions and the agent's own edits apart.
 */
export class Reviews {
  readonly #fold = emptyFold();
  /** Hunks that were shown, so that it can be said what became of them. */
  readonly #shown = new Map<string, { path: string; hunk: Hunk }>();
  /** Stamps of the files as they were last read. */
  readonly #stamps = new Map<string, string>();
  readonly #hunks = new WeakMap<FileReview, readonly Hunk[]>();

  constructor(
    private readonly session: Session,
    private readonly files: ReviewedFiles,
    private readonly alone: Exclusive,
  ) {}

  /** The files with open changes, the person's own among them. Only those are read that changed since they were last. */
  async open(): Promise<OpenFile[]> {
    return this.openAmong(await this.paths());
  }

  /** The files that the session changed, those among them whose images are gone. */
  paths(): Promise<string[]> {
    return this.alone(async () => {
      await this.#catchUp();
      return [...new Set([...this.#fold.files.keys(), ...this.#fold.lost])];
    });
  }

  /** Those of the files with open changes. `isSure`: they are read again, whatever tells that they are as they were. */
  openAmong(paths: readonly string[], isSure = false): Promise<OpenFile[]> {
    return this.alone(async () => {
      await this.#catchUp();
      await inParts(paths, (path) => (isSure ? this.#look(path) : this.#glance(path)));
      return paths.flatMap((path) => this.#openFile(path) ?? []);
    });
  }

  /** One file, where something in it is open. */
  openIn(path: string): Promise<OpenFile | undefined> {
    return this.alone(async () => {
      await this.#catchUp();
      await this.#look(path);
      return this.#openFile(path);
    });
  }

  /** What a file was when it was last accepted, where the session changed it, as far as its journal was read. */
  baseOf(path: string): FileReview['base'] | undefined {
    return this.#fold.files.get(path)?.review.base;
  }

  /** True for a file that the session changed, as far as its journal was read. */
  follows(path: string): boolean {
    return this.#fold.files.has(path);
  }

  /** Makes hunks part of what later changes are compared with. */
  accept(choices: readonly Choice[]): Promise<Decided> {
    return this.#decide(choices, (path, followed, hunks) => this.#accept(path, followed, hunks));
  }

  /** Takes hunks out of the files again. The reason is told to the agent. */
  reject(choices: readonly Choice[], reason = ''): Promise<Decided> {
    return this.#decide(choices, (path, followed, hunks) => this.#reject(path, followed, hunks, reason));
  }

  async #decide(
    choices: readonly Choice[],
    act: (path: string, followed: Followed, hunks: readonly Hunk[]) => Promise<Outcome>,
  ): Promise<Decided> {
    const decided: Decided = { done: 0, refused: [], entries: [] };
    for (const choice of choices) await this.alone(() => this.#decideFile(choice, act, decided));
    return decided;
  }

  async #decideFile(
    { path, ids, mixed = false }: Choice,
    act: (path: string, followed: Followed, hunks: readonly Hunk[]) => Promise<Outcome>,
    decided: Decided,
  ): Promise<void> {
    await this.#catchUp();
    const followed = await this.#look(path);
    if (!followed) {
      decided.refused.push({ path, why: this.#fold.lost.has(path) ? 'lost' : 'gone' });
      return;
    }
    const { review } = followed;
    const wanted = ids ? this.#resolve(path, review, ids, mixed, decided) : decidable(review, mixed);
    if (wanted.length === 0) return;
    const outcome = await act(path, followed, wanted);
    if ('why' in outcome) decided.refused.push({ path, why: outcome.why });
    else {
      decided.done += wanted.length;
      decided.entries.push(outcome.entry);
    }
  }

  #resolve(path: string, review: FileReview, ids: readonly string[], mixed: boolean, decided: Decided): Hunk[] {
    const open = new Map(hunksOf(review).map((hunk) => [hunk.id, hunk]));
    return [...new Set(ids)].flatMap((id) => {
      const hunk = open.get(id);
      const why = hunk ? WHY_NOT[hunk.by] : this.#whatBecameOf(id, review);
      if (hunk && (why === undefined || (why === 'mixed' && mixed))) return [hunk];
      decided.refused.push({ path, id, why: why ?? 'gone' });
      return [];
    });
  }

  #whatBecameOf(id: string, review: FileReview): RefusalReason {
    const shown = this.#shown.get(id);
    if (!shown) return 'gone';
    const place = new Set(shown.hunk.place);
    const now = blocksOf(review).find(({ baseStart, baseCount }) =>
      review.names.slice(Math.max(0, baseStart - 1), baseStart + baseCount).some((name) => place.has(name)),
    );
    if (!now) return 'gone';
    return now.by === 'agent' ? 'changed-by-agent' : 'changed-by-user';
  }

  async #accept(path: string, followed: Followed, hunks: readonly Hunk[]): Promise<Outcome> {
    const next = accept(followed.review, hunks);
    const bytes = bytesOf(next.base);
    const image = (content: Uint8Array | null): Promise<string> | null =>
      content && this.session.store.putBlob(content);
    const [hash, current] = [await image(bytes), await image(bytesOf(followed.review.current))];
    const file = { path, hash, current, hunks: hunks.map((hunk) => hunk.id) };
    const { id } = await this.session.append({ type: 'review', files: [file] }, true);
    await this.#take(id, path, followed, { ...followed, review: next, earlier: new Map() });
    return { entry: id };
  }

  async #reject(path: string, followed: Followed, hunks: readonly Hunk[], reason: string): Promise<Outcome> {
    const next = reject(followed.review, hunks);
    const [before, after] = [bytesOf(followed.review.current), bytesOf(next.current)];
    const image = (bytes: Uint8Array | null): Promise<string> | null => bytes && this.session.store.putBlob(bytes);
    const change: FileChange = { path, before: await image(before), after: await image(after) };
    if ((await this.#hashNow(path)) !== change.before) return { why: 'busy' };
    const rejected: Rejected = {
      ...{ path, reason, diff: diffOf(followed.review, hunks) },
      calls: [
        ...new Set(hunks.flatMap(({ authors }) => authors.flatMap((one) => (one.by === 'agent' ? [one.call] : [])))),
      ],
    };
    const { id } = await this.session.append({ type: 'undo', changes: [change], rejected: [rejected] });
    try {
      await this.files.write(path, after);
    } catch (error) {
      await this.session.append({ type: 'undo', changes: [{ path, before: change.after, after: change.before }] });
      throw error;
    }
    const earlier = new Map([...followed.earlier, [followed.hash, followed.review] as const]);
    await this.#take(id, path, followed, { review: next, hash: change.after, earlier });
    return { entry: id };
  }

  /** Reads the journal on. */
  async #catchUp(): Promise<void> {
    await this.#readTo(this.session.entries.length);
  }

  async #readTo(count: number): Promise<void> {
    const blob = (hash: string): Promise<Uint8Array | undefined> => this.session.store.getBlob(hash);
    await advance(this.#fold, this.session.entries.slice(0, count), blob);
  }

  /** What our own entry did is known better than it says, unless others came before it. */
  async #take(own: string, path: string, known: Followed, next: Followed): Promise<void> {
    const at = this.session.entries.findLastIndex(({ id }) => id === own);
    await this.#readTo(at);
    if (this.#fold.files.get(path) !== known || this.#fold.read !== at) return;
    this.#fold.files.set(path, next);
    this.#fold.read = at + 1;
  }

  #openFile(path: string): OpenFile | undefined {
    const review = this.#fold.files.get(path)?.review;
    if (!review) return undefined;
    let hunks = this.#hunks.get(review);
    if (!hunks) this.#hunks.set(review, (hunks = hunksOf(review)));
    for (const hunk of hunks) this.#remember(path, hunk);
    return hunks.length > 0 ? { path, review, hunks } : undefined;
  }

  /** As `#look`, and spares the reading where nothing tells of a change. */
  async #glance(path: string): Promise<void> {
    const stamp = await this.files.stamp?.(path);
    const key = stamp === undefined ? undefined : `${stamp} ${this.#fold.files.get(path)?.hash ?? ''}`;
    if (key !== undefined && this.#stamps.get(path) === key) return;
    const hash = (await this.#look(path))?.hash ?? '';
    // Asked for before the reading: what is written in between is read the next time.
    if (stamp === undefined) this.#stamps.delete(path);
    else this.#stamps.set(path, `${stamp} ${hash}`);
  }

  /** The file with what the person did to it since. */
  async #look(path: string): Promise<Followed | undefined> {
    const known = this.#fold.files.get(path);
    if (!known) return undefined;
    const bytes = (await this.files.read(path)) ?? null;
    const now = moved(known, bytes, bytes && hashOf(bytes), USER);
    this.#fold.files.set(path, now);
    return now;
  }

  async #hashNow(path: string): Promise<string | null> {
    const bytes = await this.files.read(path);
    return bytes === undefined ? null : hashOf(bytes);
  }

  #remember(path: string, hunk: Hunk): void {
    this.#shown.delete(hunk.id);
    this.#shown.set(hunk.id, { path, hunk });
    const oldest = this.#shown.keys().next();
    if (this.#shown.size > MAX_SHOWN && !oldest.done) this.#shown.delete(oldest.value);
  }
}

async function inParts(paths: readonly string[], work: (path: string) => Promise<unknown>): Promise<void> {
  for (let at = 0; at < paths.length; at += READ_AT_ONCE)
    await Promise.all(paths.slice(at, at + READ_AT_ONCE).map(work));
}

const WHY_NOT: Record<Hunk['by'], RefusalReason | undefined> = { agent: undefined, user: 'yours', both: 'mixed' };
/** The hunks for the model: what they took and wrote, without context. */
function diffOf(review: FileReview, hunks: readonly Hunk[]): string {
  const lines = hunks.flatMap((hunk) => {
    const changed = rowsOf(review, hunk).filter(({ sign }) => sign !== ' ');
    if (changed.length === 0) return ['(a file that is not text)'];
    return changed.map(({ sign, text }) => `${sign}${text}`);
  });
  const text = lines.join('\n');
  return text.length > MAX_DIFF_CHARACTERS ? `${text.slice(0, MAX_DIFF_CHARACTERS)}\n(cut)` : text;
}

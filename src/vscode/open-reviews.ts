import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { AgentEvent } from '../agent/events';
import { throttle } from '../panel/throttle';
import type { FileReview } from '../review/file-review';
import { cellPlacesOf, placesOf, type CellPlace, type Place } from '../review/places';
import type { OpenFile, Reviews } from '../review/reviews';
import { explain, type Log } from './log';
import type { Reviewing } from './reviewing';
import type { PanelSessions } from './panel/world';

/** What is typed is followed no more often than this. */
const EVERY_MS = 100;
/** In the first look at many files, what was found so far is told this often. */
const TELL_EVERY_MS = 300;
/** Looked at under one turn, so that the agent's own edits need not wait for the last of a thousand files. */
const LOOKS_AT_ONCE = 32;

export interface ReviewWorld {
  sessions: Pick<PanelSessions, 'current' | 'onDidChange' | 'touch'>;
  reviewing: Reviewing;
  log: Log;
}

/** A file with open hunks, and where they stand in its text. */
export interface Reviewed extends OpenFile {
  places: readonly Place[];
  cells: readonly CellPlace[];
}

/**
 * The files of the current session that have something open, kept up while agent and person write. A file is looked at
 * when something tells that it changed; all of them only after what may have touched any.
 */
export class OpenReviews implements vscode.Disposable {
  #files: ReadonlyMap<string, Reviewed> = new Map();
  /** Files to look at again. */
  #stale: Set<string> | 'all' = 'all';
  #session: string | undefined;
  /** Files of the session that were looked at since it is shown. */
  #seen = new Set<string>();
  #isLooking = false;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #looked = new vscode.EventEmitter<void>();
  readonly #refresh = throttle(() => this.#look(), EVERY_MS);
  readonly #listeners: vscode.Disposable[];

  constructor(private readonly world: ReviewWorld) {
    const { sessions } = world;
    this.#listeners = [
      sessions.onDidChange(({ session, event }) => {
        if (session?.id !== sessions.current?.id && session) return;
        const touched = event ? touchedBy(event) : 'all';
        if (touched) this.#ask(touched);
      }),
      vscode.workspace.onDidChangeTextDocument(({ document }) => this.#written(document)),
      vscode.workspace.onDidChangeNotebookDocument(({ notebook }) => this.#written(notebook)),
      vscode.workspace.onDidDeleteFiles(() => this.#ask('all')),
      vscode.window.onDidChangeWindowState(({ focused }) => focused && this.#ask('all')),
    ];
  }

  /** What is open, as far as it was looked at. */
  get files(): ReadonlyMap<string, Reviewed> {
    return this.#files;
  }

  /** True for a file of the session that was looked at: what is not among the open ones then has nothing open. */
  knows(path: string): boolean {
    return this.#seen.has(path);
  }

  /** When all that was asked for is looked at, or after so long. */
  async settled(withinMs: number): Promise<void> {
    if (!this.#isLooking && this.#isFresh()) return;
    const limit = new AbortController();
    let heard: vscode.Disposable | undefined;
    const done = new Promise<void>((resolve) => (heard = this.#looked.event(() => this.#isFresh() && resolve())));
    await Promise.race([done, delay(withinMs, undefined, { signal: limit.signal }).catch(() => undefined)]);
    heard?.dispose();
    limit.abort();
  }

  /** What a file of the session was when it was last accepted, also when nothing in it is open any more. */
  baseOf(path: string): FileReview['base'] | undefined {
    const { current } = this.world.sessions;
    return current && this.world.reviewing.of(current).baseOf(path);
  }

  /** As it is now, not as it was last shown. */
  async now(path: string): Promise<Reviewed | undefined> {
    const { current } = this.world.sessions;
    const open = current && (await this.world.reviewing.of(current).openIn(path));
    return open && reviewed(open);
  }

  dispose(): void {
    this.#refresh.dispose();
    this.#changed.dispose();
    this.#looked.dispose();
    for (const listener of this.#listeners) listener.dispose();
  }

  #isFresh(): boolean {
    return this.#session === this.world.sessions.current?.id && this.#stale !== 'all' && this.#stale.size === 0;
  }

  #written({ uri: { scheme, fsPath } }: { uri: vscode.Uri }): void {
    const { sessions, reviewing } = this.world;
    if (scheme === 'file' && sessions.current && reviewing.of(sessions.current).follows(fsPath)) this.#ask([fsPath]);
  }

  #ask(what: readonly string[] | 'all'): void {
    if (!this.world.sessions.current && this.#files.size === 0) return;
    if (what === 'all') this.#stale = 'all';
    else if (this.#stale !== 'all') for (const path of what) this.#stale.add(path);
    this.#refresh.request();
  }

  async #look(): Promise<void> {
    const { current } = this.world.sessions;
    this.#isLooking = true;
    try {
      if (this.#session !== current?.id) {
        [this.#session, this.#stale, this.#seen] = [current?.id, 'all', new Set()];
        this.#tell(new Map());
      }
      const stale = this.#stale;
      this.#stale = new Set();
      if (current) await this.#lookAt(this.world.reviewing.of(current), stale);
    } catch (error) {
      this.#stale = 'all';
      explain(this.world.log, 'looking at what is open to review', error);
    } finally {
      this.#isLooking = false;
      this.#looked.fire();
    }
  }

  async #lookAt(reviews: Reviews, stale: ReadonlySet<string> | 'all'): Promise<void> {
    const all = await reviews.paths();
    const paths = stale === 'all' ? all : [...stale];
    const known = new Set(all);
    const files = new Map([...this.#files].filter(([path]) => known.has(path)));
    let told = performance.now();
    for (let at = 0; at < paths.length; at += LOOKS_AT_ONCE) {
      const some = paths.slice(at, at + LOOKS_AT_ONCE);
      const open = new Map((await reviews.openAmong(some, stale !== 'all')).map((file) => [file.path, file]));
      for (const path of some) {
        const file = open.get(path);
        if (file) files.set(path, this.#placed(file));
        else files.delete(path);
        this.#seen.add(path);
      }
      if (performance.now() - told < TELL_EVERY_MS) continue;
      this.#tell(new Map(files));
      told = performance.now();
    }
    this.#tell(inOrder(files, all));
  }

  #tell(files: ReadonlyMap<string, Reviewed>): void {
    if (isSame(files, this.#files)) return;
    this.#files = files;
    this.#changed.fire();
  }

  /** The same object for the same content, so that only what changed is drawn again. */
  #placed(file: OpenFile): Reviewed {
    const known = this.#files.get(file.path);
    return known?.review === file.review ? known : reviewed(file);
  }
}

/** What an event may have changed; commands tell of no files. */
function touchedBy(event: AgentEvent): readonly string[] | 'all' | undefined {
  switch (event.type) {
    case 'subagent':
      return touchedBy(event.event);
    case 'change':
      return [event.change.path];
    case 'change-failed':
      return [event.path];
    case 'undo':
      return event.changes.map(({ path }) => path);
    case 'review':
      return event.files.map(({ path }) => path);
    case 'tool-end':
    case 'run-end':
      return 'all';
    default:
      return undefined;
  }
}

function reviewed(file: OpenFile): Reviewed {
  return { ...file, places: placesOf(file), cells: cellPlacesOf(file) };
}

/** In the order that the session changed them in. */
function inOrder(files: ReadonlyMap<string, Reviewed>, paths: readonly string[]): ReadonlyMap<string, Reviewed> {
  return new Map(paths.flatMap((path) => (files.has(path) ? [[path, files.get(path)!] as const] : [])));
}

function isSame(one: ReadonlyMap<string, Reviewed>, other: ReadonlyMap<string, Reviewed>): boolean {
  return one.size === other.size && [...one].every(([path, file]) => other.get(path) === file);
}

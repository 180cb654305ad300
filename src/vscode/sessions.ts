import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import type { AgentEvent, JournalEntry } from '../agent/events';
import { todosOf, touchedIn } from '../agent/folds';
import { branchTo } from '../agent/journal';
import { maskEvent } from '../agent/masking';
import { Session } from '../agent/session';
import type { Store } from '../agent/store';
import { subagentsAfter } from '../agent/subagent-report';
import { editedTodos, type TodoEdit } from '../agent/todo-edits';
import { UserError } from '../agent/tool';
import { fileStore } from '../host/file-store';
import { findSession, SESSION_ID } from '../host/session-folders';
import { cleanSessions, DEFAULT_RETENTION } from '../host/session-cleanup';
import { openDiff } from './before-images';

export interface SessionChanged {
  session: Session | undefined;
  event?: AgentEvent;
}

/** What the panel and other views need of the sessions of this window. */
export interface SessionService {
  readonly current: Session | undefined;
  /** The current session is at work. */
  readonly running: boolean;
  readonly onDidChange: vscode.Event<SessionChanged>;
  open(id: string): Promise<Session>;
  openDiff(path: string): Promise<void>;
}

type Retry = Extract<AgentEvent, { type: 'retry' }>;

/** The sessions of this window: one open object for each, so that no two write to one journal. */
export class Sessions implements SessionService, vscode.Disposable {
  readonly #folder: string;
  readonly #open = new Map<string, Promise<Session>>();
  readonly #running = new Set<string>();
  readonly #shortening = new Set<string>();
  readonly #goingOn = new Set<string>();
  readonly #retries = new Map<string, Retry>();
  readonly #changed = new vscode.EventEmitter<SessionChanged>();
  readonly onDidChange = this.#changed.event;
  #current: Session | undefined;

  /** Where sessions lie that were found elsewhere. */
  readonly #elsewhere = new Map<string, string>();

  /** `others`: folders of sessions that go on here where they lie, the terminal's for one. */
  constructor(
    storage: vscode.Uri,
    private readonly others: readonly string[] = [],
  ) {
    this.#folder = join(storage.fsPath, 'sessions');
  }

  /** The folders that hold sessions, this editor's own first. */
  get folders(): readonly string[] {
    return [this.#folder, ...this.others];
  }

  /** Where a session lies, or would. Refuses an id that is no name of one. */
  folderOf(id: string): string {
    if (!SESSION_ID.test(id)) throw new UserError(vscode.l10n.t('"{0}" is not the id of a session.', id));
    const parent = this.#elsewhere.get(id.replace(/-agent-.*$/u, ''));
    return join(parent === undefined ? this.#folder : dirname(parent), id);
  }

  get current(): Session | undefined {
    return this.#current;
  }

  get running(): boolean {
    return this.#current !== undefined && this.#running.has(this.#current.id);
  }

  isRunning(id: string): boolean {
    return this.#running.has(id);
  }

  /** Some session of this window is at work. */
  get isAnyRunning(): boolean {
    return this.#running.size > 0;
  }

  async create(): Promise<Session> {
    return this.open(randomUUID());
  }

  /** Opens a session by its id, a new one under a new id; the same object as long as the window lives. */
  async open(id: string): Promise<Session> {
    const opened = this.#open.get(id) ?? Session.open(id, this.store(id));
    this.#open.set(id, opened);
    opened.catch(() => this.#open.delete(id));
    return opened;
  }

  /** A session's folder; refuses an id that is no name of one. */
  store(id: string): Store {
    return fileStore(this.folderOf(id));
  }

  async exists(id: string): Promise<boolean> {
    const found = await findSession(id, this.folders);
    if (found !== undefined && dirname(found) !== this.#folder) this.#elsewhere.set(id, found);
    return found !== undefined;
  }

  /** Lets go of a session that is about to be moved away. Throws while it is at work. */
  async forget(id: string): Promise<void> {
    if (this.#running.has(id)) throw new UserError(vscode.l10n.t('The session is at work. Stop it first.'));
    const opened = this.#open.get(id);
    this.#open.delete(id);
    await (await opened)?.close();
    if (this.#current?.id === id) this.show(undefined);
  }

  /** Makes the session the one that views show. */
  show(session: Session | undefined): void {
    this.#current = session;
    this.#changed.fire({ session });
  }

  /** Marks the session as at work, and `shows` it; call what it returns at the end. Throws when it is at work already. */
  begin(session: Session, shows = true): () => void {
    if (this.#running.has(session.id)) {
      throw new UserError(vscode.l10n.t('This session is at work in another chat. Wait for it, or stop it there.'));
    }
    this.#running.add(session.id);
    if (shows) this.show(session);
    else this.#changed.fire({ session });
    return () => {
      this.#running.delete(session.id);
      this.#retries.delete(session.id);
      this.#changed.fire({ session });
    };
  }

  /** Settles once no session of this window is at work. */
  async idle(): Promise<void> {
    if (this.#running.size === 0) return;
    await new Promise<void>((resolve) => {
      const listener = this.onDidChange(() => {
        if (this.#running.size > 0) return;
        listener.dispose();
        resolve();
      });
    });
  }

  /** The next message of the session makes its conversation shorter first. */
  shorten(session: Session): void {
    this.#shortening.add(session.id);
  }

  /** Whether that was wished, once. */
  takeShortening(id: string): boolean {
    return this.#shortening.delete(id);
  }

  /** With its next message the session may go past the budgets that it has used up. */
  goOn(id: string): void {
    this.#goingOn.add(id);
  }

  /** Whether that was wished, once. */
  takeGoOn(id: string): boolean {
    return this.#goingOn.delete(id);
  }

  /** Removes sessions that were not used for so many days, or are more than is kept. */
  clean(days: number): Promise<string[]> {
    return cleanSessions(this.#folder, { ...DEFAULT_RETENTION, days });
  }

  /** What the current session waits for before it tries again. */
  get retrying(): Retry | undefined {
    return this.#current && this.#retries.get(this.#current.id);
  }

  tell(session: Session, event: AgentEvent): void {
    if (event.type === 'retry') this.#retries.set(session.id, event);
    else this.#retries.delete(session.id);
    this.#changed.fire({ session, event });
  }

  /** Changes the todo list of the current session, of the list as it is by then. */
  async editTodos(edit: TodoEdit): Promise<void> {
    const session = this.#current;
    const todos = session && editedTodos(todosOf(session.branch), edit);
    if (!session || !todos) return;
    const { event } = maskEvent({ type: 'todos', todos, by: 'user' }, []);
    const { id } = await session.append(event);
    this.#changed.fire({ session, event: { ...event, id } });
  }

  touch(): void {
    this.#changed.fire({ session: this.#current });
  }

  async openDiff(path: string): Promise<void> {
    const change = touchedIn(this.#current?.branch ?? []).find((one) => one.path === path);
    if (this.#current && change) await openDiff(this.#current, change);
  }

  dispose(): void {
    this.#changed.dispose();
  }
}

/** A place in a session: what a chat answer carries in its metadata. */
export interface Place {
  session: string;
  event: string;
}

/** The entries of the run that ended at `event`: one message of the user and all it led to, also in the background since. */
export function runAt(session: Session, event: string): JournalEntry[] {
  const branch = branchTo(session.entries, event);
  const start = branch.findLastIndex((entry) => entry.event.type === 'prompt');
  return start < 0 ? [] : [...branch.slice(start), ...subagentsAfter(session.entries, event)];
}

import { dirname, join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import * as vscode from 'vscode';
import type { JournalEntry } from '../agent/events';
import { branchTo } from '../agent/journal';
import type { Session } from '../agent/session';
import { UserError } from '../agent/tool';
import { listSessions, nameSession, type ListedSession, type SessionHeadLine } from '../host/session-list';
import { forkSession, moveAside, moveBack } from '../host/session-moves';
import { isHere, sessionsOf } from '../panel/folds/sessions';
import type { PanelSessionList } from '../panel/sections/sessions';
import { throttle } from '../panel/throttle';
import { transcriptOf } from '../panel/transcript';
import { catchUp } from './continuing';
import type { Crews } from './crews';
import { explain, type Log } from './log';
import type { Sessions } from './sessions';
import { sessionWords } from './transcripts';

export interface Archiving {
  sessions: Sessions;
  crews: Crews;
  log: Log;
}

const REFRESH_MS = 500;
const NOTHING: PanelSessionList = { rows: [], more: 0, deleted: null };

/** The sessions there are, of this editor and of the terminal, and what a person does with them. */
export class Archive implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #heads = new Map<string, Map<string, SessionHeadLine>>();
  readonly #refresh = throttle(() => this.refresh(), REFRESH_MS);
  readonly #listener: vscode.Disposable;
  #all: ListedSession[] = [];
  /** What is looked for; `null` while nobody looks at the list. */
  #query: string | null = null;
  #deleted: { folder: string; title: string } | undefined;

  constructor(private readonly archiving: Archiving) {
    this.#listener = archiving.sessions.onDidChange(({ event }) => {
      if (!event && this.#query !== null) this.#refresh.request();
    });
  }

  /** What the panel shows; nothing while its list is closed. */
  get list(): PanelSessionList {
    const { sessions } = this.archiving;
    const deleted = this.#deleted?.title ?? null;
    if (this.#query === null) return { ...NOTHING, deleted };
    const [own] = sessions.folders;
    const when = new Intl.DateTimeFormat(vscode.env.language, { dateStyle: 'medium', timeStyle: 'short' });
    return sessionsOf({
      sessions: this.#all.map((one) => ({ ...one, terminal: dirname(one.folder) !== own })),
      query: this.#query,
      folders: openFolders(),
      current: sessions.current?.id,
      isAtWork: (id) => sessions.isRunning(id),
      used: (at) => when.format(at),
      deleted,
    });
  }

  /** What a person called a session, where that is known. */
  titleOf(id: string): string {
    return this.#all.find((one) => one.id === id)?.title ?? '';
  }

  async look(query: string | null): Promise<void> {
    const opens = this.#query === null && query !== null;
    this.#query = query;
    if (opens) await this.refresh();
    else this.#changed.fire();
  }

  async refresh(): Promise<void> {
    const { folders } = this.archiving.sessions;
    try {
      const lists = await Promise.all(
        folders.map((folder) => {
          const heads = this.#heads.get(folder) ?? new Map<string, SessionHeadLine>();
          this.#heads.set(folder, heads);
          return listSessions(folder, heads);
        }),
      );
      this.#all = lists.flat().sort((a, b) => b.usedAt - a.usedAt);
    } catch (error) {
      explain(this.archiving.log, 'listing sessions', error);
    }
    this.#changed.fire();
  }

  /** Makes it the session that the panel shows and goes on with. Throws UserError where it is not this workspace's. */
  async resume(id: string): Promise<void> {
    this.archiving.sessions.show(await this.#openHere(id));
  }

  async rename(id: string, name: string): Promise<void> {
    await nameSession(this.#find(id).folder, name);
    await this.refresh();
  }

  /** Moves it aside. Throws UserError while it is at work, here or elsewhere. */
  async remove(id: string): Promise<void> {
    const { folder, title } = this.#find(id);
    const { sessions, crews } = this.archiving;
    if (crews.live(id).length > 0)
      throw new UserError(vscode.l10n.t('Subagents of this session are at work. Stop them first.'));
    await sessions.forget(id);
    await moveAside(folder);
    this.#deleted = { folder, title };
    await this.refresh();
  }

  async undoRemove(): Promise<void> {
    if (!this.#deleted) return;
    await moveBack(this.#deleted.folder);
    this.#deleted = undefined;
    await this.refresh();
  }

  /** The prompts of a session, oldest first. */
  async prompts(id: string): Promise<{ id: string; text: string }[]> {
    const { branch } = await this.#openHere(id);
    return branch.flatMap(({ id: entry, event }) => (event.type === 'prompt' ? [{ id: entry, text: event.text }] : []));
  }

  /**
   * Makes a session of its own of it and shows that: with all there is, or with what stood before one of its prompts, whose
   * text is given back.
   */
  async fork(id: string, prompt?: string): Promise<string> {
    const from = await this.#openHere(id);
    const at = from.branch.find((entry) => entry.id === prompt);
    await this.#fork(from, branchFor(from, at));
    return at?.event.type === 'prompt' ? at.event.text : '';
  }

  /** Makes a session of its own of what there is up to an entry of a session that is open here, and shows that. */
  async forkAfter(id: string, entry: string): Promise<void> {
    if (!this.#all.some((one) => one.id === id)) await this.refresh();
    const from = await this.#openHere(id);
    await this.#fork(from, branchTo(from.entries, entry));
  }

  async #fork(from: Session, branch: readonly JournalEntry[]): Promise<void> {
    const { sessions } = this.archiving;
    const { folder, title } = this.#find(from.id);
    const to = randomUUID();
    await forkSession(folder, branch, sessions.folderOf(to));
    await nameSession(sessions.folderOf(to), vscode.l10n.t('Fork of {0}', title));
    sessions.show(await sessions.open(to));
    await this.refresh();
  }

  /** The session as a file: what a person reads, or the journal as it is. */
  async export(id: string, as: 'markdown' | 'jsonl'): Promise<{ name: string; bytes: Uint8Array }> {
    const { folder, title } = this.#find(id);
    const name =
      title
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
        .replaceAll(/^-|-$/gu, '')
        .slice(0, 60) || id;
    if (as === 'jsonl') return { name: `${name}.jsonl`, bytes: await readFile(join(folder, 'journal.jsonl')) };
    const { branch } = await this.#open(id);
    return { name: `${name}.md`, bytes: new TextEncoder().encode(transcriptOf(branch, sessionWords())) };
  }

  dispose(): void {
    this.#listener.dispose();
    this.#refresh.dispose();
    this.#changed.dispose();
  }

  /** One that was listed: the page names no other. */
  #find(id: string): ListedSession {
    const found = this.#all.find((one) => one.id === id);
    if (!found) throw new UserError(vscode.l10n.t('This session is no longer stored.'));
    return found;
  }

  async #open(id: string): Promise<Session> {
    const { sessions } = this.archiving;
    if (!(await sessions.exists(this.#find(id).id)))
      throw new UserError(vscode.l10n.t('This session is no longer stored.'));
    return sessions.open(id);
  }

  async #openHere(id: string): Promise<Session> {
    const found = this.#find(id);
    if (!isHere(found, openFolders())) {
      const folder = found.folders[0] ?? '?';
      throw new UserError(vscode.l10n.t('This session works on {0}. Open that folder to go on with it.', folder));
    }
    const session = await this.#open(id);
    // While another window is at work on it, what is known of it is shown.
    if (!this.archiving.sessions.isRunning(id))
      await catchUp(session).catch((error: unknown) =>
        this.archiving.log.info(`Not brought up to date: ${String(error)}`),
      );
    return session;
  }
}

function branchFor({ entries, branch }: Session, at: JournalEntry | undefined): JournalEntry[] {
  return at ? branchTo(entries, at.parent) : branch;
}

function openFolders(): string[] {
  return (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
}

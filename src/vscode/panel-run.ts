import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import { lastRun } from '../agent/folds';
import type { Session } from '../agent/session';
import { UserError } from '../agent/tool';
import { endButtons, endOf } from './answer-end';
import { catchUp } from './continuing';
import { anyModel } from './engineer-tool';
import { COMMANDS } from './command-names';
import { diskFolders } from './folders';
import type { Woken } from './jobs';
import { limitWords } from './limit-words';
import { explain } from './log';
import { noFolder, noKey, standingNotice, type Notice } from './message-notice';
import { runMessage } from './message-run';
import type { OwnModel } from './model-choice';
import type { Participating } from './participant';

/** A message written in the panel. */
export interface PanelMessage {
  text: string;
  references: readonly vscode.ChatPromptReference[];
  /** No person wrote it: a job of the session has news. */
  woken?: Woken;
}

export interface Queued extends PanelMessage {
  id: string;
}

export interface PanelRunning extends Participating {
  /** What the panel's picker holds; `undefined` leaves the choice to settings and droid. */
  pickedModel(): Promise<vscode.LanguageModelChat | OwnModel | undefined>;
}

const MAX_QUEUED = 20;
const NOTHING: Notice = { lines: [], buttons: [] };
/** The key of a session that does not exist yet. */
const NEW = '';

/**
 * Runs the messages that are written in the panel, in its current session. While one is worked on, others wait behind it;
 * what is to be known beside the answer stands in `notice`.
 */
export class PanelRuns implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  /** A message that was not taken, to be put back where it was written. */
  readonly #refused = new vscode.EventEmitter<PanelMessage>();
  readonly onDidRefuse = this.#refused.event;
  readonly #queues = new Map<string, Queued[]>();
  readonly #starting = new Set<string>();
  readonly #listeners: vscode.Disposable[];
  #notice: Notice = NOTHING;
  /** The entry that the person wants to hear no more of. */
  #dismissed = '';
  #seen = false;

  constructor(private readonly running: PanelRunning) {
    // A run of the chat in the same session is waited for, too.
    this.#listeners = [
      running.sessions.onDidChange(({ session, event }) => {
        if (!event && session) setImmediate(() => void this.#next(session));
      }),
      running.controls.onDidChange(() => this.#changed.fire()),
    ];
  }

  /** Set by the panel: nobody is called to a panel that is looked at. */
  set seen(seen: boolean) {
    this.#seen = seen;
  }

  /** What is to be known now; where the session stands still, why, and how it goes on, wherever and whenever it was stopped. */
  get notice(): Notice {
    const { current } = this.running.sessions;
    const leaf = current?.leaf ?? '';
    if (!current || this.busy || leaf === this.#dismissed) return this.#notice;
    const end = endOf(lastRun(current.branch));
    const why = end?.reason === 'limit' ? [limitWords(end)] : [];
    const { lines, buttons } = this.#notice;
    return {
      lines: [...why, ...lines],
      buttons: [...endButtons(end, { session: current.id, event: leaf }), ...buttons],
    };
  }

  get queue(): readonly Queued[] {
    return this.#queues.get(this.#key) ?? [];
  }

  /** Said to the run at work, and not taken yet. */
  get said(): readonly string[] {
    return this.running.controls.waiting(this.#key);
  }

  /** The current session is at work, or about to be. */
  get busy(): boolean {
    return this.#isBusy(this.#key);
  }

  get #key(): string {
    return this.running.sessions.current?.id ?? NEW;
  }

  /** Sends a message, or has it wait while the session is at work. Settles when it was worked on, or waits. */
  async send(message: PanelMessage): Promise<void> {
    if (message.text.trim() === '' && message.references.length === 0) return;
    const key = this.#key;
    if (!this.#isBusy(key)) return this.#run(message, this.running.sessions.current);
    const queue = this.#queues.get(key) ?? [];
    if (queue.length >= MAX_QUEUED) {
      this.#refused.fire(message);
      throw new UserError(vscode.l10n.t('No more than {0} messages can wait.', MAX_QUEUED));
    }
    this.#queues.set(key, [...queue, { ...message, id: randomUUID() }]);
    this.#changed.fire();
  }

  /** Says it to the run at work, which takes it at its next step; sends it where none is. */
  async steer(text: string): Promise<void> {
    const { current } = this.running.sessions;
    if (!current || !this.running.sessions.isRunning(current.id)) return this.send({ text, references: [] });
    if (text.trim() !== '') this.running.controls.say(current.id, text);
  }

  /** Goes on with a session that waited for a job. What it is woken by is told once only, so it waits for a run at work. */
  async wake(session: Session, woken: Woken): Promise<void> {
    const message = { text: woken.text, references: [], woken };
    if (!this.#isBusy(session.id)) return this.#run(message, session);
    this.#queues.set(session.id, [...(this.#queues.get(session.id) ?? []), { ...message, id: randomUUID() }]);
    this.#changed.fire();
  }

  stop(): void {
    this.running.controls.stop(this.#key);
  }

  /** Takes a waiting message back, and gives it. */
  unqueue(id: string): Queued | undefined {
    const queue = this.queue;
    const found = queue.find((one) => one.id === id);
    if (found)
      this.#queues.set(
        this.#key,
        queue.filter((one) => one !== found),
      );
    this.#changed.fire();
    return found;
  }

  /** Sends the first of those that wait: after a stop or a failure none goes by itself. */
  async sendNext(): Promise<void> {
    const [first] = this.queue;
    if (!first || this.busy) return;
    this.unqueue(first.id);
    await this.#run(first, this.running.sessions.current);
  }

  clearNotice(): void {
    this.#tell(NOTHING);
  }

  /** The person has read it. */
  dismiss(): void {
    this.#dismissed = this.running.sessions.current?.leaf ?? '';
    this.#tell(NOTHING);
  }

  dispose(): void {
    for (const listener of this.#listeners) listener.dispose();
    this.#changed.dispose();
    this.#refused.dispose();
  }

  #isBusy(key: string): boolean {
    return this.#starting.has(key) || this.running.sessions.isRunning(key);
  }

  #tell(notice: Notice): void {
    this.#notice = notice;
    this.#changed.fire();
  }

  /** Never throws: what fails is said in the panel, and a message that was not taken comes back. */
  async #run(message: PanelMessage, session: Session | undefined): Promise<void> {
    const key = session?.id ?? NEW;
    this.#starting.add(key);
    this.#tell(NOTHING);
    const lengthBefore = session?.entries.length ?? 0;
    let used = session;
    try {
      const ready = await this.#ready(session);
      if ('lines' in ready) {
        this.#refuse(message);
        return this.#tell(ready);
      }
      used = ready.session;
      await this.#work(message, ready);
    } catch (error) {
      if ((used?.entries.length ?? 0) <= lengthBefore) this.#refuse(message);
      const text = explain(this.running.log, vscode.l10n.t('while answering'), error);
      const showLog = { command: COMMANDS.showLog, title: vscode.l10n.t('Show Log') };
      this.#tell({ lines: [text], buttons: error instanceof UserError ? [] : [showLog] });
    } finally {
      this.#starting.delete(key);
      this.#changed.fire();
      if (used) void this.#next(used);
    }
  }

  /** What a person wrote goes back to where it was written. */
  #refuse(message: PanelMessage): void {
    if (!message.woken) this.#refused.fire(message);
  }

  /** All that a run needs, or why there is none. */
  async #ready(current: Session | undefined): Promise<Ready | Notice> {
    const { sessions, models } = this.running;
    if (diskFolders().length === 0) return noFolder();
    const host = this.running.host();
    const engineer = await this.running.engineer(host);
    const picked = (await this.running.pickedModel()) ?? (await anyModel(this.running));
    const model = await models.choose(picked, engineer.droid, host);
    if (model === 'demo-elsewhere') return noKey();
    const session = current ?? (await sessions.create());
    if (current) await catchUp(session);
    return { session, host, engineer, model };
  }

  async #work({ text, references, woken }: PanelMessage, ready: Ready): Promise<void> {
    const { session, engineer } = ready;
    const { current } = this.running.sessions;
    const known = session.entries.length > 0;
    const standing = standingNotice(session, engineer, this.running.shelf);
    const problems: string[] = [];
    this.#tell(standing);
    // What waits behind a session that did not exist yet waits behind it now.
    this.#queues.set(session.id, [...(this.#queues.get(NEW) ?? []), ...(this.#queues.get(session.id) ?? [])]);
    this.#queues.delete(NEW);
    await runMessage(this.running, {
      ...ready,
      asked: { prompt: text, references },
      ...(woken ? { woken } : {}),
      from: 'panel',
      // A message that waited must not pull the panel away from another session.
      quiet: current !== undefined && current.id !== session.id && known,
      ask: this.running.questions.askInPanel(session.id, () => this.#seen),
      signal: new AbortController().signal,
      show: () => undefined,
      tell: (problem) => {
        problems.push(problem);
        this.#tell({ ...standing, lines: [...standing.lines, ...problems] });
      },
    });
    const place = { session: session.id, event: session.leaf ?? '' };
    await this.running.turns.setLast(place);
    this.#tell({ ...standing, lines: [...standing.lines, ...problems] });
  }

  /** What was said and came too late for the run goes first. */
  #leftOver({ id }: Session): void {
    if (this.running.controls.waiting(id).length === 0) return;
    const late = this.running.controls.take(id).map((text) => ({ id: randomUUID(), text, references: [] }));
    this.#queues.set(id, [...late, ...(this.#queues.get(id) ?? [])]);
  }

  /** After a run that was not done all that waits stays, for a word of the person's. */
  async #next(session: Session): Promise<void> {
    if (this.#isBusy(session.id)) return;
    this.#leftOver(session);
    const [first, ...rest] = this.#queues.get(session.id) ?? [];
    if (!first) return;
    const end = endOf(session.branch);
    if (end?.reason !== 'done' && end?.reason !== 'yielded' && end?.reason !== 'waiting') return;
    this.#queues.set(session.id, rest);
    await this.#run(first, session);
  }
}

interface Ready {
  session: Session;
  host: ReturnType<Participating['host']>;
  engineer: Awaited<ReturnType<Participating['engineer']>>;
  model: Exclude<Awaited<ReturnType<Participating['models']['choose']>>, 'demo-elsewhere'>;
}

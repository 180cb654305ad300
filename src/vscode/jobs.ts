import * as vscode from 'vscode';
import { lastRun } from '../agent/folds';
import { EYES } from '../jobs/eyes';
import { isOver } from '../jobs/job';
import type { JobsPlace } from '../jobs/jobs';
import { holdTelling, markTold, untold, type News } from '../jobs/news';
import type { Observed } from '../jobs/observe';
import { wakeText } from '../jobs/tell';
import { JobWatcher } from '../jobs/watcher';
import { keepEnded, keepRecord, type Keeping, type Kept } from '../ledger/keep';
import { visible } from '../text/visible';
import { openLog } from './job-actions';
import { explain, type Log } from './log';
import { openChat } from './open-chat';
import type { PanelRuns } from './panel-run';
import type { Sessions } from './sessions';
import { readSettings } from './settings';
import type { Turns } from './turns';

/** Nobody waits for it, and a window that opens has better things to do. */
const BEGIN_MS = 3_000;
const TRY_AGAIN_MS = 3_000;

/** The words that begin a run after a job's news, as no person wrote them. */
export interface Woken {
  job: string;
  text: string;
}

export interface JobNewsWorld {
  sessions: Sessions;
  turns: Turns;
  runs: PanelRuns;
  place: () => JobsPlace;
  keeping: (signal: AbortSignal) => Promise<Keeping>;
  log: Log;
}

/** What is to be said to a session with its next message of the chat, once. Any words but those that were sent are a person's own. */
export class Wakes {
  readonly #waiting = new Map<string, Woken & { sent: string }>();

  put(session: string, woken: Woken, sent: string): void {
    this.#waiting.set(session, { ...woken, sent });
  }

  take(session: string, prompt: string): Woken | undefined {
    const found = this.#waiting.get(session);
    if (found?.sent !== prompt.trim()) return undefined;
    this.#waiting.delete(session);
    return { job: found.job, text: found.text };
  }
}

/**
 * Tells of jobs that ended or whose watches fired, in one window only: the panel's own session goes on by itself, any
 * other when the person says so.
 */
export class JobNews implements vscode.Disposable {
  readonly watcher: JobWatcher;
  readonly #telling = new Set<string>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #kept = new vscode.EventEmitter<void>();
  /** Fires when a run was written into a ledger by this window. */
  readonly onDidKeep = this.#kept.event;
  readonly #closing = new AbortController();
  #closed = false;

  constructor(
    private readonly world: JobNewsWorld,
    private readonly wakes: Wakes,
  ) {
    this.watcher = new JobWatcher({
      place: world.place,
      eyes: EYES,
      graceMs: () => readSettings()['jobs.stopSeconds'] * 1_000,
      failed: (error) => void explain(world.log, 'watching over jobs', error),
    });
    this.watcher.onChange((observed) => void this.#tell(observed));
    this.watcher.onChange((observed) => void (isOver(observed.status.state) && this.#keep(observed)));
  }

  begin(): void {
    this.#later(BEGIN_MS, () => {
      void this.watcher.look();
      void this.#keepEnded();
    });
  }

  dispose(): void {
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.watcher.dispose();
    this.#closing.abort();
  }

  /** What ended while no window was open. */
  async #keepEnded(): Promise<void> {
    const { place, keeping, log } = this.world;
    try {
      const { signal } = this.#closing;
      this.#tellKept(await keepEnded(place(), EYES, await keeping(signal)));
    } catch (error) {
      if (!this.#closed) explain(log, 'writing the ledger', error);
    }
  }

  async #keep(observed: Observed): Promise<void> {
    const { keeping, log } = this.world;
    try {
      const kept = await keepRecord(observed, await keeping(this.#closing.signal));
      if (kept) this.#tellKept([kept]);
    } catch (error) {
      if (!this.#closed) explain(log, 'writing the ledger', error);
    }
  }

  #tellKept(all: readonly Kept[]): void {
    if (all.some((one) => 'kept' in one)) this.#kept.fire();
    const problems = all.flatMap((one) => ('problem' in one && one.isNew ? [one.problem] : []));
    for (const problem of problems) this.world.log.warn(problem);
    const [first] = problems;
    if (first !== undefined) void vscode.window.showWarningMessage(visible(first));
  }

  #later(ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (!this.#closed) work();
    }, ms);
    this.#timers.add(timer);
  }

  async #tell(observed: Observed): Promise<void> {
    const { id, folder } = observed.status;
    if (this.#telling.has(id)) return;
    this.#telling.add(id);
    let again = false;
    try {
      if ((await untold(observed)).length === 0) return;
      const release = await holdTelling(folder);
      // Another window, a terminal, or the call that waits for it is telling of it: where that ends too soon, we do.
      again = release === undefined;
      if (!release) return;
      try {
        const news = await untold(observed);
        if (news.length > 0) await this.#tellOf(observed, news);
      } finally {
        await release();
      }
    } catch (error) {
      explain(this.world.log, 'telling of a job', error);
    } finally {
      this.#telling.delete(id);
      if (again) this.#later(TRY_AGAIN_MS, () => void this.#tell(observed));
    }
  }

  async #tellOf(observed: Observed, news: News[]): Promise<void> {
    const session = observed.status.found.record.startedBy.session.replace(/-agent-.*$/u, '');
    const { sessions, runs } = this.world;
    if ((await this.#isPanels(session)) && !sessions.isRunning(session)) {
      await markTold(observed, news);
      const woken = await wokenBy(observed, news);
      return void runs.wake(await sessions.open(session), woken);
    }
    const picked = await this.#ask(observed, news);
    // Nothing that a window closed over was answered: the next one tells of it.
    if (this.#closed) return;
    await markTold(observed, news);
    if (picked === 'log') await openLog(observed.status);
    if (picked === 'continue') await this.#continueInChat(session, await wokenBy(observed, news));
  }

  /** The session waits for a job, and was last spoken to in the panel. */
  async #isPanels(id: string): Promise<boolean> {
    const { sessions } = this.world;
    if (!(await sessions.exists(id))) return false;
    const run = lastRun((await sessions.open(id)).branch);
    const end = run.findLast(({ event }) => event.type === 'run-end')?.event;
    const first = run[0]?.event;
    const waits = end?.type === 'run-end' && end.reason === 'waiting';
    return waits && first?.type === 'prompt' && first.from === 'panel';
  }

  async #ask(observed: Observed, news: readonly News[]): Promise<'continue' | 'log' | undefined> {
    const [go, log] = [vscode.l10n.t('Continue'), vscode.l10n.t('Show Log')];
    const picked = await vscode.window.showInformationMessage(newsLine(observed, news), go, log);
    return picked === go ? 'continue' : picked === log ? 'log' : undefined;
  }

  async #continueInChat(session: string, woken: Woken): Promise<void> {
    const sent = vscode.l10n.t('Go on: job {0} has news.', woken.job);
    if (await this.world.sessions.exists(session)) {
      this.world.turns.goOnWith(session);
      this.wakes.put(session, woken, sent);
    }
    await openChat({ text: sent, send: true });
  }
}

async function wokenBy(observed: Observed, news: readonly News[]): Promise<Woken> {
  const { status, readings } = observed;
  return { job: status.id, text: await wakeText(status, readings, news) };
}

function newsLine({ status }: Observed, news: readonly News[]): string {
  const title = visible(status.found.record.title);
  const fired = news.flatMap((one) => (one.kind === 'fired' ? [one.firing.text] : []));
  if (!isOver(status.state)) return vscode.l10n.t('Job "{0}": {1}', title, visible(fired.join(' · ')));
  const { state } = status;
  const code = status.found.exit?.code;
  if (state.state === 'ended' && state.how === 'unknown')
    return vscode.l10n.t('Job "{0}" ended, and nobody recorded how.', title);
  return vscode.l10n.t('Job "{0}" ended (exit {1}).', title, code ?? '–');
}

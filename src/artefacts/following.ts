import { surpriseText, type KeptFor } from '../agent/guard';
import { compareNoted, noteFiles, type Noting } from './noted';

const NEVER = new AbortController().signal;

/** The losses of what goes on after its call, until a session is told of them. Lives as long as what it follows: a host. */
export class Following {
  readonly #lost = new Map<string, string[]>();
  readonly #comparing = new Set<Promise<void>>();

  async follow(noting: Noting, what: KeptFor, over: Promise<unknown>): Promise<void> {
    const noted = await noteFiles(noting, NEVER).catch(() => undefined);
    if (noted === undefined) return;
    const began = Date.now();
    const compare = (): void => {
      const comparing = this.#compared(noted, what, began).finally(() => this.#comparing.delete(comparing));
      this.#comparing.add(comparing);
    };
    void over.then(compare, compare);
  }

  /** Waits for what is being compared, not for what still runs. */
  async late(session: string): Promise<string[]> {
    await Promise.all(this.#comparing);
    const texts = this.#lost.get(session) ?? [];
    this.#lost.delete(session);
    return texts;
  }

  async #compared(noted: string, { session, call, title }: KeptFor, began: number): Promise<void> {
    const now = Date.now();
    const by = { at: new Date(now).toISOString(), ms: now - began, session, call, title };
    const text = await compareNoted(noted, by, NEVER).then(surpriseText, (error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      return `What it did to guarded files could not be looked at: ${why}`;
    });
    if (text === undefined) return;
    // A subagent may be gone by then; its parent is told.
    const told = session.replace(/-agent-.*$/u, '');
    this.#lost.set(told, [...(this.#lost.get(told) ?? []), `Of "${title}", which went on in the background: ${text}`]);
  }
}

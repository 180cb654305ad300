import * as vscode from 'vscode';

/** What a person may do to runs of this window while they go on, by session: stop them, and say something. */
export class RunControls implements vscode.Disposable {
  readonly #stops = new Map<string, AbortController>();
  readonly #said = new Map<string, string[]>();
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;

  /** A run of the session begins; call `end` when it is over. The signal is that of the stop button. */
  begin(session: string): { signal: AbortSignal; end: () => void } {
    const stop = new AbortController();
    this.#stops.set(session, stop);
    return {
      signal: stop.signal,
      end: () => {
        if (this.#stops.get(session) === stop) this.#stops.delete(session);
      },
    };
  }

  stop(session: string): void {
    this.#stops.get(session)?.abort();
  }

  /** The run takes it at its next step. */
  say(session: string, text: string): void {
    this.#said.set(session, [...(this.#said.get(session) ?? []), text]);
    this.#changed.fire();
  }

  /** What was said and not taken yet. */
  waiting(session: string): readonly string[] {
    return this.#said.get(session) ?? [];
  }

  /** Takes what was said. */
  take(session: string): string[] {
    const said = this.#said.get(session) ?? [];
    if (said.length > 0) {
      this.#said.delete(session);
      this.#changed.fire();
    }
    return said;
  }

  dispose(): void {
    this.#changed.dispose();
  }
}

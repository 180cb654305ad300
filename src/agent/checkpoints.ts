import type { CheckpointFolder, CheckpointReason, JournalEntry } from './events';
import type { Telling } from './loop';
import type { Session } from './session';

export interface Taken {
  folders: CheckpointFolder[];
  /** What the person must know, each said once: what is left out, and why there is none. */
  notes: string[];
}

/** Keeps the files of the workspace, so that a person can go back to them. */
export interface Checkpoints {
  /** Never rejects: what could not be kept is in the notes. Ends by its own time limit. */
  take(): Promise<Taken>;
  /** A message's own is made only once a call is about to change something: a question to the model costs none. */
  lazy?: boolean;
}

interface Pending {
  why: CheckpointReason;
  after: string | null;
  /** Not begun while nothing is about to change. */
  taken?: Promise<Taken>;
}

/**
 * The checkpoints of one run. They are made beside the model's work; only the first call of a step that may change
 * something waits for one that is being made.
 */
export class CheckpointKeeper {
  #pending: Pending | undefined;
  #mayHaveChanged = false;

  constructor(
    private readonly port: Checkpoints | undefined,
    private readonly session: Session,
    private readonly telling: Telling,
    private readonly signal: AbortSignal,
  ) {}

  begin(why: CheckpointReason): void {
    if (!this.port || this.#pending || this.signal.aborted) return;
    const isLater = why === 'prompt' && this.port.lazy === true;
    this.#pending = { why, after: this.session.leaf, ...(isLater ? {} : { taken: this.port.take() }) };
  }

  /** A call is about to change something. */
  async beforeChange(): Promise<void> {
    if (this.port && this.#pending && !this.signal.aborted) this.#pending.taken ??= this.port.take();
    await this.settle();
    this.#mayHaveChanged = true;
  }

  /** The calls of a step have run. */
  async afterStep(): Promise<void> {
    if (!this.#mayHaveChanged) return;
    this.#mayHaveChanged = false;
    await this.settle();
    this.begin('step');
  }

  /** Waits for what is being kept and journals it. A run that is stopped does not wait. */
  async settle(): Promise<void> {
    const pending = this.#pending;
    if (!pending?.taken) return;
    const taken = await beforeAbort(pending.taken, this.signal);
    // Of several calls that waited, one journals it.
    if (this.#pending !== pending) return;
    this.#pending = undefined;
    if (!taken) return;
    for (const message of taken.notes) this.telling.show({ type: 'warning', message });
    const { why, after } = pending;
    const isNew = why !== 'step' || keyOf(taken.folders) !== keyOf(lastCheckpoint(this.session.branch)?.folders ?? []);
    if (taken.folders.length > 0 && isNew)
      await this.telling.record({ type: 'checkpoint', why, after, folders: taken.folders });
  }
}

function beforeAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  if (signal.aborted) return Promise.resolve(undefined);
  return new Promise((settle, fail) => {
    const stop = (): void => settle(undefined);
    signal.addEventListener('abort', stop, { once: true });
    work.then(settle, fail).finally(() => signal.removeEventListener('abort', stop));
  });
}

function keyOf(folders: readonly CheckpointFolder[]): string {
  return JSON.stringify(folders.map(({ folder, commit }) => [folder, commit]).sort());
}

export interface SessionCheckpoint {
  /** The journal's entry. */
  id: string;
  at: string;
  why: CheckpointReason;
  after: string | null;
  folders: CheckpointFolder[];
  /** The message it belongs to. */
  prompt: string;
}

/** The checkpoints of a branch, oldest first. */
export function checkpointsOf(branch: readonly JournalEntry[]): SessionCheckpoint[] {
  let prompt = '';
  return branch.flatMap(({ id, at, event }) => {
    if (event.type === 'prompt') prompt = event.text;
    if (event.type !== 'checkpoint') return [];
    const { why, after, folders } = event;
    return [{ id, at, why, after, folders, prompt }];
  });
}

function lastCheckpoint(branch: readonly JournalEntry[]): SessionCheckpoint | undefined {
  return checkpointsOf(branch).at(-1);
}

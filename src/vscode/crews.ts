import type * as vscode from 'vscode';
import type { Session } from '../agent/session';
import { Subagents, type LiveSubagent } from '../agent/subagents';
import { loadWorker, type EngineerOptions } from '../engineer';
import type { Places } from '../library/library';
import type { Shelf } from './shelf';
import type { Host } from '../host/host';
import type { Web } from '../tools/index';
import type { OtherTools } from './other-tools';
import type { Models } from './model-choice';
import type { Permissions } from './permissions';
import type { Questions } from './questions';
import type { Sessions } from './sessions';
import { readSettings } from './settings';

export interface CrewWorld {
  sessions: Sessions;
  questions: Questions;
  permissions: Permissions;
  models: Models;
  places: Places;
  web: Web;
  shelf: Pick<Shelf, 'choices' | 'cache'>;
  host: () => Host;
  others: Pick<OtherTools, 'chosen'>;
  jobs: NonNullable<EngineerOptions['jobs']>;
}

/** The subagents of this window, by the session they work for. What is in the background goes on between two messages. */
export class Crews implements vscode.Disposable {
  readonly #bySession = new Map<string, Subagents<Host>>();

  constructor(private readonly world: CrewWorld) {}

  of(session: Session): Subagents<Host> {
    const known = this.#bySession.get(session.id);
    if (known) return known;
    const { sessions, questions, permissions, models, places, web, shelf, host, others, jobs } = this.world;
    const made = new Subagents<Host>(session, {
      async worker(name, within, parent) {
        const { mode } = permissions.policy(readSettings().permissionMode, session.id);
        const { droid, ...worker } = await loadWorker(name, within, {
          ...{ host: host(), places, mode, web, jobs, others: host().trusted ? others.chosen().tools : [] },
          ...{ choices: shelf.choices, cache: shelf.cache },
        });
        const { model, remarks } = await models.forWorker(droid, parent);
        remarks.unshift(...worker.remarks);
        return { ...worker, model, remarks };
      },
      open: (id) => sessions.open(id),
      askAside: questions.askInPanel(session.id),
      aside: (event) => sessions.tell(session, event),
    });
    this.#bySession.set(session.id, made);
    return made;
  }

  live(session: string): readonly LiveSubagent[] {
    return this.#bySession.get(session)?.live() ?? [];
  }

  /** Stops the subagent of this id, whichever session it works for. */
  async stop(id: string): Promise<void> {
    for (const subagents of this.#bySession.values()) if (await subagents.stop(id)) return;
  }

  /** The window goes down, and with it all that is at work. */
  async cutAll(): Promise<void> {
    await Promise.all([...this.#bySession.values()].map((subagents) => subagents.cutAll()));
  }

  dispose(): void {
    void this.cutAll();
  }
}

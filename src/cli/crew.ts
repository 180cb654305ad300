import { join } from 'node:path';
import type { Mode } from '../agent/approval';
import type { AskPerson } from '../agent/calls';
import type { AgentEvent } from '../agent/events';
import { Session } from '../agent/session';
import type { Crew } from '../agent/subagents';
import { loadWorker, type EngineerOptions } from '../engineer';
import type { LibraryChoices, Places } from '../library/library';
import { fileStore } from '../host/file-store';
import type { Host } from '../host/host';
import type { Effort } from '../models/capabilities';
import type { Catalogue } from '../models/catalogue';
import { environmentCredential } from '../models/credential';
import type { Wire } from '../models/wire';
import type { Web } from '../tools/index';

export interface CrewWorld {
  host: Host;
  places: Places;
  mode: Mode;
  web: Web;
  choices: LibraryChoices;
  jobs: NonNullable<EngineerOptions['jobs']>;
  wire: Wire;
  sessionsFolder: string;
  env: NodeJS.ProcessEnv;
  catalogue: Catalogue;
  ask: AskPerson;
  print: (event: AgentEvent) => void;
}

/** Subagents without an editor: their sessions lie beside their parent's, and nobody can be asked for them either. */
export function createCrew(world: CrewWorld): Crew<Host> {
  const { sessionsFolder, env, catalogue, wire } = world;
  return {
    async worker(name, within, parent) {
      const { droid, ...worker } = await loadWorker(name, within, world);
      const [{ createAnthropicModel }, { workerModel }] = await Promise.all([
        import('../models/anthropic'),
        import('../models/families'),
      ]);
      const credential = environmentCredential(env);
      const offer = credential && {
        credential,
        catalogue,
        create: async (id: string, effort: Effort | undefined) =>
          createAnthropicModel({ model: id, credential, wire, effort }),
      };
      const { model, remarks } = await workerModel(droid, parent, offer);
      remarks.unshift(...worker.remarks);
      return { ...worker, model, remarks };
    },
    open: (id) => Session.open(id, fileStore(join(sessionsFolder, id))),
    askAside: world.ask,
    aside: world.print,
  };
}

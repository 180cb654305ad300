import { ModelError, type Model } from '../agent/model';
import { createClient } from './anthropic';
import type { Catalogue } from './catalogue';
import { DEFAULT_BASE_URL, type Credential } from './credential';
import type { ScriptedModel } from './scripted';

/** The newest of each line as of November 2026: what a family's name means where the server gives no list. */
const NEWEST: Readonly<Record<string, string>> = {
  haiku: 'claude-haiku-5-5',
  sonnet: 'claude-sonnet-5-5',
  opus: 'claude-opus-5-5',
  fable: 'claude-fable-5-2',
};
/** A list that does not come in this time is done without. */
const LIST_MS = 3_000;

export interface Offer {
  catalogue: Catalogue;
  credential: Credential;
}

/** The id behind a name: of a family the newest active model, by the server's list where there is one; else the name itself. */
export async function modelIdOf(name: string, { catalogue, credential }: Offer): Promise<string> {
  const line = name.toLowerCase();
  if (!(line in NEWEST)) return name;
  const endpoint = credential.baseUrl ?? DEFAULT_BASE_URL;
  if (!catalogue.knows(endpoint)) {
    // Throws only when the time is over.
    const list = catalogue.fetch(endpoint, await createClient(credential), AbortSignal.timeout(LIST_MS));
    await list.catch(() => undefined);
  }
  return catalogue.newestOf(endpoint, line) ?? NEWEST[line] ?? name;
}

export interface WorkerModel {
  model: Model;
  /** Why it is not the one that was named; may grow while the model is used. */
  remarks: string[];
}

/**
 * The model of a droid that works under a session of `parent`'s: the one it names, where that can be had where the
 * parent's own comes from. `offer` is `undefined` where all must be the parent's.
 */
export async function workerModel(
  { name, model: wanted }: { name: string; model: string },
  parent: Model,
  offer: (Offer & { create: (id: string) => Promise<Model> }) | undefined,
): Promise<WorkerModel> {
  if ('forDroid' in parent) return { model: (parent as ScriptedModel).forDroid(name), remarks: [] };
  if (wanted === 'inherit') return { model: parent, remarks: [] };
  const instead = `${name} names the model ${wanted}, which is not to be had here: it worked with ${parent.id}.`;
  if (!offer) return { model: parent, remarks: [instead] };
  const id = await modelIdOf(wanted, offer);
  if (id === parent.id) return { model: parent, remarks: [] };
  const endpoint = offer.credential.baseUrl ?? DEFAULT_BASE_URL;
  if (offer.catalogue.knows(endpoint) && !offer.catalogue.model(endpoint, id))
    return { model: parent, remarks: [instead] };
  const remarks: string[] = [];
  return { model: withFallback(await offer.create(id), parent, () => remarks.push(instead)), remarks };
}

/** Asks `parent` from the moment on that the endpoint says it has no such model. */
function withFallback(model: Model, parent: Model, say: () => void): Model {
  let gone = false;
  return {
    id: model.id,
    contextWindow: model.contextWindow,
    costOf: (usage, id) => model.costOf(usage, id),
    async *stream(request, signal) {
      if (!gone) {
        try {
          yield* model.stream(request, signal);
          return;
        } catch (error) {
          // Refused before it said a word: no model is found gone in the middle of an answer.
          if (!(error instanceof ModelError) || error.code !== 'model-gone') throw error;
          gone = true;
          say();
          const why = `${model.id} is not offered here; ${parent.id}, the model of the session, answers instead.`;
          yield { type: 'model-switch', from: model.id, to: parent.id, why };
        }
      }
      yield* parent.stream(request, signal);
    },
  };
}

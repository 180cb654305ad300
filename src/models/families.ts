import { ModelError, type Model } from '../agent/model';
import { createClient, type AnthropicModel } from './anthropic';
import type { Effort } from './capabilities';
import { newestIn, successorOf, type Catalogue, type CatalogueModel } from './catalogue';
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

/** The model that answers for a name, as far as a list of models tells. Asks nobody. */
export function knownModelOf(name: string, listed: readonly CatalogueModel[]): string {
  const line = name.toLowerCase();
  const id = line in NEWEST ? (newestIn(listed, (model) => model.line === line) ?? NEWEST[line] ?? name) : name;
  const found = listed.find((model) => model.id === id);
  const isGone = listed.length > 0 && (!found || found.lifecycle === 'retired');
  return (isGone ? successorOf(id, listed) : undefined) ?? id;
}

export interface WorkerModel {
  model: Model;
  /** Why it is not the one that was named; may grow while the model is used. */
  remarks: string[];
}

/** What a droid says of its model. */
export interface WorkerWish {
  name: string;
  model: string;
  effort?: Effort | undefined;
}

/**
 * The model of a droid that works under a session of `parent`'s: the one it names, where that can be had where the
 * parent's own comes from, told to try as hard as the droid says, else as the parent's. `offer` is `undefined` where
 * all must be the parent's.
 */
export async function workerModel(
  { name, model: wanted, effort: own }: WorkerWish,
  parent: Model,
  offer: (Offer & { create: (id: string, effort: Effort | undefined) => Promise<Model> }) | undefined,
): Promise<WorkerModel> {
  if ('forDroid' in parent) return { model: (parent as ScriptedModel).forDroid(name), remarks: [] };
  const parents = effortOf(parent);
  const effort = own ?? parents;
  const asParent = async (): Promise<WorkerModel> => {
    if (effort === parents) return { model: parent, remarks: [] };
    if (offer) return { model: await offer.create(parent.id, effort), remarks: [] };
    return { model: parent, remarks: [`${name} names the effort ${effort}, which ${parent.id} cannot be told.`] };
  };
  if (wanted === 'inherit') return asParent();
  const instead = `${name} names the model ${wanted}, which is not to be had here: it worked with ${parent.id}.`;
  if (!offer) return { model: parent, remarks: [instead] };
  const id = await modelIdOf(wanted, offer);
  if (id === parent.id) return asParent();
  const endpoint = offer.credential.baseUrl ?? DEFAULT_BASE_URL;
  if (offer.catalogue.knows(endpoint) && !offer.catalogue.model(endpoint, id))
    return { model: parent, remarks: [instead] };
  const remarks: string[] = [];
  return { model: withFallback(await offer.create(id, effort), parent, () => remarks.push(instead)), remarks };
}

function effortOf(model: Model): Effort | undefined {
  return 'effort' in model ? (model as AnthropicModel).effort : undefined;
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

import * as vscode from 'vscode';
import { ModelError, type Model } from '../agent/model';
import type { Host } from '../host/host';
import type { Droid } from '../library/droids';
import { loadLibrary, type Places } from '../library/library';
import { createAnthropicModel } from '../models/anthropic';
import { capabilitiesOf, effortChoice, type Effort } from '../models/capabilities';
import { Catalogue, type CatalogueModel } from '../models/catalogue';
import { modelChoice, type Credential } from '../models/credential';
import { knownModelOf, modelIdOf, workerModel, type WorkerModel } from '../models/families';
import { loadScriptedModel } from '../models/scripted';
import type { Demo } from './demo';
import { createEditorModel } from './editor-model';
import type { Keys } from './keys';
import type { ModelList } from './model-list';
import { readSettings } from './settings';

export const VENDOR = 'ml-engineer';
export const AUTO = 'auto';
export const DEMO = 'demo';

/** One of our models by its id, as it is chosen outside the chat. */
export interface OwnModel {
  vendor: typeof VENDOR;
  id: string;
}

/** Turns what the chat's picker holds into a model that answers. */
export class Models {
  readonly #catalogue: Catalogue;
  /** The models asked with the user's own key. */
  readonly #ours = new WeakSet<Model>();

  constructor(
    private readonly keys: Keys,
    private readonly demo: Demo,
    private readonly list: Pick<ModelList, 'all'>,
    state: vscode.Memento,
  ) {
    this.#catalogue = new Catalogue({
      get: (key) => state.get(key),
      set: (key, value) => state.update(key, value),
    });
  }

  /** Ours by the SDK, another vendor's over the editor's API. `demo-elsewhere`: the demo would play where it must not. */
  async choose(
    picked: vscode.LanguageModelChat | OwnModel | undefined,
    droid: Droid,
    host: Host,
  ): Promise<Model | 'demo-elsewhere'> {
    if (picked && picked.vendor !== VENDOR && 'sendRequest' in picked) return createEditorModel(picked);
    const id = picked?.id ?? AUTO;
    const hasKey = (await this.keys.credential()) !== undefined;
    if (id === DEMO || !hasKey) {
      const inDemo = await this.demo.isDemo(host.folders[0]?.path);
      return inDemo ? loadScriptedModel(this.demo.script) : 'demo-elsewhere';
    }
    return this.create(id === AUTO ? await this.autoId(droid) : id, wantedEffort(droid));
  }

  /** The efforts that the model takes which a message would go to now; none where there is nothing to choose. Asks nobody. */
  async efforts(
    picked: vscode.LanguageModelChat | OwnModel | undefined,
    droid: Pick<Droid, 'model'>,
  ): Promise<readonly Effort[]> {
    if (picked && picked.vendor !== VENDOR) return [];
    if (picked?.id === DEMO || !(await this.keys.credential())) return [];
    const name = picked && picked.id !== AUTO ? picked.id : autoChoice(droid);
    const listed = this.list.all();
    const id = knownModelOf(name, listed);
    return capabilitiesOf(
      id,
      listed.find((model) => model.id === id),
    ).efforts;
  }

  /** The model of a subagent: what its droid names, where the session's own model is ours; else the session's own. */
  async forWorker(droid: Droid, parent: Model): Promise<WorkerModel> {
    const credential = this.#ours.has(parent) ? await this.keys.credential() : undefined;
    const create = (id: string, effort: Effort | undefined): Promise<Model> => this.create(id, effort);
    return workerModel(droid, parent, credential && { credential, catalogue: this.#catalogue, create });
  }

  /** The model that is to write summaries. Only beside one of ours: else what another vendor was sent would go to Anthropic. */
  async forSummary(parent: Model): Promise<Model | undefined> {
    const { summaryModel } = readSettings();
    const credential = this.#ours.has(parent) ? await this.keys.credential() : undefined;
    if (summaryModel === '' || !credential) return undefined;
    return this.create(await modelIdOf(summaryModel, { catalogue: this.#catalogue, credential }));
  }

  /** The model of a session that leaves the choice to the droid. */
  async autoId(droid: Pick<Droid, 'model'>): Promise<string> {
    const choice = autoChoice(droid);
    const credential = await this.keys.credential();
    return credential ? modelIdOf(choice, { catalogue: this.#catalogue, credential }) : choice;
  }

  /** The same before there is a session: from the droid that the settings name. */
  async autoModel(places: Places): Promise<string> {
    const folders = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
    const { droids } = await loadLibrary({ folders, places, trusted: vscode.workspace.isTrusted });
    const { droid: wanted } = readSettings();
    return this.autoId(droids.find(({ name }) => name === wanted) ?? { model: 'inherit' });
  }

  async create(id: string, effort?: Effort): Promise<Model> {
    const credential = await this.keys.credential();
    if (!credential) {
      throw new ModelError(vscode.l10n.t('No API key for Anthropic. Run "ML Engineer: Set API Key".'), {
        code: 'no-key',
      });
    }
    return this.#own(id, credential, effort);
  }

  #own(id: string, credential: Credential, effort: Effort | undefined): Model {
    const { firstByteSeconds, silenceSeconds } = readSettings();
    const patience = { firstByteMs: firstByteSeconds * 1_000, silenceMs: silenceSeconds * 1_000 };
    const listed = (one: string): CatalogueModel | undefined => this.list.all().find((model) => model.id === one);
    const model = createAnthropicModel({ model: id, credential, effort, listed, wire: { patience } });
    this.#ours.add(model);
    return model;
  }
}

/** What settings and droid name where nobody picked a model. */
function autoChoice({ model }: Pick<Droid, 'model'>): string {
  return modelChoice({ environment: process.env['ANTHROPIC_MODEL'], setting: readSettings().model, droid: model });
}

/** How hard to try, as settings and droid say. */
export function wantedEffort({ effort }: Pick<Droid, 'effort'>): Effort | undefined {
  return effortChoice({ setting: readSettings().effort, droid: effort });
}

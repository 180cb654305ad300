import * as vscode from 'vscode';
import { ModelError, type Model } from '../agent/model';
import type { Host } from '../host/host';
import type { Droid } from '../library/droids';
import { loadLibrary, type Places } from '../library/library';
import { createAnthropicModel } from '../models/anthropic';
import { modelChoice } from '../models/credential';
import { loadScriptedModel } from '../models/scripted';
import type { Demo } from './demo';
import { createEditorModel } from './editor-model';
import type { Keys } from './keys';
import { readSettings } from './settings';

export const VENDOR = 'ml-engineer';
export const AUTO = 'auto';
export const DEMO = 'demo';

/** Turns what the chat's picker holds into a model that answers. */
export class Models {
  constructor(
    private readonly keys: Keys,
    private readonly demo: Demo,
  ) {}

  /** Ours by the SDK, another vendor's over the editor's API. `demo-elsewhere`: the demo would play where it must not. */
  async choose(
    picked: vscode.LanguageModelChat | undefined,
    droid: Droid,
    host: Host,
  ): Promise<Model | 'demo-elsewhere'> {
    if (picked && picked.vendor !== VENDOR) return createEditorModel(picked);
    const id = picked?.id ?? AUTO;
    const hasKey = (await this.keys.credential()) !== undefined;
    if (id === DEMO || !hasKey) {
      const inDemo = await this.demo.isDemo(host.folders[0]?.path);
      return inDemo ? loadScriptedModel(this.demo.script) : 'demo-elsewhere';
    }
    return this.create(id === AUTO ? this.autoId(droid) : id);
  }

  /** The model of a session that leaves the choice to the droid. */
  autoId({ model }: Pick<Droid, 'model'>): string {
    return modelChoice({ environment: process.env['ANTHROPIC_MODEL'], setting: readSettings().model, droid: model });
  }

  /** The same before there is a session: from the droid that the settings name. */
  async autoModel(places: Places): Promise<string> {
    const folders = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
    const { droids } = await loadLibrary({ folders, places, trusted: vscode.workspace.isTrusted });
    const { droid: wanted } = readSettings();
    return this.autoId(droids.find(({ name }) => name === wanted) ?? { model: 'inherit' });
  }

  async create(id: string): Promise<Model> {
    const credential = await this.keys.credential();
    if (!credential) {
      throw new ModelError(vscode.l10n.t('No API key for Anthropic. Run "ML Engineer: Set API Key".'), {
        code: 'no-key',
      });
    }
    return createAnthropicModel({ model: id, credential });
  }
}

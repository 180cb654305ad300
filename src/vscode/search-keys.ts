import * as vscode from 'vscode';
import { KEYED_SERVICES, type SearchKey } from '../web/search/index';
import { askForKey, secretFor } from './keys';
import { readSettings, SECTION } from './settings';

type Name = keyof typeof KEYED_SERVICES;
const NAMES = Object.keys(KEYED_SERVICES) as Name[];

/** The keys of search services, each kept for the host of its service. */
export class SearchKeys {
  constructor(private readonly secrets: vscode.SecretStorage) {}

  /** The key that was stored for a host. */
  async stored(host: string): Promise<SearchKey | undefined> {
    const value = await this.secrets.get(secretFor(host));
    return value ? { value, source: 'Secret Storage' } : undefined;
  }

  /** Asks for a service and its key. It is tried with the first search: a trial would cost one. */
  async set(): Promise<void> {
    const name = await this.#pick(NAMES, vscode.l10n.t('The service whose key is set'));
    if (!name) return;
    const { name: label, host } = KEYED_SERVICES[name];
    const key = await askForKey(host, await this.#status(name));
    if (key === undefined) return;
    await this.secrets.store(secretFor(host), key);
    await offerToUse(name, label);
  }

  async remove(): Promise<void> {
    const stored = await Promise.all(NAMES.map((name) => this.stored(KEYED_SERVICES[name].host)));
    const names = NAMES.filter((_, index) => stored[index] !== undefined);
    if (names.length === 0) {
      void vscode.window.showInformationMessage(vscode.l10n.t('No key of a search service is stored.'));
      return;
    }
    const name = await this.#pick(names, vscode.l10n.t('The service whose key is removed'));
    if (!name) return;
    await this.secrets.delete(secretFor(KEYED_SERVICES[name].host));
    const gone = vscode.l10n.t('The API key for {0} is removed.', KEYED_SERVICES[name].name);
    void vscode.window.showInformationMessage(`${gone} ${await this.#status(name)}`);
  }

  async #pick(names: readonly Name[], placeHolder: string): Promise<Name | undefined> {
    const items = await Promise.all(
      names.map(async (name) => ({ name, label: KEYED_SERVICES[name].name, description: await this.#status(name) })),
    );
    return (await vscode.window.showQuickPick(items, { title: vscode.l10n.t('Web Search'), placeHolder }))?.name;
  }

  async #status(name: Name): Promise<string> {
    const { host, variable } = KEYED_SERVICES[name];
    const source =
      (await this.stored(host))?.source ?? (process.env[variable] ? `environment variable ${variable}` : '');
    return source === ''
      ? vscode.l10n.t('There is no key for {0} now.', host)
      : vscode.l10n.t('The key in use for {0} comes from {1}.', host, source);
  }
}

/** A key alone searches nothing: the service has to be the chosen one. */
async function offerToUse(name: Name, label: string): Promise<void> {
  const isSet = vscode.l10n.t('The API key for {0} is set.', label);
  if (readSettings()['web.search'] === name) {
    void vscode.window.showInformationMessage(isSet);
    return;
  }
  const use = vscode.l10n.t('Search with {0}', label);
  if ((await vscode.window.showInformationMessage(isSet, use)) !== use) return;
  await vscode.workspace.getConfiguration(SECTION).update('web.search', name, vscode.ConfigurationTarget.Global);
}

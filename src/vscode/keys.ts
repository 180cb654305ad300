import * as vscode from 'vscode';
import { checkKey } from '../models/check-key';
import { DEFAULT_BASE_URL, findCredential, type Credential } from '../models/credential';
import type { Log } from './log';
import { readSettings } from './settings';

const CHECK_MS = 15_000;
const SECRET = 'mlEngineer.apiKey';

/** The key: set by the user and kept in the editor's secret storage for one host, or found in the environment. */
export class Keys implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #listeners: vscode.Disposable[];

  constructor(
    private readonly secrets: vscode.SecretStorage,
    private readonly log: Log,
  ) {
    this.#listeners = [
      secrets.onDidChange(({ key }) => key.startsWith(SECRET) && this.#changed.fire()),
      vscode.workspace.onDidChangeConfiguration(
        (event) => event.affectsConfiguration('mlEngineer') && this.#changed.fire(),
      ),
    ];
  }

  /** The endpoint in use: the setting, the environment, Anthropic itself. */
  get baseUrl(): string {
    return readSettings().baseUrl || process.env['ANTHROPIC_BASE_URL'] || DEFAULT_BASE_URL;
  }

  /** The one credential in use, or `undefined` when there is none for this host. */
  async credential(): Promise<Credential | undefined> {
    const stored = await this.secrets.get(this.#secret());
    return findCredential({ stored, baseUrl: this.baseUrl, env: process.env });
  }

  /** Asks for a key, checks it with one free call and keeps it for the host in use. */
  async set(): Promise<void> {
    const host = hostOf(this.baseUrl);
    const key = await askForKey(host, await this.#status());
    if (key === undefined) return;
    const problem = await this.#check(key);
    if (problem !== undefined && !(await this.#keepAnyway(problem))) return;
    await this.secrets.store(this.#secret(), key);
    this.#changed.fire();
    void vscode.window.showInformationMessage(vscode.l10n.t('The API key for {0} is set.', host));
  }

  async remove(): Promise<void> {
    const host = hostOf(this.baseUrl);
    const stored = await this.secrets.get(this.#secret());
    await this.secrets.delete(this.#secret());
    this.#changed.fire();
    const gone =
      stored === undefined
        ? vscode.l10n.t('No key was stored for {0}.', host)
        : vscode.l10n.t('The API key for {0} is removed.', host);
    void vscode.window.showInformationMessage(`${gone} ${await this.#status()}`);
  }

  async showSource(): Promise<void> {
    const set = vscode.l10n.t('Set API Key');
    const picked = await vscode.window.showInformationMessage(await this.#status(), set);
    if (picked === set) await this.set();
  }

  async #status(): Promise<string> {
    const host = hostOf(this.baseUrl);
    const credential = await this.credential();
    return credential
      ? vscode.l10n.t('The key in use for {0} comes from {1}.', host, credential.source)
      : vscode.l10n.t('There is no key for {0} now.', host);
  }

  /** What is wrong with a key; `undefined` when the endpoint takes it. */
  async #check(key: string): Promise<string | undefined> {
    const options = { location: vscode.ProgressLocation.Notification, title: vscode.l10n.t('Checking the key') };
    return vscode.window.withProgress(options, async () => {
      const credential: Credential = { kind: 'apiKey', value: key, source: 'input', baseUrl: this.baseUrl };
      const problem = await checkKey(credential, AbortSignal.timeout(CHECK_MS)).catch(() =>
        vscode.l10n.t('The endpoint did not answer in time.'),
      );
      if (problem !== undefined) this.log.warn(`The key was not taken: ${problem}`);
      return problem;
    });
  }

  async #keepAnyway(problem: string): Promise<boolean> {
    const keep = vscode.l10n.t('Keep It Anyway');
    return (await vscode.window.showWarningMessage(problem, { modal: true }, keep)) === keep;
  }

  #secret(): string {
    return secretFor(hostOf(this.baseUrl));
  }

  dispose(): void {
    for (const listener of this.#listeners) listener.dispose();
    this.#changed.dispose();
  }
}

/** The name under which the secret storage keeps the key for a host: another host never gets it. */
export function secretFor(host: string): string {
  return `${SECRET}:${host}`;
}

/** Asks for the key for a host; `status` says which is in use. `undefined` where none was given. */
export async function askForKey(host: string, status: string): Promise<string | undefined> {
  const key = await vscode.window.showInputBox({
    title: vscode.l10n.t('API key for {0}', host),
    prompt: vscode.l10n.t('It is kept in the secret storage of this editor, for this host only. {0}', status),
    placeHolder: status,
    password: true,
    ignoreFocusOut: true,
    validateInput: (value) =>
      value !== '' && /[^\u0021-\u007e]/u.test(value.trim())
        ? vscode.l10n.t('A key has no blanks and no special characters.')
        : undefined,
  });
  return key?.trim() || undefined;
}

function hostOf(url: string): string {
  try {
    return new URL(url).host;
  } catch {
    return url;
  }
}

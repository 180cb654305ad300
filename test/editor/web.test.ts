import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { Keys } from '../../src/vscode/keys';
import { SearchKeys } from '../../src/vscode/search-keys';
import { editorWeb } from '../../src/vscode/web';

/** VS Code hands an extension its secrets with the context, which tests are not given. */
function secretsWith(stored: Record<string, string>): vscode.SecretStorage {
  return {
    get: async (key) => stored[key],
    keys: async () => Object.keys(stored),
    store: async (key, value) => void (stored[key] = value),
    delete: async (key) => void Reflect.deleteProperty(stored, key),
    onDidChange: () => ({ dispose: () => undefined }),
  };
}

describe('the web of the settings', () => {
  const log = vscode.window.createOutputChannel('web test', { log: true });
  const settings = (): vscode.WorkspaceConfiguration => vscode.workspace.getConfiguration('mlEngineer');
  const set = (values: Record<string, unknown>): Promise<unknown> =>
    Promise.all(
      Object.entries(values).map(([name, value]) => settings().update(name, value, vscode.ConfigurationTarget.Global)),
    );
  const chosen = async (stored: Record<string, string> = {}): Promise<string> => {
    const secrets = secretsWith(stored);
    const keys = new Keys(secrets, log);
    try {
      return (await editorWeb(keys, new SearchKeys(secrets)).search()).url.host;
    } catch (error) {
      return (error as Error).message;
    } finally {
      keys.dispose();
    }
  };

  // The editor under test was started with a key for a scripted server.
  const names = ['ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN', 'ANTHROPIC_BASE_URL'];
  const kept = names.map((name) => [name, process.env[name]] as const);
  before(() => names.forEach((name) => Reflect.deleteProperty(process.env, name)));
  after(() => kept.forEach(([name, value]) => value !== undefined && (process.env[name] = value)));

  afterEach(() => set({ 'web.search': undefined, 'web.searxngUrl': undefined, 'web.allowedHosts': undefined }));
  after(() => log.dispose());

  it('is searched with the key in use for Anthropic, as long as nothing else is chosen', async () => {
    assert.match(await chosen(), /no key for Anthropic/u);
    assert.equal(await chosen({ 'mlEngineer.apiKey:api.anthropic.com': 'k' }), 'api.anthropic.com');
  });

  it('is searched with the service that was chosen, and a key never leaves for another host', async () => {
    await set({ 'web.search': 'brave' });
    assert.match(await chosen({ 'mlEngineer.apiKey:api.tavily.com': 'k' }), /no key for it/u);
    assert.equal(await chosen({ 'mlEngineer.apiKey:api.search.brave.com': 'k' }), 'api.search.brave.com');
    await set({ 'web.search': 'searxng', 'web.searxngUrl': 'http://localhost:8888' });
    assert.equal(await chosen(), 'localhost:8888');
    await set({ 'web.search': 'none' });
    assert.match(await chosen({ 'mlEngineer.apiKey:api.anthropic.com': 'k' }), /turned web search off/u);
  });

  it('lets through the hosts that the settings name, at once', async () => {
    const { allowedHosts } = editorWeb(new Keys(secretsWith({}), log), new SearchKeys(secretsWith({})));
    assert.deepEqual(allowedHosts(), []);
    await set({ 'web.allowedHosts': ['docs.internal:8080'] });
    assert.deepEqual(allowedHosts(), ['docs.internal:8080']);
  });
});

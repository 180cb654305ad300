import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { SETTING_NAMES } from '../../src/vscode/settings';
import { startAnthropicServer, type AnthropicServer } from '../support/anthropic-server';

const ENVIRONMENT = ['ANTHROPIC_BASE_URL', 'ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN', 'ANTHROPIC_MODEL'];

async function textOf(response: vscode.LanguageModelChatResponse): Promise<string> {
  let text = '';
  for await (const part of response.text) text += part;
  return text;
}

describe('tools as steps of the chat', () => {
  it('refuse a call in the name of a session that did not make it', async () => {
    const input = { command: 'touch made-by-a-stranger', mlEngineerCall: 'guessed' };
    const result = await vscode.lm.invokeTool('ml-engineer_execute', { input, toolInvocationToken: undefined });
    assert.match((result.content[0] as vscode.LanguageModelTextPart).value, /^Not run\./u);
    assert.deepEqual(await vscode.workspace.findFiles('made-by-a-stranger'), []);
  });

  it('are there for every tool', () => {
    const names = vscode.lm.tools.map(({ name }) => name);
    for (const name of ['read', 'ls', 'grep', 'glob', 'create', 'edit', 'execute', 'todowrite', 'skill', 'confirm']) {
      assert.ok(names.includes(`ml-engineer_${name}`), name);
    }
  });
});

describe('settings', () => {
  it('are the ones of the manifest', () => {
    const manifest = vscode.extensions.getExtension('ml-engineer.ml-engineer')?.packageJSON as {
      contributes: { configuration: { properties: object } };
    };
    const contributed = Object.keys(manifest.contributes.configuration.properties);
    assert.deepEqual(contributed.sort(), SETTING_NAMES.map((name) => `mlEngineer.${name}`).sort());
  });
});

describe('models in the picker', () => {
  const kept = Object.fromEntries(ENVIRONMENT.map((name) => [name, process.env[name]]));
  let server: AnthropicServer | undefined;

  const changeUrl = (url: string | undefined): Thenable<void> =>
    vscode.workspace.getConfiguration('mlEngineer').update('baseUrl', url, vscode.ConfigurationTarget.Global);

  /** The models once they are as expected: the picker learns of a key through an event. */
  const modelsWith = async (id: string): Promise<vscode.LanguageModelChat[]> => {
    for (let tries = 0; tries < 50; tries++) {
      const models = await vscode.lm.selectChatModels({ vendor: 'ml-engineer' });
      if (models.some((model) => model.id === id)) return models;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`no model ${id}`);
  };

  beforeEach(async () => {
    for (const name of ENVIRONMENT) delete process.env[name];
    await changeUrl('http://127.0.0.1:9');
  });
  after(async () => {
    for (const [name, value] of Object.entries(kept)) if (value !== undefined) process.env[name] = value;
    await changeUrl(undefined);
    await server?.stop();
  });

  it('are the demo alone without a key, and it says what it is', async () => {
    const models = await modelsWith('demo');
    assert.deepEqual(
      models.map(({ id }) => id),
      ['demo'],
    );
    const response = await models[0]?.sendRequest([vscode.LanguageModelChatMessage.User('hello')]);
    assert.ok(response);
    assert.match(await textOf(response), /demo/u);
  });

  it('answer any caller with text and tool calls, and begin with the automatic one', async () => {
    server = await startAnthropicServer({
      apiKey: 'test-key',
      turns: [
        { content: [{ type: 'text', text: 'Forty-two.' }] },
        { content: [{ type: 'tool_use', name: 'add', input: { a: 1 } }] },
      ],
    });
    process.env['ANTHROPIC_API_KEY'] = 'test-key';
    process.env['ANTHROPIC_BASE_URL'] = server.url;
    await changeUrl(server.url);
    const models = await modelsWith('claude-opus-5-5');
    const byName = [...models].sort((a, b) => a.name.localeCompare(b.name));
    assert.equal(byName[0]?.id, 'auto');
    const model = models.find(({ id }) => id === 'claude-opus-5-5');
    assert.ok(model);
    const ask = [vscode.LanguageModelChatMessage.User('What is the answer?')];
    assert.equal(await textOf(await model.sendRequest(ask)), 'Forty-two.');
    const tools = [
      { name: 'add', description: 'Adds.', inputSchema: { type: 'object', properties: { a: { type: 'number' } } } },
    ];
    const calls: unknown[] = [];
    for await (const part of (await model.sendRequest(ask, { tools })).stream) {
      if (part instanceof vscode.LanguageModelToolCallPart) calls.push({ name: part.name, input: part.input });
    }
    assert.deepEqual(calls, [{ name: 'add', input: { a: 1 } }]);
    assert.ok((await model.countTokens('a text of some words')) > 2);
    assert.deepEqual(server.refusals, []);
  });
});

import assert from 'node:assert/strict';
import { contributes } from '../../package.json';
import texts from '../../package.nls.json';
import { COMMANDS } from '../../src/vscode/command-names';
import { languageModelTools } from '../../src/vscode/contributed-tools';

describe('the manifest', () => {
  it('contributes the commands there are, and no others', () => {
    assert.deepEqual(contributes.commands.map(({ command }) => command).sort(), Object.values(COMMANDS).sort());
  });

  it('contributes the tools as the code has them', () => {
    assert.deepEqual(contributes.languageModelTools, JSON.parse(JSON.stringify(languageModelTools())));
  });

  it('offers other agents the whole engineer and no other tool, and asks by none that may be approved by itself', () => {
    const offered = contributes.languageModelTools.filter((tool) => 'canBeReferencedInPrompt' in tool);
    assert.deepEqual(
      offered.map(({ name, ...tool }) => [name, 'toolReferenceName' in tool && tool.toolReferenceName]),
      [['ml-engineer_ask', 'mlEngineer']],
    );
    assert.deepEqual(contributes.configurationDefaults['chat.tools.eligibleForAutoApproval'], {
      'ml-engineer.ml-engineer/mlEngineerConfirm': false,
    });
  });

  it('has every setting in scope application, where no repository can set it', () => {
    for (const [name, { scope }] of Object.entries(contributes.configuration.properties))
      assert.equal(scope, 'application', name);
  });

  it('has a text for each key', () => {
    const keys = [...JSON.stringify(contributes).matchAll(/"%([\w.]+)%"/gu)].map(([, key]) => key ?? '');
    assert.ok(keys.length > 20);
    assert.deepEqual(
      keys.filter((key) => !(key in texts)),
      [],
    );
  });
});

import assert from 'node:assert/strict';
import * as vscode from 'vscode';

describe('the extension', () => {
  it('activates, and its commands are there', async () => {
    const extension = vscode.extensions.getExtension('ml-engineer.ml-engineer');
    assert.ok(extension, 'the extension is installed');
    await extension.activate();
    assert.equal(vscode.extensions.getExtension('ms-python.python')?.isActive, false, 'starts no other extension');
    const manifest = extension.packageJSON as { contributes: { commands: { command: string }[] } };
    const commands = new Set(await vscode.commands.getCommands(true));
    assert.deepEqual(
      manifest.contributes.commands.map(({ command }) => command).filter((command) => !commands.has(command)),
      [],
    );
  });

  it('puts its models into the picker without any other vendor', async () => {
    const models = await vscode.lm.selectChatModels({ vendor: 'ml-engineer' });
    assert.ok(models.length > 0);
  });
});

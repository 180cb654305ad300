import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { EvidenceMode } from '../../src/agent/evidence';
import type { JournalEntry } from '../../src/agent/events';
import { Evidences, registerEvidence } from '../../src/vscode/evidence';

describe('what stands behind an answer, in the editor', () => {
  const settings = (): vscode.WorkspaceConfiguration => vscode.workspace.getConfiguration('mlEngineer');
  const mode = (wanted?: EvidenceMode): Thenable<void> =>
    settings().update('evidence', wanted, vscode.ConfigurationTarget.Global);
  const sessions = { exists: async () => false, open: async () => assert.fail('nothing is opened') };
  type Session = Parameters<Evidences['of']>[0];

  afterEach(() => mode());

  it('is looked for as the setting says, and not at all with off', async () => {
    const evidences = new Evidences(sessions, () => ({ state: '/nowhere', folders: [] }));
    const of = (model: string) => evidences.of({ id: 'one' } as Session, { id: model });
    assert.equal(of('claude-opus-5-5')?.mode, 'ask');
    assert.equal(of('demo (a recording)')?.mode, 'mark', 'a recording cannot answer');
    await mode('mark');
    assert.equal(of('claude-opus-5-5')?.mode, 'mark');
    await mode('off');
    assert.equal(of('claude-opus-5-5'), undefined);
  });

  it('is shown for the calls of known sessions alone, whatever an address says', async () => {
    const event = { type: 'tool-end', call: 'a', view: { kind: 'command', output: 'auc=0.9137' } };
    const branch = [{ event }] as unknown as JournalEntry[];
    const context = { subscriptions: [] as vscode.Disposable[] };
    const known = {
      exists: async (id: string) => id === 'known',
      open: async () => ({ entries: branch }) as unknown as Session,
    };
    const scheme = 'ml-engineer-evidence-test';
    registerEvidence(context as unknown as vscode.ExtensionContext, known, scheme);
    const text = async (query: unknown): Promise<string> => {
      const uri = vscode.Uri.from({
        scheme,
        path: '/run.log',
        query: typeof query === 'string' ? query : JSON.stringify(query),
      });
      return (await vscode.workspace.openTextDocument(uri)).getText();
    };
    assert.equal(await text({ session: 'known', call: 'a' }), 'auc=0.9137');
    const gone = /no longer stored/u;
    for (const query of [
      { session: 'known', call: 'b' },
      { session: '../known', call: 'a' },
      { session: 'other', call: 'a' },
      '{',
      '',
    ])
      assert.match(await text(query), gone);
    for (const one of context.subscriptions) one.dispose();
  });
});

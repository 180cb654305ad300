import assert from 'node:assert/strict';
import { mkdtemp, realpath, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DurableEvent, JournalEntry, View } from '../../src/agent/events';
import { sessionEvidence, sourcesOf, type EvidencePlace } from '../../src/session-evidence';

const NOWHERE: EvidencePlace = { subagent: async () => undefined };

describe('what a session ran, as evidence', () => {
  let folder: string;
  let entries: JournalEntry[];
  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'session-evidence-')));
    entries = [];
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const put = (event: DurableEvent, at = Date.now()): void => {
    const parent = entries.at(-1)?.id ?? null;
    entries.push({ id: String(entries.length), parent, at: new Date(at).toISOString(), event });
  };
  const call = (id: string, view: View, isError = false, at = Date.now()): void => {
    put({ type: 'tool-start', call: id, tool: 'X', title: `Title of ${id}`, input: {} } as unknown as DurableEvent, at);
    put({ type: 'tool-end', call: id, isError, content: '', view, durationMs: 1 }, at);
  };
  const command = (line: string, output: string, exitCode: number | null = 0): View => ({
    kind: 'command',
    ...{ command: line, cwd: folder, exitCode, output, durationMs: 5 },
  });

  it('is each command with its output, those that failed or only read told apart', async () => {
    call('a', command('python3 train.py', 'auc=0.81\nn=12'));
    call('b', command('pytest', '1 failed', 1));
    call('c', command('cat README.md', 'recall 0.9'));
    call('d', command('sleep 100', '', null));
    const sources = await sourcesOf(entries, NOWHERE);
    assert.deepEqual(
      sources.map(({ id, kind, failed, lines }) => [id, kind, failed, lines.length]),
      [
        ['a', 'run', false, 2],
        ['b', 'run', true, 1],
        ['c', 'read', false, 1],
        ['d', 'run', true, 0],
      ],
    );
  });

  it('is what a tool told of earlier runs, where it says that these were measured', async () => {
    call('a', {
      kind: 'text',
      text: 'run-7 auc=0.8137 ok\nrun-8 auc=0.9010 failed',
      measured: 'run-7 auc=0.8137 ok\n',
    });
    call('b', { kind: 'text', text: 'auc=0.7777' });
    const evidence = sessionEvidence(NOWHERE);
    const claims = await evidence.claimsOf(
      'The AUC of run-7 is 0.814. The AUC of run-8 is 0.901. On the test set the AUC is 0.778.',
      entries,
    );
    assert.deepEqual(
      claims.map(({ value, evidence: place }) => [value, place && [place.source, place.line, place.title]]),
      [
        [0.814, ['a', 1, 'Title of a']],
        [0.901, null],
        [0.778, null],
      ],
    );
  });

  it('is stale once a script or a module that it imports was written after the run', async () => {
    const [script, module] = [join(folder, 'train.py'), join(folder, 'model.py')];
    await writeFile(script, 'import model\n');
    await writeFile(module, 'WIDTH = 8\n');
    const long = new Date(Date.now() - 60_000);
    for (const file of [script, module]) await utimes(file, long, long);
    call('a', command('python3 train.py', 'auc=0.8137'), false, Date.now() - 30_000);
    const evidence = sessionEvidence(NOWHERE);
    const stale = async (): Promise<boolean[]> =>
      (await evidence.claimsOf('The AUC is 0.814.', entries)).map((claim) => claim.stale);
    assert.deepEqual(await stale(), [false]);
    await writeFile(module, 'WIDTH = 9\n');
    assert.deepEqual(await stale(), [true]);
  });

  it('is asked for nothing where the answer states nothing', async () => {
    call('a', command('python3 train.py', 'auc=0.8137'));
    const nobody: EvidencePlace = { subagent: () => assert.fail('no journal is opened') };
    assert.deepEqual(await sessionEvidence(nobody).claimsOf('I will look at the data next.', entries), []);
  });
});

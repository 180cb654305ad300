import assert from 'node:assert/strict';
import { readFileSync, existsSync, mkdtempSync, readdirSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Mode, Rule } from '../../../src/agent/approval';
import type { AskRequest, PersonAnswer } from '../../../src/agent/calls';
import type { AgentEvent } from '../../../src/agent/events';
import { dangerRows } from '../../../src/agent/guard';
import { runAgent } from '../../../src/agent/loop';
import { Session } from '../../../src/agent/session';
import { toolSchema } from '../../../src/agent/tool';
import { createGuard } from '../../../src/artefacts/guard';
import { Makers, makersFile } from '../../../src/artefacts/makers';
import { restorables, restore } from '../../../src/artefacts/restore';
import type { Budget } from '../../../src/artefacts/survey';
import { Trash } from '../../../src/artefacts/trash';
import { createNodeHost } from '../../../src/host/node';
import { createTools } from '../../../src/tools/index';
import { ArtefactWorkspace } from '../../support/artefact-workspace';
import { turnsModel } from '../../support/turns';

const ONCE: PersonAnswer = { decision: 'allow', by: 'user', reason: 'allowed by the user, once' };
const NO: PersonAnswer = { decision: 'deny', by: 'user', reason: 'no' };
const never = new AbortController().signal;

describe('the accidents that lose data', function () {
  this.timeout(120_000);
  let workspace: ArtefactWorkspace;
  let storage: string;
  let trash: Trash;

  beforeEach(() => {
    workspace = new ArtefactWorkspace();
    storage = mkdtempSync(join(tmpdir(), 'storage-'));
    trash = new Trash(join(storage, 'trash'));
  });
  afterEach(async () => {
    await workspace.remove();
    await rm(storage, { recursive: true, force: true });
  });

  interface Ran {
    asked: AskRequest[];
    results: string[];
    events: AgentEvent[];
  }
  const run = async (
    inputs: ({ tool?: string; command?: string } & Record<string, unknown>)[],
    { mode = 'ask', allow = [], answer = ONCE }: { mode?: Mode; allow?: Rule[]; answer?: PersonAnswer } = {},
    look?: Budget,
  ): Promise<Ran> => {
    const folders = [{ name: 'w', path: workspace.path }];
    const host = createNodeHost({ folders });
    const tools = createTools({ names: [], read: () => Promise.resolve(undefined) });
    const session = await Session.open('s');
    const asked: AskRequest[] = [];
    const blocks = inputs.map(({ tool: call = 'Execute', ...input }) => ({ blocks: [{ call, input }] }));
    const events: AgentEvent[] = [];
    for await (const event of runAgent({
      session,
      model: turnsModel([...blocks, { blocks: [{ text: 'done' }] }]),
      tools,
      host,
      head: { folders: [workspace.path], droid: 'd', system: 's', tools: tools.map(toolSchema) },
      prompt: { text: 'go', attachments: [], notes: [] },
      policy: () => ({ mode, trusted: true, allow, ask: [], deny: [] }),
      ask: async (request) => {
        asked.push(request);
        return answer;
      },
      guard: createGuard({
        ...{ folders: () => folders, globs: () => [], trash: () => trash },
        makers: () => new Makers(makersFile(trash.folder)),
        ...(look ? { look } : {}),
      }),
      limits: { turns: 20, costUsd: 1 },
      signal: never,
    }))
      events.push(event);
    for (const { id } of host.background()) await host.stopBackground(id);
    const results = events.flatMap((event) => (event.type === 'tool-end' ? [JSON.stringify(event.content)] : []));
    return { asked, results, events };
  };
  const lossesOf = ({ asked }: Ran): string[][] =>
    asked.map(({ danger }) => (danger?.losses ?? []).map(({ shown }) => shown).sort());
  const bytes = (name: string): string => readFileSync(join(workspace.path, name), 'utf8');
  const restoreAll = async (): Promise<void> => {
    for (const one of await restorables(trash)) {
      if (one.now === 'there') continue;
      const outcome = await restore(trash, one, 'replace', never);
      assert.notEqual(outcome.how, 'failed', JSON.stringify(outcome));
    }
  };

  const TRAIN = [
    'import sys, os',
    "args = dict(one.split('=') for one in sys.argv[1:])",
    "run = os.path.join(args['project'], args['name'])",
    "if args.get('resume') == 'True': sys.exit('cannot resume: no optimizer state')",
    "if os.path.exists(run) and args.get('exist_ok') != 'True': sys.exit('exists')",
    "open(os.path.join(run, 'best.pt'), 'w').write('epoch 0')",
  ].join('\n');

  it('a resume that fails and is tried again with overwrite: the checkpoint comes back', async () => {
    workspace.put({ 'train.py': TRAIN, 'runs/exp/best.pt': 'twenty hours', '.gitignore': 'runs/' }).commit('train.py');
    const ran = await run([
      { command: 'python3 train.py project=runs name=exp resume=True' },
      { command: 'python3 train.py project=runs name=exp exist_ok=True' },
    ]);
    assert.match(ran.results[0] ?? '', /cannot resume/u);
    assert.deepEqual(lossesOf(ran).at(-1), ['runs/exp/best.pt']);
    assert.match(ran.asked.at(-1)?.judgement.reason ?? '', /^may lose 1 checkpoint, 12 B$/u);
    // A copy was kept before the first try, which named it.
    assert.equal(ran.asked.at(-1)?.danger?.losses[0]?.elsewhere, 'trash');
    assert.equal(bytes('runs/exp/best.pt'), 'epoch 0');
    await restoreAll();
    assert.equal(bytes('runs/exp/best.pt'), 'twenty hours');
  });

  it('a clean-up after a background command, in another folder than was thought', async () => {
    workspace.put({ 'data/train.csv': 'all there is', 'tmp/data/x.csv': 'scratch' });
    const ran = await run([{ command: 'cd tmp && sleep 30', fireAndForget: true }, { command: 'rm -rf data' }]);
    assert.deepEqual(lossesOf(ran).at(-1), ['data/train.csv']);
    assert.ok(!existsSync(join(workspace.path, 'data')));
    await restoreAll();
    assert.equal(bytes('data/train.csv'), 'all there is');
  });

  it('a move, and then the removal of where it went', async () => {
    workspace.put({ 'data/raw/a.parquet': 'the only copy' });
    const ran = await run([{ command: 'mv data old && rm -rf old' }]);
    assert.deepEqual(lossesOf(ran), [['data/raw/a.parquet']]);
    assert.deepEqual(readdirSync(workspace.path), []);
    await restoreAll();
    assert.equal(bytes('data/raw/a.parquet'), 'the only copy');
  });

  it('git clean -fdx takes what git ignores, and it comes back', async () => {
    workspace
      .put({
        'src.py': 'x',
        '.gitignore': 'data/\n*.ckpt\n',
        'data/train.csv': 'rows',
        'last.ckpt': 'weights',
        'notes/todo.txt': 'mine',
      })
      .commit('src.py', '.gitignore');
    const ran = await run([{ command: 'git clean -fdx' }]);
    assert.deepEqual(lossesOf(ran), [['data/train.csv', 'last.ckpt', 'notes/todo.txt']]);
    assert.ok(!existsSync(join(workspace.path, 'last.ckpt')));
    await restoreAll();
    assert.deepEqual(['data/train.csv', 'last.ckpt', 'notes/todo.txt'].map(bytes), ['rows', 'weights', 'mine']);
  });

  const IN_PLACE = `python3 -c "open('model.pt','w')"`;
  for (const command of [IN_PLACE, 'python3 train.py --output model.pt', ': > model.pt', 'truncate -s 0 model.pt']) {
    it(`a file that is emptied in place: ${command}`, async () => {
      workspace.put({ 'model.pt': 'trained', 'train.py': "open('model.pt', 'w').close()" });
      const before = statSync(join(workspace.path, 'model.pt')).ino;
      const ran = await run([{ command }]);
      assert.deepEqual(lossesOf(ran), [['model.pt']]);
      assert.equal(bytes('model.pt'), '');
      assert.equal(statSync(join(workspace.path, 'model.pt')).ino, before);
      await restoreAll();
      assert.equal(bytes('model.pt'), 'trained');
    });
  }

  it('keeps what code is merely handed without asking more than before, and what it did comes back', async () => {
    workspace.put({ 'data/train.csv': 'rows', 'prepare.py': "import sys; open(sys.argv[1], 'w').write('broken')" });
    const allow = [{ tool: 'Execute', pattern: 'python3 *' }];
    const ran = await run([{ command: 'python3 prepare.py data/train.csv' }], { allow });
    assert.equal(ran.asked.length, 0);
    assert.equal(bytes('data/train.csv'), 'broken');
    await restoreAll();
    assert.equal(bytes('data/train.csv'), 'rows');
  });

  it('asks in every mode and whatever wide rules say, and a rule that names the command opens it', async () => {
    workspace.put({ 'a.ckpt': 'a', 'new.bin': 'b' });
    const command = 'cp new.bin a.ckpt';
    const wide = [{ tool: 'Execute' }, { tool: 'Execute', pattern: 'cp *' }];
    for (const mode of ['ask', 'acceptEdits', 'auto'] as const)
      assert.equal((await run([{ command }], { mode, allow: wide, answer: NO })).asked.length, 1, mode);
    assert.equal(bytes('a.ckpt'), 'a');
    const named = await run([{ command }], { allow: [{ tool: 'Execute', pattern: command }] });
    assert.equal(named.asked.length, 0);
    assert.equal(bytes('a.ckpt'), 'b');
    const told = named.events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));
    assert.match(told.join(), /^Kept a copy of 1 file \(1 B\) before: Running cp new\.bin a\.ckpt$/u);
    await restoreAll();
    assert.equal(bytes('a.ckpt'), 'a');
  });

  it('asks for an edit of data by a tool too, and not for one of what the session wrote', async () => {
    workspace.put({ 'data/rows.csv': 'a,b\n' });
    const edit = (file_path: string): Record<string, unknown> => ({ file_path, old_str: 'a', new_str: 'c' });
    const ran = await run(
      [
        { tool: 'Read', file_path: 'data/rows.csv' },
        { tool: 'Edit', ...edit('data/rows.csv') },
        { tool: 'Create', file_path: 'data/own.csv', content: 'a\n' },
        { tool: 'Edit', ...edit('data/own.csv') },
      ],
      { mode: 'acceptEdits' },
    );
    assert.deepEqual(
      ran.asked.map(({ tool, input }) => [tool, (input as { file_path: string }).file_path]),
      [['Edit', 'data/rows.csv']],
    );
    assert.equal(bytes('data/own.csv'), 'c\n');
  });

  it('asks again for what the session wrote once somebody else has written to it', async () => {
    const ran = await run(
      [
        { tool: 'Create', file_path: 'data/own.csv', content: 'a\n' },
        { command: 'echo mine >> data/own.csv' },
        { command: 'cp /dev/null data/own.csv' },
      ],
      { mode: 'acceptEdits' },
    );
    assert.deepEqual(lossesOf(ran).at(-1), ['data/own.csv']);
  });

  it('in mode auto runs what git or the trash holds already, and asks for the rest', async () => {
    workspace.put({ 'held.ckpt': 'h', 'train.py': '', 'x.sh': '' }).commit('held.ckpt', 'train.py');
    const over = (name: string): { command: string } => ({ command: `python3 train.py --output ${name}` });
    assert.equal((await run([over('held.ckpt')], { mode: 'auto' })).asked.length, 0);
    workspace.put({ 'loose.ckpt': 'l' });
    // Allowed once, and then its copy is in the trash, since the program did not touch it.
    assert.equal((await run([over('loose.ckpt'), over('loose.ckpt')], { mode: 'auto' })).asked.length, 1);
    assert.equal((await run([{ command: 'rm loose.ckpt' }], { mode: 'auto', answer: NO })).asked.length, 1);
  });

  it('tells in a few rows what it is, how large, how old, and where else', async () => {
    workspace.put({ 'committed.pkl': 5, 'changed.pkl': 5 }).commit('committed.pkl', 'changed.pkl');
    workspace.put(Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`data/${n}.npy`, 1_000 * (n + 1)])));
    workspace.put({ 'changed.pkl': 7, '.gitignore': 'data/' });
    const { asked } = await run([{ command: 'rm -rf data *.pkl' }], { answer: NO });
    const danger = asked[0]?.danger;
    assert.ok(danger);
    assert.deepEqual(
      dangerRows(danger, Date.now() + 3 * 86_400_000).map((row) => row.replace(/\d days/u, 'N days')),
      [
        'data/8.npy: data set, 9.0 kB, N days old, ignored by git, nowhere else',
        'data/7.npy: data set, 8.0 kB, N days old, ignored by git, nowhere else',
        'data/6.npy: data set, 7.0 kB, N days old, ignored by git, nowhere else',
        'data/5.npy: data set, 6.0 kB, N days old, ignored by git, nowhere else',
        'data/4.npy: data set, 5.0 kB, N days old, ignored by git, nowhere else',
        'and 6 more, 10.0 kB',
        'A copy is kept first; "Restore..." brings it back.',
      ],
    );
    assert.match(
      asked[0]?.judgement.reason ?? '',
      /^may lose 9 files of data sets and 2 models, 45\.0 kB, 10 of them nowhere else$/u,
    );
  });

  it('tells what git ignores, by a pattern or with its folder, from what was only never added', async () => {
    workspace.put({ 'a.py': '' }).commit('a.py');
    workspace.put({
      '.gitignore': '*.ckpt\n/runs/',
      'x.ckpt': 1,
      'runs/deep/y.npz': 2,
      'new/z.npz': 3,
      'new/w.ckpt': 4,
    });
    const { asked } = await run([{ command: 'rm -rf x.ckpt runs new' }], { answer: NO });
    const losses = asked[0]?.danger?.losses ?? [];
    assert.deepEqual(Object.fromEntries(losses.map(({ shown, git }) => [shown, git])), {
      'x.ckpt': 'ignored',
      'runs/deep/y.npz': 'ignored',
      'new/z.npz': 'untracked',
      'new/w.ckpt': 'ignored',
    });
  });

  it('says what only running would tell, and asks', async () => {
    const { asked } = await run([{ command: 'rm -rf "$SOMEWHERE"' }], { answer: NO });
    assert.equal(asked.length, 1);
    assert.deepEqual(asked[0]?.danger && dangerRows(asked[0].danger), [
      'and what only running would tell: "$SOMEWHERE"; of that no copy is kept',
    ]);
  });

  it('does not run what was to be kept and could not be, and tells the person the next time', async () => {
    workspace.put({ 'a.ckpt': 'a' });
    trash = new (class extends Trash {
      override keep(): Promise<never> {
        return Promise.reject(new Error('ENOSPC: no space left on device'));
      }
    })(join(storage, 'trash'));
    const full = await run([{ command: 'rm a.ckpt' }, { command: 'ls' }, { command: 'rm a.ckpt' }]);
    assert.match(full.results[0] ?? '', /Not run, and nothing is lost\. NO COPY can be kept: ENOSPC/u);
    assert.match(full.results[1] ?? '', /a\.ckpt/u);
    assert.deepEqual(
      full.asked.map(({ danger }) => danger?.unkept),
      [undefined, undefined, 'NO COPY can be kept: ENOSPC: no space left on device.'],
    );
    assert.ok(!existsSync(join(workspace.path, 'a.ckpt')));
  });

  it('says in the question that no copy can be kept where there can be no trash', async () => {
    workspace.put({ 'a.ckpt': 'a', blocked: '' });
    trash = new Trash(join(workspace.path, 'blocked', 'trash'));
    const { asked } = await run([{ command: 'rm a.ckpt' }], { answer: NO });
    assert.match(asked[0]?.danger?.unkept ?? '', /^NO COPY can be kept: ENOTDIR/u);
  });

  it('looks no longer than a question may take, and keeps what was beyond that all the same', async () => {
    workspace.put(Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`data/${n}/x.npy`, 10])));
    const { asked } = await run([{ command: 'rm -rf data' }], {}, { files: 10, ms: 2_000 });
    assert.equal(asked[0]?.danger?.complete, false);
    assert.match(asked[0]?.judgement.reason ?? '', /^may lose at least \d+ files of data sets/u);
    assert.ok(asked[0]?.danger && dangerRows(asked[0].danger).some((row) => /more than could be looked at/u.test(row)));
    assert.ok(!existsSync(join(workspace.path, 'data')));
    await restoreAll();
    assert.equal(readdirSync(join(workspace.path, 'data')).length, 40);
  });

  it('works without git, and then holds nothing for committed', async () => {
    workspace.put({ 'a.pkl': 'a' }).commit('a.pkl');
    const path = process.env['PATH'];
    process.env['PATH'] = '/nowhere';
    try {
      const { asked } = await run([{ command: 'rm a.pkl' }], { answer: NO });
      assert.equal(asked[0]?.danger?.losses[0]?.elsewhere, 'nowhere');
    } finally {
      process.env['PATH'] = path;
    }
  });

  it('refuses what came into danger while the question stood', async () => {
    workspace.put({ 'data/a.csv': 'a' });
    const late = { ...ONCE };
    Object.defineProperty(late, 'decision', {
      enumerable: true,
      get: () => {
        workspace.put({ 'data/new.csv': 'new' });
        return 'allow';
      },
    });
    const ran = await run([{ command: 'rm -rf data' }], { answer: late });
    assert.match(ran.results.join(), /came to threaten 1 more file \(data\/new\.csv\)/u);
    assert.equal(bytes('data/new.csv'), 'new');
  });
});

import assert from 'node:assert/strict';
import { existsSync, linkSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AgentEvent } from '../../../src/agent/events';
import { runAgent } from '../../../src/agent/loop';
import { Session } from '../../../src/agent/session';
import { toolSchema } from '../../../src/agent/tool';
import { createGuard } from '../../../src/artefacts/guard';
import { Makers, makersFile } from '../../../src/artefacts/makers';
import { restorables } from '../../../src/artefacts/restore';
import { Trash } from '../../../src/artefacts/trash';
import { createNodeHost } from '../../../src/host/node';
import { createTools } from '../../../src/tools/index';
import { ArtefactWorkspace } from '../../support/artefact-workspace';
import { until } from '../../support/jobs';
import { turnsModel } from '../../support/turns';

const asText = (content: unknown): string => (typeof content === 'string' ? content : JSON.stringify(content));

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('what a command did that nobody foresaw', function () {
  this.timeout(120_000);
  let workspace: ArtefactWorkspace;
  let storage: string;
  let trash: Trash;
  let asked: number;
  let onAsk: () => Promise<void>;

  beforeEach(() => {
    workspace = new ArtefactWorkspace();
    storage = mkdtempSync(join(tmpdir(), 'storage-'));
    trash = new Trash(join(storage, 'trash'));
    asked = 0;
    onAsk = () => Promise.resolve();
  });
  afterEach(async () => {
    await workspace.remove();
    await rm(storage, { recursive: true, force: true });
  });

  const at = (name: string): string => join(workspace.path, name);
  const bytes = (name: string): string => readFileSync(at(name), 'utf8');
  /** Runs commands in the mode that a person with rules for all of them has, and gives the results and what was told. */
  const run = async (
    ...commands: (string | object)[]
  ): Promise<{ results: string[]; warnings: string[]; notes: string[] }> => {
    const folders = [{ name: 'w', path: workspace.path }];
    const host = createNodeHost({ folders });
    const tools = createTools({ names: [], read: () => Promise.resolve(undefined) });
    const blocks = commands.map((command) => ({
      blocks: [
        typeof command === 'string'
          ? { call: 'Execute', input: { command } }
          : { call: 'command' in command ? 'Execute' : 'Create', input: command },
      ],
    }));
    const events: AgentEvent[] = [];
    for await (const event of runAgent({
      session: await Session.open('s'),
      model: turnsModel([...blocks, { blocks: [{ text: 'done' }] }]),
      tools,
      host,
      head: { folders: [workspace.path], droid: 'd', system: 's', tools: tools.map(toolSchema) },
      prompt: { text: 'go', attachments: [], notes: [] },
      policy: () => ({ mode: 'ask', trusted: true, allow: [], ask: [], deny: [] }),
      ask: async () => {
        asked += 1;
        await onAsk();
        return { decision: 'allow', by: 'user', reason: 'once' };
      },
      guard: createGuard({
        ...{ folders: () => folders, globs: () => [], trash: () => trash },
        makers: () => new Makers(makersFile(trash.folder)),
      }),
      limits: { turns: 20, costUsd: 1 },
      signal: new AbortController().signal,
    }))
      events.push(event);
    return {
      results: events.flatMap((event) => (event.type === 'tool-end' ? [asText(event.content)] : [])),
      notes: events.flatMap((event) => (event.type === 'note' ? [event.text] : [])),
      warnings: events.flatMap((event) => (event.type === 'warning' ? [event.message] : [])),
    };
  };
  /** Names in the trash's folder that are no call's: what a command should have cleared up. */
  const leftovers = (): string[] =>
    existsSync(trash.folder) ? readdirSync(trash.folder).filter((name) => !/^\d{8}T/u.test(name)) : [];

  const HIDDEN = 'import shutil, base64; shutil.rmtree(base64.b64decode("cnVucw==").decode())';

  it('puts a checkpoint back that a script deleted, and tells the model and the person', async () => {
    workspace.put({ 'clean.py': HIDDEN, 'runs/exp/best.pt': 'twenty hours' });
    const { ino } = statSync(at('runs/exp/best.pt'));
    const { results, warnings } = await run('python3 clean.py');
    assert.equal(bytes('runs/exp/best.pt'), 'twenty hours');
    assert.equal(statSync(at('runs/exp/best.pt')).ino, ino);
    assert.equal(statSync(at('runs/exp/best.pt')).nlink, 1);
    assert.match(
      results[0] ?? '',
      /1 guarded file was lost[^]*runs\/exp\/best\.pt: checkpoint, 12 B, deleted; it is back/u,
    );
    assert.match(warnings.join('\n'), /runs\/exp\/best\.pt/u);
    assert.deepEqual(leftovers(), []);
  });

  it('sees what a command in the background lost after its call, tells both once, and puts nothing back', async () => {
    const script =
      'import os, time\nopen("pid", "w").write(str(os.getpid()))\nwhile not os.path.exists("go"): time.sleep(0.05)\nos.remove("be" + "st.pt")';
    workspace.put({ 'later.py': script, 'best.pt': 'twenty hours' });
    // Between two calls, so that neither of them can see it.
    onAsk = async () => {
      if (asked !== 2) return;
      workspace.put({ go: '' });
      await until(async () => !isAlive(Number(bytes('pid'))) || undefined, 'the command to end');
    };
    const { results, warnings, notes } = await run(
      { command: 'python3 later.py', fireAndForget: true },
      ...['touch a', 'touch b', 'touch c'],
    );
    assert.ok(!existsSync(at('best.pt')));
    assert.match(results[0] ?? '', /Goes on in the background as %1/u);
    assert.doesNotMatch(results[0] ?? '', /guarded/u);
    assert.equal(
      notes.filter((text) =>
        /Of "Running python3 later\.py", which went on in[^]*best\.pt: checkpoint, 12 B, deleted/u.test(text),
      ).length,
      1,
    );
    assert.match(warnings.join('\n'), /went on in the background[^]*best\.pt/u);
  });

  it('says nothing of what was asked for by name, and leaves it deleted', async () => {
    workspace.put({ 'runs/exp/best.pt': 'twenty hours' });
    const { results } = await run('rm -rf runs');
    assert.equal(asked, 1);
    assert.ok(!existsSync(at('runs')));
    assert.doesNotMatch(results[0] ?? '', /guarded/u);
  });

  it('keeps what a script put another file in the place of, and leaves the new one there', async () => {
    const script = 'import os; open("t", "w").write("new"); os.replace("t", "be" + "st.pt")';
    workspace.put({ 'train.py': script, 'best.pt': 'old weights' });
    const { results } = await run('python3 train.py');
    assert.equal(bytes('best.pt'), 'new');
    assert.match(
      results[0] ?? '',
      /best\.pt: checkpoint, 11 B, replaced by another file; what it held is in the trash/u,
    );
    const [kept] = await restorables(trash);
    assert.equal(
      readFileSync(trash.contentOf(kept?.batch ?? { id: '' }, kept?.file ?? { n: 0 }), 'utf8'),
      'old weights',
    );
  });

  it('says plainly that a file which was written over in place has no copy', async () => {
    workspace.put({ 'train.py': 'open("be" + "st.pt", "r+").write("new")', 'best.pt': 'old weights' });
    const { results } = await run('python3 train.py');
    assert.match(results[0] ?? '', /best\.pt: checkpoint, 11 B, written over; NO COPY/u);
  });

  it('does not take a move, an identical new copy or a longer log for a loss', async () => {
    const script = [
      'import os, shutil',
      'os.makedirs("ol" + "d"); os.rename("a.pt", "old/a.pt")',
      'shutil.copy("b.pt", "t"); os.replace("t", "b.pt")',
      'open("runs/metrics.csv", "a").write("2,0.4\\n")',
    ].join('\n');
    workspace.put({ 'tidy.py': script, 'a.pt': 'a', 'b.pt': 'b', 'runs/metrics.csv': '1,0.5\n' });
    const { results } = await run('python3 tidy.py');
    assert.doesNotMatch(results[0] ?? '', /guarded/u);
    assert.deepEqual(leftovers(), []);
  });

  it('leaves what a training run deletes to keep its last few in the trash, and does not bring it back', async () => {
    const script = 'import os; open("ckpt/2.pt", "w").write("two"); os.remove("ckpt/" + "1.pt")';
    workspace.put({ 'train.py': script, 'ckpt/1.pt': 'one' });
    const { results } = await run('python3 train.py');
    assert.ok(!existsSync(at('ckpt/1.pt')));
    assert.match(results[0] ?? '', /ckpt\/1\.pt: checkpoint, 3 B, deleted; what it held is in the trash/u);
  });

  it('lets a short command make its own files anew without a word', async () => {
    workspace.put({ 'train.py': 'import os; open("t", "w").write("x"); os.replace("t", "be" + "st.pt")' });
    const { results } = await run('python3 train.py', 'python3 train.py');
    assert.doesNotMatch(results.join('\n'), /guarded/u);
  });

  it('compares also after a command that failed', async () => {
    workspace.put({ 'clean.py': `${HIDDEN}; raise SystemExit(3)`, 'runs/best.pt': 'weights' });
    const { results } = await run('python3 clean.py');
    assert.equal(bytes('runs/best.pt'), 'weights');
    assert.match(results[0] ?? '', /runs\/best\.pt/u);
  });

  it('leaves out a file as a tool of the session wrote it, and no longer once a run has changed it', async () => {
    workspace.put({ 'clean.py': HIDDEN, 'grow.py': 'open("runs/" + "a.csv", "a").write("2\\n")' });
    const create = { file_path: 'runs/a.csv', content: 'x\n1\n' };
    const own = await run(create, 'python3 clean.py');
    assert.doesNotMatch(own.results.join('\n'), /guarded/u);
    const changed = await run(create, 'python3 grow.py', 'python3 clean.py');
    assert.match(changed.results.at(-1) ?? '', /runs\/a\.csv: run, 6 B, made by "[^"]+", deleted; it is back/u);
  });

  it('says of a file in git that its commit has it, and gives it no second name', async () => {
    workspace.put({ 'clean.py': HIDDEN, 'runs/best.pt': 'weights' }).commit('runs/best.pt', 'clean.py');
    const before = statSync(at('runs/best.pt')).ctimeMs;
    await run('python3 -c "print(1)"');
    assert.equal(statSync(at('runs/best.pt')).ctimeMs, before);
    const { results } = await run('python3 clean.py');
    assert.match(results[0] ?? '', /runs\/best\.pt: checkpoint, 7 B, deleted; git has it/u);
  });

  it('knows which command made a file, also after it was moved, and says so before it is lost', async () => {
    workspace.put({ 'train.py': 'open("be" + "st.pt", "w").write("weights")' });
    await run('python3 train.py', 'mv best.pt final.pt');
    const makerOf = await new Makers(makersFile(trash.folder)).of();
    const { size, mtimeMs: mtime, ino: inode } = statSync(at('final.pt'));
    assert.match(makerOf({ path: at('final.pt'), size, mtime, inode })?.title ?? '', /python3 train\.py/u);
  });

  it('runs the command all the same where the trash cannot be made', async () => {
    mkdirSync(join(storage, 'x'));
    workspace.put({ 'clean.py': HIDDEN, 'runs/best.pt': 'weights', file: 'no folder' });
    linkSync(at('file'), join(storage, 'trash'));
    const { results } = await run('python3 clean.py');
    assert.match(results[0] ?? '', /runs\/best\.pt: checkpoint, 7 B, deleted; NO COPY/u);
  });
});

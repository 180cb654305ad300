import assert from 'node:assert/strict';
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Trash } from '../../../src/artefacts/trash';
import { EYES } from '../../../src/jobs/eyes';
import { describe as told } from '../../../src/jobs/tell';
import { glance } from '../../../src/jobs/wait';
import { executeTool } from '../../../src/tools/execute';
import { FakeSession, textOf } from '../../support/fake-tool-context';
import { JobsWorld } from '../../support/jobs';

const { signal } = new AbortController();

describe('the guarded files of a job', () => {
  let world: JobsWorld;
  beforeEach(() => (world = new JobsWorld()));
  afterEach(() => world.remove());

  const at = (name: string): string => join(world.workspace, name);
  const put = (name: string, text: string): void => {
    mkdirSync(join(at(name), '..'), { recursive: true });
    writeFileSync(at(name), text);
  };
  /** Runs a job, and what the model is told of it once it is over. */
  const ran = async (command: string): Promise<{ id: string; text: string }> => {
    const { id } = await world.start(command);
    const status = await world.over(id);
    const [one, two] = await Promise.all([glance(status, EYES, signal), glance(status, EYES, signal)]);
    assert.ok(one && two);
    return { id, text: await told((await glance(status, EYES, signal))?.status ?? status, one.readings) };
  };

  it('that went or were written over while it ran are told of, once, whoever sees its end', async () => {
    put('runs/a/best.pt', 'twenty hours');
    put('last.ckpt', 'weights');
    const { id, text } = await ran('rm -r runs; echo more > last.ckpt');
    assert.match(text, /2 guarded files were lost[^]*runs\/a\/best\.pt: checkpoint, 12 B, deleted; NO COPY/u);
    assert.match(text, /last\.ckpt: checkpoint, 7 B, written over/u);
    const { found } = await world.look(id);
    assert.equal(found.events.filter(({ type }) => type === 'lost').length, 1);
    assert.ok(!existsSync(at('runs')));
  });

  it('that it made know it, and what was there before does not', async () => {
    put('old.pt', 'old');
    const { id, text } = await ran('echo weights > new.pt');
    assert.doesNotMatch(text, /guarded/u);
    const makerOf = await world.makers.of();
    const stateOf = (name: string): Parameters<typeof makerOf>[0] => {
      const { size, mtimeMs: mtime, ino: inode } = statSync(at(name));
      return { path: at(name), size, mtime, inode };
    };
    assert.equal(makerOf(stateOf('new.pt'))?.job, id);
    assert.equal(makerOf(stateOf('old.pt')), undefined);
  });

  it('that went after a command became a job are told of with its end, its own ones not', async () => {
    put('last.ckpt', 'weights');
    const own = 'echo one > own.ckpt';
    const command = `${own}; until [ -e go ]; do sleep 0.1; done; echo two > own.ckpt; rm -f ./last.ck*`;
    const session = new FakeSession({ host: world.host });
    const text = textOf(await session.call(executeTool(undefined, world.home), { command, timeout: 1 }));
    const id = /Goes on as job (\S+),/u.exec(text)?.[1] ?? 'none';
    // As the call's own comparison notes it.
    const { size, mtimeMs: mtime, ino: inode } = statSync(at('own.ckpt'));
    const by = { at: new Date().toISOString(), session: 'session-1', call: 'call-1', title: command, ms: 1_000 };
    await world.makers.note([{ path: at('own.ckpt'), size, mtime, inode }], by);
    put('go', '');
    const status = await world.over(id);
    const seen = await glance(status, EYES, signal);
    assert.ok(seen);
    assert.match(
      await told(seen.status, seen.readings),
      /1 guarded file was lost[^]*last\.ckpt: checkpoint, 7 B, deleted/u,
    );
  });

  it('are no hindrance to it where nothing of them can be noted or read again', async () => {
    const trash = new Trash('/dev/null/trash');
    Object.assign(world.home, { noting: () => ({ trash, makers: world.makers }) });
    put('a.pt', 'a');
    const { id } = await world.start('rm a.pt');
    const status = await world.over(id);
    writeFileSync(join(status.folder, 'guarded.jsonl'), '{"v":2}\n{"torn');
    assert.ok(await glance(status, EYES, signal));
  });
});

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createExclusive } from '../../../src/agent/exclusive';
import { changesOf } from '../../../src/agent/folds';
import { rejectionNotes, undoNotes } from '../../../src/agent/prompt';
import { unreviewedOf } from '../../../src/agent/review';
import { Session } from '../../../src/agent/session';
import { memoryStore } from '../../../src/agent/store';
import { revert, type Files } from '../../../src/agent/undo';
import { bytesOf } from '../../../src/review/content';
import { renamesIn } from '../../../src/review/renames';
import { Reviews } from '../../../src/review/reviews';

const PATH = '/w/a.py';
const numbers = Array.from({ length: 30 }, (_, index) => `${index}\n`);

/** A session whose agent and user edit files in memory. */
class Desk {
  readonly files = new Map<string, Uint8Array>();
  readonly store = memoryStore();
  reviews!: Reviews;
  session!: Session;
  #calls = 0;

  static async with(text: string | null, path = PATH): Promise<Desk> {
    const desk = new Desk();
    if (text !== null) desk.files.set(path, Buffer.from(text));
    desk.session = await Session.open('s', desk.store);
    desk.reviews = desk.begin(desk.session);
    return desk;
  }

  begin(session: Session): Reviews {
    return new Reviews(session, this.port, createExclusive());
  }

  /** As after a reload: all is read from the journal again. */
  async reloaded(): Promise<Reviews> {
    return this.begin(await Session.open('s', this.store));
  }

  readonly port: Files = {
    read: async (path) => this.files.get(path),
    write: async (path, bytes) => void (bytes === null ? this.files.delete(path) : this.files.set(path, bytes)),
  };

  text(path = PATH): string | undefined {
    const bytes = this.files.get(path);
    return bytes && Buffer.from(bytes).toString();
  }

  user(text: string | null, path = PATH): Promise<void> {
    return this.port.write(path, text === null ? null : Buffer.from(text));
  }

  async agent(text: string | null, path = PATH, todo?: string): Promise<string> {
    if (todo !== undefined)
      await this.session.append({ type: 'todos', todos: [{ id: '1', content: todo, status: 'in_progress' }] });
    const [before, after] = [this.files.get(path) ?? null, text === null ? null : Buffer.from(text)];
    const image = async (bytes: Uint8Array | null): Promise<string | null> => bytes && this.store.putBlob(bytes);
    const call = `call_${(this.#calls += 1)}`;
    await this.session.append({
      type: 'change',
      call,
      change: { path, before: await image(before), after: await image(after) },
    });
    await this.port.write(path, after);
    return call;
  }

  async ids(path = PATH): Promise<string[]> {
    return (await this.reviews.open()).find((file) => file.path === path)?.hunks.map(({ id }) => id) ?? [];
  }
}

type Step = { kind: 'agent' | 'user' | 'accept' | 'reject'; at: number; text: 'x\n' | 'y\n' | 'x\ny\n' | '' };
const step = (kind: Step['kind'], at: number, text: Step['text'] = 'x\n'): Step => ({ kind, at, text });

/** Where the outcome of a decision alone does not tell which of the same lines it was about. */
const UNLIKELY: [Step[]][] = [
  [[step('agent', 7, 'y\n'), step('user', 7), step('accept', 0), step('user', 6)]],
  [[step('agent', 0), step('user', 19), step('agent', 20), step('agent', 18), step('accept', 21)]],
];

const edited = (places: Record<number, string>, from = numbers): string =>
  from.map((line, index) => places[index] ?? line).join('');

describe('the review of a session', () => {
  it('accepts and rejects hunk by hunk, survives a reload and names call and todo', async () => {
    const desk = await Desk.with(numbers.join(''));
    const call = await desk.agent(edited({ 3: 'three\n', 20: 'twenty\n' }), PATH, 'name the numbers');
    const [first, second] = await desk.ids();
    assert.deepEqual((await desk.reviews.open())[0]?.hunks[0]?.authors, [
      { by: 'agent', call, todo: 'name the numbers' },
    ]);
    assert.equal((await desk.reviews.accept([{ path: PATH, ids: [first!] }])).done, 1);
    assert.deepEqual(await desk.ids(), [second]);
    const later = await desk.reloaded();
    const open = await later.open();
    assert.equal(open[0]?.hunks.length, 1);
    assert.equal((await later.reject([{ path: PATH, ids: [open[0].hunks[0]!.id] }])).done, 1);
    assert.equal(desk.text(), edited({ 3: 'three\n' }));
    assert.deepEqual(await (await desk.reloaded()).open(), []);
    assert.deepEqual(unreviewedOf((await Session.open('s', desk.store)).entries), []);
  });

  it('tells the agent once what was rejected and why, at its next step or with the next message', async () => {
    const desk = await Desk.with(numbers.join(''));
    await desk.session.append({ type: 'prompt', text: 'go', attachments: [], notes: [] });
    const call = await desk.agent(edited({ 3: 'three\n' }));
    await desk.reviews.reject([{ path: PATH }], 'keep digits');
    const shown = (path: string): string => path.slice(3);
    const [note] = rejectionNotes(desk.session.branch, shown);
    assert.match(note!.text, /a\.py:\n-3\n\+three\nThe user's reason: keep digits/u);
    const undo = desk.session.entries.at(-1)?.event;
    assert.deepEqual(undo?.type === 'undo' && undo.rejected?.[0]?.calls, [call]);
    assert.equal(undoNotes(desk.session.branch, shown).length, 1);
    await desk.session.append({ type: 'note', ...note! });
    assert.deepEqual([rejectionNotes(desk.session.branch, shown), undoNotes(desk.session.branch, shown)], [[], []]);
    assert.deepEqual(changesOf(desk.session.branch), []);
  });

  it('re-bases a hunk whose place moved, and refuses one whose lines were changed since, with the reason', async () => {
    const desk = await Desk.with(numbers.join(''));
    await desk.agent(edited({ 3: 'three\n', 12: 'twelve\n', 20: 'twenty\n' }));
    const [first, second, third] = await desk.ids();
    await desk.user(`above\n${edited({ 3: 'three\n', 12: 'twelve\n', 20: 'mine\n' })}`);
    await desk.agent(`above\n${edited({ 3: 'three\n', 12: 'a dozen\n', 20: 'mine\n' })}`);
    const decided = await desk.reviews.reject([{ path: PATH, ids: [first!, second!, third!, 'no such'] }]);
    assert.equal(decided.done, 1);
    assert.deepEqual(
      decided.refused.map(({ why }) => why),
      ['changed-by-agent', 'changed-by-user', 'gone'],
    );
    assert.equal(desk.text(), `above\n${edited({ 12: 'a dozen\n', 20: 'mine\n' })}`);
    const mixed = (await desk.ids()).at(-1)!;
    assert.deepEqual(
      (await desk.reviews.reject([{ path: PATH, ids: [mixed] }])).refused.map(({ why }) => why),
      ['mixed'],
    );
    assert.equal((await desk.reviews.reject([{ path: PATH, ids: [mixed], mixed: true }])).done, 1);
    assert.equal(desk.text(), `above\n${edited({ 12: 'a dozen\n' })}`);
  });

  it('gives everyone their lines again when an undo is undone, by the editor or by us', async () => {
    const desk = await Desk.with(numbers.join(''));
    await desk.agent(edited({ 3: 'three\n', 20: 'twenty\n' }));
    const before = await desk.ids();
    await desk.user(numbers.join(''));
    assert.deepEqual(await desk.ids(), []);
    await desk.user(edited({ 3: 'three\n', 20: 'twenty\n' }));
    assert.deepEqual(await desk.ids(), before);
    const { entries } = await desk.reviews.reject([{ path: PATH, ids: [before[0]!] }]);
    const undo = desk.session.entries.find(({ id }) => id === entries[0])?.event;
    assert.ok(undo?.type === 'undo');
    await revert(desk.session, undo.changes, desk.port);
    assert.deepEqual(await desk.ids(), before);
  });

  it('says what it cannot do: a lost image, a file that changes just then, a write that fails', async () => {
    const desk = await Desk.with(numbers.join(''));
    await desk.agent(edited({ 3: 'three\n' }));
    const full = new Reviews(
      desk.session,
      { ...desk.port, write: () => Promise.reject(new Error('the disk is full')) },
      createExclusive(),
    );
    await assert.rejects(full.reject([{ path: PATH }]), /disk is full/u);
    assert.equal((await desk.ids()).length, 1, 'a write that failed has rejected nothing');
    let reads = 0;
    const racing = new Reviews(
      desk.session,
      { ...desk.port, read: async () => Buffer.from(++reads > 1 ? 'other' : desk.text()!) },
      createExclusive(),
    );
    assert.deepEqual(
      (await racing.reject([{ path: PATH }])).refused.map(({ why }) => why),
      ['busy'],
    );
    await desk.session.append({
      type: 'change',
      call: 'x',
      change: { path: '/w/b.py', before: 'f'.repeat(64), after: null },
    });
    assert.deepEqual(
      (await desk.reviews.reject([{ path: '/w/b.py' }])).refused.map(({ why }) => why),
      ['lost'],
    );
  });

  it('decides on all files at once, created, deleted and renamed ones too', async () => {
    const desk = await Desk.with(numbers.join(''));
    await desk.user('old\n', '/w/old.py');
    await desk.agent(edited({ 3: 'three\n' }));
    await desk.agent(null, '/w/old.py');
    await desk.agent('old\n', '/w/new.py');
    const all = (await desk.reviews.open()).map(({ path }) => ({ path }));
    assert.equal(all.length, 3);
    assert.deepEqual(renamesIn(await desk.reviews.open()), [{ from: '/w/old.py', to: '/w/new.py' }]);
    assert.equal((await desk.reviews.reject(all, 'no')).done, 3);
    assert.deepEqual([...desk.files.keys()].sort(), [PATH, '/w/old.py']);
    assert.equal(desk.text(), numbers.join(''));
  });

  it('reads only the files that something tells a change of, and any when it must be sure', async () => {
    const desk = await Desk.with(numbers.join(''));
    const stamps = new Map<string, string | undefined>();
    const reads: string[] = [];
    const read = (path: string): Promise<Uint8Array | undefined> => (reads.push(path), desk.port.read(path));
    const stamp = async (path: string): Promise<string | undefined> => stamps.get(path);
    const reviews = new Reviews(desk.session, { ...desk.port, read, stamp }, createExclusive());
    const paths = Array.from({ length: 100 }, (_, index) => `/w/${index}.py`);
    for (const path of paths) {
      await desk.agent('one\n', path);
      stamps.set(path, 'first');
    }
    assert.equal((await reviews.open()).length, 100);
    assert.equal(reads.splice(0).length, 100);
    await desk.agent('two\n', '/w/7.py');
    stamps.set('/w/9.py', undefined);
    stamps.set('/w/8.py', 'second');
    await desk.user(null, '/w/8.py');
    assert.equal((await reviews.open()).length, 99);
    assert.deepEqual(reads.splice(0), ['/w/7.py', '/w/8.py', '/w/9.py']);
    await desk.user('mine\n', '/w/5.py');
    assert.equal((await reviews.openAmong(['/w/5.py'], true))[0]?.hunks[0]?.by, 'both');
    assert.deepEqual(await reviews.paths(), paths);
  });

  it('reads the same from the journal, whatever was decided while the agent went on', async () => {
    const steps = fc.record({
      kind: fc.constantFrom('agent' as const, 'user' as const, 'accept' as const, 'reject' as const),
      at: fc.nat(29),
      text: fc.constantFrom('x\n' as const, 'y\n' as const, 'x\ny\n' as const, '' as const),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { maxLength: 12 }), async (taken) => {
        const desk = await Desk.with(numbers.join(''));
        for (const { kind, at, text } of taken) {
          const lines = (desk.text() ?? '').split(/(?<=\n)/u);
          const next = lines.with(at % lines.length, text).join('');
          if (kind === 'agent') await desk.agent(next);
          if (kind === 'user') await desk.user(next);
          const ids = kind === 'accept' || kind === 'reject' ? await desk.ids() : [];
          const choice = ids.length > 0 ? [{ path: PATH, ids: [ids[at % ids.length]!], mixed: true }] : [];
          if (kind === 'accept') await desk.reviews.accept(choice);
          if (kind === 'reject') await desk.reviews.reject(choice);
        }
        const textsOf = async (reviews: Reviews): Promise<unknown> =>
          (await reviews.open()).map(({ review }) => [
            bytesOf(review.base)?.toString(),
            bytesOf(review.current)?.toString(),
          ]);
        assert.deepEqual(await textsOf(await desk.reloaded()), await textsOf(desk.reviews));
      }),
      { numRuns: 100, examples: UNLIKELY },
    );
  });
});

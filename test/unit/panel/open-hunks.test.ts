import assert from 'node:assert/strict';
import { createExclusive } from '../../../src/agent/exclusive';
import { Session } from '../../../src/agent/session';
import { changedFiles } from '../../../src/panel/folds/changes';
import { makers, openDiff } from '../../../src/panel/folds/open-hunks';
import { Reviews } from '../../../src/review/reviews';

const before = Array.from({ length: 20 }, (_, n) => `line ${n}\n`).join('');
const after = before.replace('line 4\n', 'line 4 <b>\n').replace('line 15\n', '');

describe('the open hunks of the panel', () => {
  it('are the rows of a unified diff with what made them, and go when they are decided on', async () => {
    const session = await Session.open('s');
    let text = after;
    const image = (content: string): Promise<string> => session.store.putBlob(new TextEncoder().encode(content));
    await session.append({ type: 'todos', todos: [{ id: '1', content: 'tidy', status: 'in_progress' }] });
    await session.append({ type: 'tool-start', call: 'c', name: 'Edit', input: {}, title: 'Edit a.txt' });
    const change = { path: '/w/a.txt', before: await image(before), after: await image(after) };
    await session.append({ type: 'change', call: 'c', change });
    const files = {
      read: async () => new TextEncoder().encode(text),
      write: async (_: string, bytes: Uint8Array | null) => void (text = new TextDecoder().decode(bytes ?? undefined)),
    };
    const reviews = new Reviews(session, files, createExclusive());
    const shown = async (): Promise<[string, string[], string | undefined][]> => {
      const [file] = await reviews.open();
      const diff = file && openDiff(file, makers(session.branch));
      if (diff?.kind !== 'text') return [];
      return diff.hunks.map(({ header, rows, open }) => [
        header,
        rows.filter(({ sign }) => sign !== ' ').map((row) => `${row.sign}${row.text}`),
        open && `${open.made.join()} for ${open.todo}`,
      ]);
    };
    assert.deepEqual(await shown(), [
      ['@@ -2,7 +2,7 @@', ['-line 4', '+line 4 <b>'], 'Edit a.txt for tidy'],
      ['@@ -13,7 +13,6 @@', ['-line 15'], 'Edit a.txt for tidy'],
    ]);
    const [file] = await reviews.open();
    assert.equal((await reviews.reject([{ path: '/w/a.txt', ids: [file?.hunks[1]?.id ?? ''] }])).done, 1);
    assert.equal(text, before.replace('line 4\n', 'line 4 <b>\n'));
    assert.equal((await reviews.accept([{ path: '/w/a.txt' }])).done, 1);
    assert.deepEqual(await shown(), []);
  });

  it('are listed with their file when a person takes back that all of them were rejected', async () => {
    const session = await Session.open('s');
    let text: string | undefined = 'one\n';
    const bytes = (content: string): Uint8Array => new TextEncoder().encode(content);
    for (const [path, was] of [
      ['/w/a.txt', 'zero\n'],
      ['/w/new.txt', null],
    ] as const) {
      const images = {
        before: was === null ? null : await session.store.putBlob(bytes(was)),
        after: await session.store.putBlob(bytes('one\n')),
      };
      await session.append({ type: 'change', call: 'c', change: { path, ...images } });
      const files = {
        read: async () => (text === undefined ? undefined : bytes(text)),
        write: async (_: string, next: Uint8Array | null) =>
          void (text = next ? new TextDecoder().decode(next) : undefined),
      };
      text = 'one\n';
      const reviews = new Reviews(session, files, createExclusive());
      const listed = async (): Promise<unknown[]> => {
        const open = await reviews.openAmong([path], true);
        const blob = (hash: string): Promise<Uint8Array | undefined> => session.store.getBlob(hash);
        const { files: all } = await changedFiles(
          { branch: session.branch, open, blob, shown: (one) => one },
          new Map(),
        );
        return all.filter((one) => one.path === path).map(({ kind, counts, diff }) => [kind, counts, diff.kind]);
      };
      const removed = was === null ? 0 : 1;
      const whole = [[was === null ? 'created' : 'modified', { added: 1, removed }, 'text']];
      assert.deepEqual(await listed(), whole);
      await reviews.reject([{ path }]);
      assert.deepEqual(await listed(), []);
      text = 'one\n';
      assert.deepEqual(await listed(), whole);
    }
  });
});

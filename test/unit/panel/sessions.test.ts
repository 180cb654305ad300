import assert from 'node:assert/strict';
import { MAX_ROWS, sessionsOf, type KnownSession, type SessionsSource } from '../../../src/panel/folds/sessions';
import { composerMessages } from '../../../src/panel/sections/composer';
import { toHostSchema } from '../../../src/panel/protocol';
import { tokenAt, withPicked } from '../../../src/panel/client/tokens';

const one = (id: string, some: Partial<KnownSession> = {}): KnownSession => ({
  ...{ id, title: `title ${id}`, folders: ['/w'], droid: 'd', usedAt: 0, terminal: false },
  ...some,
});
const source = (sessions: KnownSession[], some: Partial<SessionsSource> = {}): SessionsSource => ({
  ...{ sessions, query: '', folders: ['/w'], current: 'a', deleted: null },
  isAtWork: (id) => id === 'b',
  used: String,
  ...some,
});

describe('the list of sessions', () => {
  it('has those of this workspace first, and says of the others where they work', () => {
    const { rows } = sessionsOf(
      source([one('x', { folders: ['/other'] }), one('a'), one('b'), one('y', { folders: [] })]),
    );
    assert.deepEqual(
      rows.map(({ id, elsewhere, current, atWork }) => [id, elsewhere, current, atWork]),
      [
        ['a', '', true, false],
        ['b', '', false, true],
        ['x', '/other', false, false],
        ['y', '?', false, false],
      ],
    );
  });

  it('finds by every word, in title, droid or folder, in any case', () => {
    const all = [one('a', { title: 'Fix the Split' }), one('b', { title: 'fix it', droid: 'reviewer' })];
    const found = (query: string): string[] => sessionsOf(source(all, { query })).rows.map(({ id }) => id);
    assert.deepEqual(found('split FIX'), ['a']);
    assert.deepEqual(found(' review '), ['b']);
    assert.deepEqual(found('/w fix'), ['a', 'b']);
    assert.deepEqual(found('nothing'), []);
  });

  it('is bounded, and says how many it left out', () => {
    const all = Array.from({ length: 1_000 }, (_, index) => one(String(index)));
    const { rows, more } = sessionsOf(source(all));
    assert.deepEqual([rows.length, more], [MAX_ROWS, 1_000 - MAX_ROWS]);
  });
});

describe('what the page may say of messages', () => {
  it('is bounded in size', () => {
    assert.ok(composerMessages.length > 5);
    assert.equal(toHostSchema.safeParse({ type: 'send', text: 'x'.repeat(200_001) }).success, false);
    assert.equal(
      toHostSchema.safeParse({ type: 'attachImage', name: 'a', data: 'x'.repeat(8_000_000) }).success,
      false,
    );
    assert.equal(toHostSchema.safeParse({ type: 'pick', what: 'rules' }).success, false);
    assert.equal(toHostSchema.safeParse({ type: 'send', text: 'x' }).success, true);
  });
});

describe('what is being typed', () => {
  it('is a word behind @ anywhere, and behind / at the beginning alone', () => {
    const token = (text: string, caret = text.length): string | undefined => {
      const found = tokenAt(text, caret);
      return found && `${found.kind}${found.query}`;
    };
    assert.equal(token('look at @da'), '@da');
    assert.equal(token('@'), '@');
    assert.equal(token('me@example.org'), undefined);
    assert.equal(token('@a b'), undefined);
    assert.equal(token('@data later', 3), '@da');
    assert.equal(token('/ed'), '/ed');
    assert.equal(token('and /ed'), undefined);
    assert.equal(token('/usr/lib'), undefined);
  });

  it('gives way to what was picked, and the rest stays', () => {
    const text = 'see @da and more';
    const token = tokenAt(text, 7);
    assert.ok(token);
    assert.deepEqual(withPicked(text, token, 'data.py'), { text: 'see @data.py and more', caret: 13 });
  });
});

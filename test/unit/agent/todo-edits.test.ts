import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { DurableEvent, JournalEntry, Todo } from '../../../src/agent/events';
import { editedTodos, MAX_TODOS, todoNews, type TodoEdit } from '../../../src/agent/todo-edits';

const todo = (id: string, status: Todo['status'] = 'pending'): Todo => ({ id, content: `do ${id}`, status });
const list = [todo('1'), todo('2', 'in_progress'), todo('3')];
const ids = (todos: readonly Todo[] | undefined): string | undefined => todos?.map(({ id }) => id).join('');

describe('what a person does to the todo list', () => {
  it('adds at the end under an id of its own', () => {
    const after = editedTodos([todo('4'), todo('1')], { kind: 'add', content: '  look  ' });
    assert.deepEqual(after?.at(-1), { id: '3', content: 'look', status: 'pending' });
    assert.equal(editedTodos(list, { kind: 'add', content: '  ' }), undefined);
    const full = Array.from({ length: MAX_TODOS }, (_, n) => todo(String(n)));
    assert.equal(editedTodos(full, { kind: 'add', content: 'one more' }), undefined);
  });

  it('ticks, unticks, removes, and moves before another or to the end', () => {
    assert.deepEqual(editedTodos(list, { kind: 'tick', id: '2', done: true })?.[1], todo('2', 'completed'));
    assert.equal(editedTodos(list, { kind: 'tick', id: '1', done: false }), undefined);
    assert.equal(ids(editedTodos(list, { kind: 'remove', id: '2' })), '13');
    assert.equal(ids(editedTodos(list, { kind: 'move', id: '3', before: '1' })), '312');
    assert.equal(ids(editedTodos(list, { kind: 'move', id: '1', before: null })), '231');
    assert.equal(editedTodos(list, { kind: 'move', id: '1', before: '2' }), undefined, 'it stands there');
  });

  it('changes nothing where an item is gone, and never loses or doubles one', () => {
    const edit: fc.Arbitrary<TodoEdit> = fc.oneof(
      fc.record({ kind: fc.constant('tick' as const), id: fc.constantFrom('1', '2', '3', 'x'), done: fc.boolean() }),
      fc.record({
        kind: fc.constant('move' as const),
        id: fc.constantFrom('1', '2', '3', 'x'),
        before: fc.constantFrom('1', '2', '3', 'x', null),
      }),
    );
    fc.assert(
      fc.property(fc.array(edit), (edits) => {
        const after = edits.reduce((todos, one) => editedTodos(todos, one) ?? todos, list);
        assert.deepEqual(after.map(({ id }) => id).sort(), ['1', '2', '3']);
      }),
    );
    assert.equal(editedTodos(list, { kind: 'remove', id: 'x' }), undefined);
  });
});

describe('what the model is told of it', () => {
  const entries = (...events: DurableEvent[]): JournalEntry[] =>
    events.map((event, n) => ({ id: `e${n}`, parent: null, at: '', event }));
  const byUser: DurableEvent = { type: 'todos', todos: list, by: 'user' };

  it('is the whole list, once', () => {
    const news = todoNews(entries(byUser));
    assert.match(news ?? '', /changed the todo list[^]*\[in_progress\] do 2/u);
    assert.equal(todoNews(entries(byUser, { type: 'note', text: news ?? '' })), undefined);
    assert.ok(todoNews(entries(byUser, { type: 'note', text: news ?? '' }, byUser)), 'the next change is told again');
  });

  it('is nothing of what the model itself wrote', () => {
    assert.equal(todoNews(entries({ type: 'todos', todos: list })), undefined);
  });
});

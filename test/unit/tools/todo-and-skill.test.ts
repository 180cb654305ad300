import assert from 'node:assert/strict';
import { createTools } from '../../../src/tools/index';
import { toolSchema } from '../../../src/agent/tool';
import { skillTool } from '../../../src/tools/skill';
import { todoWrite } from '../../../src/tools/todo-write';
import { FakeSession, textOf } from '../../support/fake-tool-context';

const item = (content: string, more: object = {}): object => ({ content, status: 'pending', ...more });

describe('TodoWrite', () => {
  it('fills in ids, each once', async () => {
    const output = await new FakeSession().call(todoWrite, {
      todos: [item('a'), item('b', { id: '1' }), item('c', { id: '1' }), item('d', { id: 'x' })],
    });
    assert.deepEqual(
      output.todos?.map(({ id }) => id),
      ['2', '1', '3', 'x'],
    );
    assert.deepEqual(output.view, { kind: 'todos', todos: output.todos });
    assert.equal(output.content, '4 items, 4 open.');
  });

  it('takes 50 items of 500 characters with one in work, and no more', () => {
    const fits = (todos: object[]): boolean => todoWrite.input.safeParse({ todos }).success;
    const working = item('a', { status: 'in_progress' });
    assert.ok(fits(Array.from({ length: 50 }, () => item('x'.repeat(500)))));
    assert.ok(fits([working]) && fits([]));
    assert.ok(!fits(Array.from({ length: 51 }, () => item('x'))));
    assert.ok(!fits([item('x'.repeat(501))]));
    assert.ok(!fits([working, working]));
  });
});

describe('Skill', () => {
  const texts: Record<string, string> = { eda: 'Look at $ARGUMENTS first.', plain: 'Do it.' };
  const tool = skillTool({
    names: Object.keys(texts),
    read: async (name) =>
      texts[name] === undefined
        ? undefined
        : { text: texts[name], hash: texts[name], folder: `/skills/${name}`, files: ['scripts/a.py'] },
  });

  it('gives text, arguments, base folder and files', async () => {
    const output = await new FakeSession().call(tool, { skill: 'eda', arguments: "$& data.csv $'" });
    assert.equal(
      output.content,
      "Look at $& data.csv $' first.\n\nBase folder: /skills/eda\nFiles in it:\nscripts/a.py",
    );
  });

  it('appends arguments that the text has no place for', async () => {
    const text = textOf(await new FakeSession().call(tool, { skill: 'plain', arguments: 'now' }));
    assert.match(text, /^Do it\.\n\nArguments: now\n/);
  });

  it('gives its text once, then a note with the new arguments', async () => {
    const session = new FakeSession();
    await session.call(tool, { skill: 'eda', arguments: 'a.csv' });
    assert.equal(
      (await session.call(tool, { skill: 'eda', arguments: 'b.csv' })).content,
      'The skill eda is loaded already: its text stands above. Its arguments are now: b.csv',
    );
    texts['eda'] = 'Changed: $ARGUMENTS.';
    assert.match(textOf(await session.call(tool, { skill: 'eda' })), /^Changed/);
  });

  it('names the skills there are for one that is not', async () => {
    const output = await new FakeSession().call(tool, { skill: 'plan' });
    assert.deepEqual(
      [output.content, output.isError],
      ['There is no skill plan. Did you mean plain? The skills are: eda, plain.', true],
    );
  });
});

describe('the tools', () => {
  const tools = createTools({ names: [], read: async () => undefined });

  it('have the names and parameters of droid files', () => {
    const shape = tools.map((tool) => {
      const { properties, required } = toolSchema(tool).input_schema as unknown as {
        properties: object;
        required?: string[];
      };
      return `${tool.name}(${Object.keys(properties)
        .map((name) => (required?.includes(name) ? name : `${name}?`))
        .join(', ')})`;
    });
    assert.deepEqual(shape, [
      'Read(file_path, offset?, limit?)',
      'LS(directory_path?, ignorePatterns?)',
      'Grep(pattern, path?, glob_pattern?, output_mode?, case_insensitive?, type?, context?, context_before?, context_after?, line_numbers?, head_limit?, multiline?)',
      'Glob(patterns, excludePatterns?, folder?)',
      'Create(file_path, content)',
      'Edit(file_path, old_str, new_str, change_all?)',
      'MultiEdit(file_path, changes)',
      'NotebookEdit(file_path, mode, cell_id?, after?, cell_type?, new_source?, old_str?, new_str?)',
      'Execute(command, summary?, timeout?, riskLevel?, riskLevelReason?, fireAndForget?, cwd?)',
      'Job(action, job?, command?, title?, dry?, resume?, long?, hypothesis?, cwd?, where?, watches?, minutes?, riskLevel?, from?, line?, pattern?, lines?, after_epoch?)',
      'Runs(action, runs?, filter?, sort?, limit?, metric?, direction?, hypothesis?, verdict?, tolerance?)',
      'WebSearch(query, numResults?, includeDomains?, excludeDomains?)',
      'FetchUrl(url, offset?)',
      'TodoWrite(todos)',
      'Task(subagent_type, description, prompt, run_in_background?)',
      'GenerateDroid(description, location, name?)',
      'Skill(skill, arguments?)',
    ]);
  });

  it('cost the model at most 9.5 KB, without the listing of droids', () => {
    assert.ok(Buffer.byteLength(JSON.stringify(tools.map(toolSchema))) <= 9_500);
  });
});

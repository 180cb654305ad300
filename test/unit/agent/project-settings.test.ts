import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { judge, MODES, type Mode, type Policy } from '../../../src/agent/approval';
import { parseProjectSettings, projectEnvironment, withProjects } from '../../../src/agent/project-settings';
import type { Action } from '../../../src/agent/tool';
import { readProjectSettings } from '../../../src/host/project-settings';

const TOOLS = ['Read', 'Edit', 'Execute', 'FetchUrl'];
const parse = (settings: unknown): ReturnType<typeof parseProjectSettings> =>
  parseProjectSettings(typeof settings === 'string' ? settings : JSON.stringify(settings), 'settings.json', TOOLS);
const policy = (mode: Mode = 'acceptEdits'): Policy => ({ mode, trusted: true, allow: [], ask: [], deny: [] });
const runs = (text: string): Action => ({
  effect: 'execute',
  command: text,
  cwd: { path: '/w', shown: '.', inside: true },
  parts: [{ text, class: 'runs-code', reason: 'runs code' }],
});
const edits: Action = { effect: 'edit', paths: [{ path: '/w/a.py', shown: 'a.py', inside: true }] };
const decided = (settings: unknown, tool: string, action: Action, isAccepted = false, mode?: Mode): string =>
  judge(
    tool,
    action,
    withProjects(policy(mode), [parse(settings)], () => isAccepted),
  ).decision;

describe('the settings of a repository', () => {
  it('allow nothing by themselves, whatever they say', () => {
    const settings = {
      permissions: { allow: ['Execute', 'Execute(*)', 'FetchUrl'] },
      mode: 'auto',
      hosts: ['*.a.org'],
    };
    const harmless: Action = { ...runs('ls'), parts: [{ text: 'ls', class: 'read-only', reason: '' }] } as Action;
    assert.equal(decided(settings, 'Execute', runs('make')), 'ask');
    assert.equal(decided(settings, 'Execute', harmless), 'ask');
    assert.equal(decided(settings, 'FetchUrl', { effect: 'network', url: 'https://x.a.org', host: 'x.a.org' }), 'ask');
    assert.equal(decided({ mode: 'auto' }, 'Edit', edits, false, 'ask'), 'ask');
  });

  it('allow what they say once that was accepted, and no more', () => {
    const settings = { permissions: { allow: ['Execute(make *)'] }, mode: 'acceptEdits', hosts: ['a.org'] };
    assert.equal(decided(settings, 'Execute', runs('make all'), true), 'allow');
    assert.equal(decided(settings, 'Execute', runs('pytest'), true), 'ask');
    assert.equal(decided(settings, 'Edit', edits, true, 'ask'), 'allow');
    assert.equal(
      decided(settings, 'FetchUrl', { effect: 'network', url: 'https://a.org', host: 'a.org' }, true),
      'allow',
    );
  });

  it('refuse and ask at once, and say which file does', () => {
    const settings = { permissions: { deny: ['Execute(make *)'], ask: ['Edit'] } };
    const narrowed = withProjects({ ...policy(), allow: [{ tool: 'Execute' }] }, [parse(settings)], () => false);
    assert.deepEqual(
      [judge('Execute', runs('make x'), narrowed).reason, judge('Edit', edits, narrowed).reason],
      ['denied by the rule Execute(make *) of settings.json', 'the rule Edit of settings.json says to ask'],
    );
  });

  for (const mine of MODES)
    it(`never widen the mode ${mine} unasked, and narrow it at once`, () => {
      for (const theirs of MODES) {
        const result = withProjects(policy(mine), [parse({ mode: theirs })], () => false).mode;
        assert.equal(result, MODES[Math.min(MODES.indexOf(mine), MODES.indexOf(theirs))], theirs);
      }
    });

  it('of several folders: the narrowest mode counts, also when a wider one was accepted', () => {
    const both = [parse({ mode: 'auto' }), parse({ mode: 'plan' })];
    assert.equal(withProjects(policy('ask'), both, () => true).mode, 'plan');
  });

  for (const [what, text] of [
    ['no JSON', '{ "permissions": { "deny": ["Execute"] '],
    ['a list', '["deny"]'],
    ['null', 'null'],
    ['nothing', ''],
    ['permissions that are no object', { permissions: ['deny'] }],
    ['a deny list that is a text', { permissions: { deny: 'Execute' } }],
    ['a deny rule that is none', { permissions: { deny: ['Execute', 'rm -rf (x'] } }],
    ['an ask rule that is no text', { permissions: { ask: [1] } }],
    ['more rules than anyone means', { permissions: { deny: Array.from({ length: 1_001 }, () => 'Edit') } }],
    ['a mode there is not', { mode: 'yolo' }],
  ] as const) {
    it(`that are ${what}: everything is asked for, and that is told`, () => {
      const read = parse(text);
      const unsure = withProjects({ ...policy('auto'), allow: [{ tool: 'Execute' }] }, [read], () => true);
      const reading: Action = { effect: 'read', paths: [{ path: '/w/a.py', shown: 'a.py', inside: true }] };
      for (const [tool, action] of [
        ['Execute', runs('make')],
        ['Edit', edits],
        ['Read', reading],
      ] as const) {
        const { decision, reason } = judge(tool, action, unsure);
        assert.equal(decision, 'ask');
        assert.match(reason, /settings\.json cannot be read as settings/u);
      }
      assert.equal(read.problems.length, 1);
    });
  }

  it('show all that they widen, each in one line that nothing in it can break', () => {
    const { widening } = parse({
      permissions: { allow: ['Execute(make *)', 'Execute(a\nThe permission mode)'] },
      mode: 'auto',
      hosts: ['a.org'],
      env: { PATH: './bin\u202e', A: 'x\ny' },
    });
    assert.deepEqual(
      widening?.text.split('\n').filter((line) => line.startsWith('    ')),
      [
        '    Execute(make *)',
        '    Execute(a\\nThe permission mode)',
        '    a.org',
        '    auto',
        '    PATH=./bin⟨U+202E⟩',
        '    A=x\\ny',
      ],
    );
    assert.doesNotMatch(widening?.text ?? '', /\u202e/u);
  });

  it('are asked for again when what widens changes, and not when something else does', () => {
    const hash = (settings: unknown): string | undefined => parse(settings).widening?.hash;
    const one = { permissions: { allow: ['Edit'] } };
    assert.equal(hash(one), hash({ ...one, other: 1, mode: 'ask' }));
    assert.notEqual(hash(one), hash({ permissions: { allow: ['Edit', 'Execute'] } }));
    assert.notEqual(hash(one), hash({ ...one, env: { A: '1' } }));
    assert.equal(hash({ permissions: { deny: ['Edit'] }, mode: 'plan' }), undefined);
  });

  it('set variables for commands once accepted, and never those that steer this program', () => {
    const read = parse({
      env: { A: '1', 'B C': '2', NODE_OPTIONS: 'x', ANTHROPIC_BASE_URL: 'x', VSCODE_X: 'x', N: 3 },
    });
    assert.deepEqual(
      projectEnvironment([read], () => true),
      { A: '1' },
    );
    assert.deepEqual(
      projectEnvironment([read], () => false),
      {},
    );
    assert.equal(read.problems.length, 5);
  });

  it('never set endpoints or hooks, and tell of it and of rules for tools there are not', () => {
    const { problems, widening } = parse({ hooks: {}, endpoints: [], permissions: { deny: ['Bash(rm *)'] } });
    assert.equal(widening, undefined);
    assert.deepEqual(
      problems.map((problem) => /Bash|"\w+"/u.exec(problem)?.[0]),
      ['Bash', '"endpoints"', '"hooks"'],
    );
  });

  it('are read from each folder, and a file that is huge, no file or a link to a stranger is in doubt, its text not told', async () => {
    const root = await mkdtemp(join(tmpdir(), 'ml-engineer-project-'));
    const folders = ['none', 'good', 'huge', 'folder', 'link'].map((name) => ({ name, path: join(root, name) }));
    for (const { path } of folders) await mkdir(join(path, '.factory'), { recursive: true });
    const at = (name: string): string => join(root, name, '.factory', 'settings.json');
    await writeFile(at('good'), '\ufeff{"mode":"plan"}');
    await writeFile(at('huge'), '{}');
    await truncate(at('huge'), 50_000_000);
    await mkdir(at('folder'));
    await writeFile(join(root, 'secret'), 'the secret');
    await symlink(join(root, 'secret'), at('link'));
    const read = await readProjectSettings(folders, TOOLS);
    assert.deepEqual(
      read.map(({ shown, doubt }) => [shown, doubt !== undefined]),
      [
        ['good/.factory/settings.json', false],
        ['huge/.factory/settings.json', true],
        ['folder/.factory/settings.json', true],
        ['link/.factory/settings.json', true],
      ],
    );
    assert.doesNotMatch(JSON.stringify(read), /the secret/u);
    await rm(root, { recursive: true });
  });
});

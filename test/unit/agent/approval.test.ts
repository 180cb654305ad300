import assert from 'node:assert/strict';
import { judge, parseRule, type Mode, type Policy, type Rule } from '../../../src/agent/approval';
import type { Action, CommandClass } from '../../../src/agent/tool';

const rules = (...texts: string[]): Rule[] => texts.map((text) => parseRule(text) as Rule);
const policy = (mode: Mode, more: Partial<Policy> = {}): Policy => ({
  mode,
  trusted: true,
  allow: [],
  ask: [],
  deny: [],
  ...more,
});
const fact = (shown: string, inside = true): { path: string; shown: string; inside: boolean } => ({
  path: inside ? `/w/${shown}` : shown,
  shown,
  inside,
});
const edit = (shown: string, inside = true): Action => ({ effect: 'edit', paths: [fact(shown, inside)] });
const read = (shown: string, inside = true): Action => ({ effect: 'read', paths: [fact(shown, inside)] });
const command = (...parts: [string, CommandClass][]): Action => ({
  effect: 'execute',
  command: parts.map(([text]) => text).join(' && '),
  cwd: fact('.'),
  parts: parts.map(([text, kind]) => ({ text, class: kind, reason: kind })),
});

const files: Action = {
  ...command(['pytest', 'runs-code']),
  parts: [{ text: 'pytest', class: 'runs-code', reason: 'runs code', onlyFiles: true }],
} as Action;

const asked: Action = { ...command(['python3 t.py', 'runs-code']), asks: 'a long run' } as Action;

const table: [string, string, Action, Policy, 'allow' | 'ask' | 'deny'][] = [
  ['reads inside the workspace run', 'Read', read('a.py'), policy('ask'), 'allow'],
  ['reads outside ask', 'Read', read('/etc/hosts', false), policy('auto'), 'ask'],
  ['reading a secret asks in every mode', 'Read', read('.env'), policy('auto'), 'ask'],
  [
    'an allow rule by * does not open a secret',
    'Read',
    read('.env'),
    policy('auto', { allow: rules('Read(**)') }),
    'ask',
  ],
  ['an allow rule that names it does', 'Read', read('.env'), policy('ask', { allow: rules('Read(.env)') }), 'allow'],
  ['edits ask', 'Edit', edit('a.py'), policy('ask'), 'ask'],
  ['acceptEdits edits', 'Edit', edit('a.py'), policy('acceptEdits'), 'allow'],
  ['acceptEdits still asks before .git', 'Edit', edit('.git/config'), policy('acceptEdits'), 'ask'],
  ['acceptEdits still asks before a checkpoint', 'Create', edit('out/model.pt'), policy('acceptEdits'), 'ask'],
  ['acceptEdits still asks before data', 'Edit', edit('data/churn.csv'), policy('auto'), 'ask'],
  ['a script beside the data is code', 'Edit', edit('data/make_data.py'), policy('acceptEdits'), 'allow'],
  ['plan mode edits nothing', 'Edit', edit('a.py'), policy('plan', { allow: rules('Edit') }), 'deny'],
  ['an untrusted workspace is plan mode', 'Edit', edit('a.py'), policy('auto', { trusted: false }), 'deny'],
  ['ask mode asks before a harmless command', 'Execute', command(['ls', 'read-only']), policy('ask'), 'ask'],
  ['auto runs a harmless command', 'Execute', command(['ls', 'read-only']), policy('auto'), 'allow'],
  [
    'what a person is to be asked about is asked about although a rule allows it',
    'Job',
    asked,
    policy('auto', { allow: rules('Execute', 'Job(python3 *)') }),
    'ask',
  ],
  [
    'a rule that names that very command opens it',
    'Job',
    { ...asked, ruledAs: 'Execute' } as Action,
    policy('ask', { allow: rules('Execute(python3 t.py)') }),
    'allow',
  ],
  ['auto asks before running code', 'Execute', command(['pytest', 'runs-code']), policy('auto'), 'ask'],
  [
    'auto asks before running code that stands in the command, whatever was reviewed',
    'Execute',
    command(['python3 -c x', 'runs-code']),
    policy('auto', { unreviewed: [] }),
    'ask',
  ],
  ['auto runs code of files when all were reviewed', 'Execute', files, policy('auto', { unreviewed: [] }), 'allow'],
  ['auto asks when one was not', 'Execute', files, policy('auto', { unreviewed: ['a.py'] }), 'ask'],
  ['auto asks when that is not known', 'Execute', files, policy('auto'), 'ask'],
  ['acceptEdits asks in any case', 'Execute', files, policy('acceptEdits', { unreviewed: [] }), 'ask'],
  ['plan mode runs no code', 'Execute', files, policy('plan', { unreviewed: [] }), 'deny'],
  [
    'a rule covers its command',
    'Execute',
    command(['pytest -q', 'runs-code']),
    policy('ask', { allow: rules('Execute(pytest *)') }),
    'allow',
  ],
  [
    'a rule does not cover the rest of the line',
    'Execute',
    command(['pytest -q', 'runs-code'], ['curl x', 'network']),
    policy('ask', { allow: rules('Execute(pytest *)') }),
    'ask',
  ],
  [
    'a prefix ends at a word',
    'Execute',
    command(['pytester', 'unknown']),
    policy('ask', { allow: rules('Execute(pytest *)') }),
    'ask',
  ],
  [
    'a bare rule does not open what is destructive',
    'Execute',
    command(['rm -rf data', 'destructive']),
    policy('auto', { allow: rules('Execute', 'Execute(rm *)') }),
    'ask',
  ],
  [
    'deny wins over allow',
    'Execute',
    command(['pytest', 'runs-code']),
    policy('auto', { allow: rules('Execute'), deny: rules('Execute(pytest*)') }),
    'deny',
  ],
  [
    'deny looks at every part',
    'Execute',
    command(['ls', 'read-only'], ['pytest', 'runs-code']),
    policy('auto', { deny: rules('Execute(pytest*)') }),
    'deny',
  ],
  [
    'an ask rule asks where the mode would not',
    'Read',
    read('a.py'),
    policy('auto', { ask: rules('Read(*.py)') }),
    'ask',
  ],
  [
    'the block list runs in no mode and by no rule',
    'Execute',
    command(['rm -rf /', 'blocked']),
    policy('auto', { allow: rules('Execute(rm -rf /)') }),
    'deny',
  ],
  ['network asks in auto', 'FetchUrl', { effect: 'network', url: 'https://a.b/c', host: 'a.b' }, policy('auto'), 'ask'],
  [
    'network runs by a rule on the host',
    'FetchUrl',
    { effect: 'network', url: 'https://a.b/c', host: 'a.b' },
    policy('ask', { allow: rules('FetchUrl(a.b)') }),
    'allow',
  ],
  ['what changes nothing runs in plan mode', 'TodoWrite', { effect: 'none' }, policy('plan'), 'allow'],
  ['a rule for another tool says nothing', 'Edit', edit('a.py'), policy('ask', { allow: rules('Create') }), 'ask'],
];

describe('approval', () => {
  for (const [name, tool, action, rulesAndMode, expected] of table) {
    it(name, () => assert.equal(judge(tool, action, rulesAndMode).decision, expected));
  }

  it('offers a general rule for a command, and none for what may lose something', () => {
    const offered = (action: Action): unknown => judge('Execute', action, policy('ask')).offer?.pattern;
    assert.equal(offered(command(['python3 -m unittest tests.test_split', 'runs-code'])), 'python3 -m unittest *');
    assert.equal(offered(command(['pytest -q', 'runs-code'])), 'pytest *');
    assert.equal(offered(command(['rm -rf x', 'destructive'])), undefined);
    assert.equal(offered(command(['$X', 'unknown'])), undefined);
  });

  it('a rule offered for a call allows that call', () => {
    const action = command(['cd src', 'read-only'], ['python3 -m unittest', 'runs-code']);
    const { offer } = judge('Execute', action, policy('ask'));
    assert.ok(offer);
    assert.equal(
      judge('Execute', command(['python3 -m unittest', 'runs-code']), policy('ask', { allow: [offer] })).decision,
      'allow',
    );
  });

  it('names the files that were not reviewed, the first of many', () => {
    const unreviewed = ['a.py', 'b.py', 'c.py', 'd.py', 'e.py', 'f.py', 'g.py'];
    assert.equal(
      judge('Execute', files, policy('auto', { unreviewed })).reason,
      'runs code, and you have not reviewed what this session wrote: a.py, b.py, c.py, d.py, e.py and 2 more',
    );
  });

  it('marks what only a person may answer', () => {
    assert.equal(judge('Execute', command(['rm x', 'destructive']), policy('ask')).protected, true);
    assert.equal(judge('Edit', edit('a.py'), policy('ask')).protected, false);
  });
});

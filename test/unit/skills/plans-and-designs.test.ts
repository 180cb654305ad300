import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { GitWorkspace } from '../../support/git-workspace';

const SKILLS = resolve(__dirname, '../../../skills');
const text = (path: string): string => readFileSync(join(SKILLS, path), 'utf8');

/** A template with every `<...>` answered. */
const answered = (template: string): string =>
  template.replaceAll(/<[^<>]*>/gu, '80 ms at 200 requests, `python -m a.b`');

const SLOTS = [
  'Decision served',
  'Target and its time',
  'Data at prediction time',
  'Baseline',
  'Metric and threshold',
  'Latency',
  'SLA',
  'Cost',
  'Label delay',
  'Failure cost',
  'Privacy',
  'Rollback',
];

describe('plans and designs', () => {
  let repo: GitWorkspace;
  before(() => {
    repo = new GitWorkspace();
  });
  after(() => repo.remove());

  /** The faults of each text, from one run: starting Python is most of what a check takes. */
  function faults(script: string, contents: readonly string[]): string[][] {
    const names = contents.map((_, at) => `file-${at}.md`);
    repo.put(Object.fromEntries(contents.map((content, at) => [names[at] ?? '', content])));
    const { code, out } = repo.run(script, names);
    assert.equal(code, out === '' ? 0 : 1, out);
    const lines = out.split('\n');
    return names.map((name) =>
      lines.filter((line) => line.startsWith(`${name}: `)).map((line) => line.slice(name.length + 2)),
    );
  }

  describe('check_design.py', () => {
    const checkAll = (contents: string[]): string[][] => faults('brainstorming/scripts/check_design.py', contents);
    const template = text('brainstorming/assets/design-template.md');

    it('finds every slot of the template empty, and none once all are answered', () => {
      assert.deepEqual(checkAll([template, answered(template), answered(template).replaceAll('\n', '\r\n')]), [
        SLOTS.map((slot) => `${slot} is not filled in (not applicable? then say why)`),
        [],
        [],
      ]);
    });

    it('names a slot that is missing, takes a reason for an answer and a bare n/a for none', () => {
      const withSla = (line: string): string =>
        SLOTS.map((slot) => (slot === 'SLA' ? line : `**${slot}:** yes, 4\n`)).join('');
      const good = ['**SLA:** 99 %\n', '- **SLA:** not applicable: a yearly report\n', '**SLA:**\n  - 99.5 %\n'];
      for (const found of checkAll(good.map(withSla))) assert.deepEqual(found, []);
      const empty = ['', 'n/a', 'N/A.', 'none', '-', '?', 'TBC', 'not applicable', '<how available>'];
      for (const [at, found] of checkAll(empty.map((answer) => withSla(`**SLA:** ${answer}\n`))).entries())
        assert.deepEqual(found, ['SLA is not filled in (not applicable? then say why)'], empty[at]);
      assert.deepEqual(checkAll([withSla('')]), [['there is no **SLA:**']]);
    });

    it('finds what was left open anywhere, and tells a file it cannot read', () => {
      const design = `${SLOTS.map((slot) => `**${slot}:** yes, 4`).join('\n')}\n\n## Parts\n\nTBD\n`;
      const [open, nothing] = checkAll([design, '']);
      assert.deepEqual(open, ['line 16: TBD leaves something open']);
      assert.equal(nothing?.length, SLOTS.length);
      repo.put({ 'bytes.md': Buffer.from([0xff, 0xfe]) });
      for (const file of ['bytes.md', 'none.md'])
        assert.equal(repo.run('brainstorming/scripts/check_design.py', [file]).code, 2);
    });
  });

  describe('check_plan.py', () => {
    const checkAll = (contents: string[]): string[][] => faults('writing-plans/scripts/check_plan.py', contents);
    const check = (content: string): string[] => checkAll([content])[0] ?? [];
    const template = text('writing-plans/assets/plan-template.md');
    const plan = answered(template);
    const task = (number: number, title: string): string =>
      plan.slice(plan.indexOf('### Task 1')).replace(/^### Task 1: .*/u, `### Task ${number}: ${title}`);
    const withTasks = (...titles: string[]): string =>
      plan.slice(0, plan.indexOf('### Task 1')) + titles.map((title, at) => task(at + 1, title)).join('\n');

    it('finds the empty slots of the template, and nothing once they are filled', () => {
      const found = check(template).join('\n');
      for (const slot of ['Goal', 'Approach', 'Stack', 'Latency', 'SLA', 'Cost', 'Rollback'])
        assert.match(found, new RegExp(`^header: ${slot} is not filled in`, 'mu'));
      assert.deepEqual(check(plan), []);
    });

    it('wants every slot in every task', () => {
      const slots = ['Files', 'Interfaces', 'Acceptance', 'Budget'];
      assert.deepEqual(
        checkAll(slots.map((slot) => plan.replace(`- **${slot}:**`, `- ${slot}`))),
        slots.map((slot) => [`task 1: there is no **${slot}:**`]),
      );
      assert.deepEqual(check(plan.replace(/\*\*Budget:\*\*.*/u, '**Budget:** n/a')), [
        'task 1: Budget is not filled in (not applicable? then say why)',
      ]);
    });

    it('wants a failing test, and an expected output for each run', () => {
      const [untested, unexpected] = checkAll([
        plan.replace('failing test', 'test'),
        plan.replace(/Expected: .* passed/u, 'It should pass'),
      ]);
      assert.deepEqual(untested, ['task 1: no step writes a failing test']);
      assert.match(unexpected?.[0] ?? '', /^task 1: 2 steps run something, 1 say what to expect/u);
    });

    it('counts tasks from 1 without a gap', () => {
      const [good, gap, none] = checkAll([
        withTasks('load', 'split'),
        withTasks('load', 'split').replace('### Task 2', '### Task 3'),
        plan.slice(0, plan.indexOf('### Task 1')),
      ]);
      assert.deepEqual(good, []);
      assert.match(gap?.[0] ?? '', /numbered 1, 3/u);
      assert.match(none?.[0] ?? '', /there is no task/u);
    });

    it('wants data, baseline and evaluation before a model', () => {
      assert.deepEqual(
        checkAll([
          withTasks('train the model'),
          withTasks('load', 'baseline model', 'train the model'),
          withTasks('baseline', 'evaluation harness', 'train the model', 'tune it'),
          withTasks('load the training data', 'train/validation split', 'serve the model'),
        ]),
        [
          [
            'task 1 works on a model, and no earlier task makes a baseline',
            'task 1 works on a model, and no earlier task makes an evaluation',
          ],
          ['task 3 works on a model, and no earlier task makes an evaluation'],
          [],
          [],
        ],
      );
    });

    it('finds words that leave something open, but not in code', () => {
      const open = ['TBD', 'TODO later', 'handle errors', 'same as task 3', 'add appropriate logging'];
      for (const [at, found] of checkAll(open.map((words) => `${plan}\n${words}\n`)).entries())
        assert.match(found[0] ?? '', /leaves something open$/u, open[at]);
      const closed = [
        '```python\n# TODO handle errors\n```',
        'handle errors by returning 503 with the fallback',
        'takes `Map<string, number>`, and p < 0.05, q > 3',
      ];
      for (const found of checkAll(closed.map((words) => `${plan}\n${words}\n`))) assert.deepEqual(found, []);
    });

    it('checks several plans, and tells one it cannot read', () => {
      repo.put({ 'good.md': plan, 'bad.md': '' });
      const { code, out } = repo.run('writing-plans/scripts/check_plan.py', ['good.md', 'bad.md']);
      assert.equal(code, 1);
      assert.doesNotMatch(out, /good\.md/u);
      assert.equal(repo.run('writing-plans/scripts/check_plan.py', ['none.md']).code, 2);
    });
  });
});

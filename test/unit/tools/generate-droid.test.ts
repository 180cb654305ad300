import assert from 'node:assert/strict';
import { judge, type Policy } from '../../../src/agent/approval';
import { findDroids, parseDroid } from '../../../src/library/droids';
import { createTools } from '../../../src/tools/index';
import { generateDroidTool, type DroidWorkshop } from '../../../src/tools/generate-droid';
import { FakeSession, FOLDER, textOf, type FakeOptions } from '../../support/fake-tool-context';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const NAMES = ['Read', 'Grep', 'Edit', 'Execute'];
const workshop: DroidWorkshop = {
  tools: NAMES.map((name) => ({ name, description: `${name} does it. And more.` })),
  droids: [{ name: 'scout', source: 'bundled', path: '/product/droids/scout.md' }],
  home: '/home/me',
};
const draft = {
  description: 'Reviews: "how" data\nis split',
  tools: ['Read', 'Grep'],
  model: 'inherit',
  prompt: '---\nYou review.\n```\n---\n',
};
const given = { description: 'Reviews how the data is split', location: 'project', name: 'Split Reviewer' };
const FILE = '.factory/droids/split-reviewer.md';

const answering = (answer: unknown, more: FakeOptions = {}): FakeSession =>
  new FakeSession({ ...more, complete: () => (typeof answer === 'string' ? answer : JSON.stringify(answer)) });

describe('GenerateDroid', () => {
  const tool = generateDroidTool(workshop);

  it('writes a file that the library loads as it was meant, whatever its words hold', async () => {
    const session = answering(`Here it is:\n\`\`\`json\n${JSON.stringify(draft)}\n\`\`\``);
    const output = await session.call(tool, given);
    assert.notEqual(output.isError, true, textOf(output));
    const droid = parseDroid(session.text(FILE), 'x', { source: 'project', path: FILE });
    assert.deepEqual(droid.problems, []);
    assert.equal(droid.name, 'split-reviewer');
    assert.equal(droid.description, 'Reviews: "how" data is split');
    assert.deepEqual(droid.tools, ['Read', 'Grep']);
    assert.equal(droid.model, 'inherit');
    assert.match(droid.prompt, /You review\./u);
    assert.match(
      textOf(output),
      /Wrote the droid split-reviewer in \.factory\/droids\/split-reviewer\.md: tools Read, Grep, model inherit\. Task can use it now/u,
    );
    assert.match(session.completions[0]?.system ?? '', /fewest tools[^]*- Read: Read does it/u);
  });

  it('makes a name from the description where none is given', async () => {
    const session = answering(draft);
    await session.call(tool, {
      description: 'A droid that checks Überanpassung in the training runs',
      location: 'project',
    });
    assert.deepEqual([...session.files.keys()], [`${FOLDER}/.factory/droids/checks-uberanpassung-training-runs.md`]);
    assert.match(textOf(await session.call(tool, { description: '???', location: 'project' })), /No name can be made/u);
  });

  it('cannot be led out of its folder by a name', async () => {
    const session = answering(draft);
    await session.call(tool, { ...given, name: '../../../etc/passwd' });
    assert.deepEqual([...session.files.keys()], [`${FOLDER}/.factory/droids/etc-passwd.md`]);
  });

  for (const [what, answer] of [
    ['no JSON', 'I would rather not.'],
    ['JSON without a prompt', { ...draft, prompt: ' ' }],
    ['a tool there is not', { ...draft, tools: ['Read', 'Teleport'] }],
    ['tools that are no list', { ...draft, tools: 'all' }],
    ['an empty answer', ''],
  ] as const)
    it(`writes nothing from ${what}, and says so`, async () => {
      const session = answering(answer);
      const output = await session.call(tool, given);
      assert.match(textOf(output), /draft of the droid is not usable: [^]+Nothing was written/u);
      assert.equal(output.isError, true);
      assert.equal(session.files.size, 0);
    });

  it('gives no droid what starts others, and leaves out what each has anyway', async () => {
    const all = createTools({ names: [], read: async () => undefined });
    const real = all.find(({ name }) => name === 'GenerateDroid');
    assert.ok(real);
    const refused = await answering({ ...draft, tools: ['Task'] }).call(real, given);
    assert.match(textOf(refused), /a droid cannot have Task/u);
    const session = answering({ ...draft, tools: ['Read', 'TodoWrite', 'Skill', 'Read'] });
    await session.call(real, given);
    assert.match(session.text(FILE), /^tools: \[Read\]$/mu);
  });

  it('takes no model that nobody named', async () => {
    const session = answering({ ...draft, model: 'claude-fable-9' });
    await session.call(tool, given);
    assert.match(session.text(FILE), /^model: inherit$/mu);
    const named = answering({ ...draft, model: 'claude-fable-9' });
    await named.call(tool, { ...given, description: 'Use claude-fable-9 for it' });
    assert.match(named.text(FILE), /^model: claude-fable-9$/mu);
  });

  it('is asked for by its real path, in every mode, and outside the workspace for a personal one', async () => {
    const context = answering(draft).context();
    const policy: Policy = {
      mode: 'auto',
      trusted: true,
      allow: [{ tool: 'GenerateDroid', pattern: '**' }],
      ask: [],
      deny: [],
    };
    const judged = async (location: string): Promise<string> => {
      const { decision, reason } = judge(
        'GenerateDroid',
        await tool.action(tool.input.parse({ ...given, location }), context),
        policy,
      );
      return `${decision}: ${reason}`;
    };
    assert.match(await judged('project'), /^ask: \.factory\/droids\/split-reviewer\.md steers/u);
    assert.match(await judged('personal'), /^ask: \/home\/me\/\.factory\/droids\/split-reviewer\.md lies outside/u);
  });

  it('asks a model once for a call, and writes what the person was shown', async () => {
    let asked = 0;
    const session = new FakeSession({ complete: () => JSON.stringify({ ...draft, prompt: `Draft ${(asked += 1)}.` }) });
    const context = session.context();
    const parsed = tool.input.parse(given);
    const preview = await tool.preview?.(parsed, context);
    await tool.run(parsed, context);
    assert.equal(asked, 1);
    assert.equal(session.text(FILE), preview?.body);
    assert.equal(preview?.title, 'Create the droid split-reviewer in .factory/droids/split-reviewer.md');
  });

  it('shows what it would change in one that is there, and says which other it stands before', async () => {
    const there = '---\nname: scout\n---\nYou look.';
    const session = answering(draft, { files: { '.factory/droids/scout.md': there } });
    const parsed = tool.input.parse({ ...given, name: 'scout' });
    const preview = await tool.preview?.(parsed, session.context());
    assert.match(preview?.title ?? '', /^Overwrite the droid scout [^]*there is a bundled droid of this name already/u);
    assert.equal(preview?.language, 'diff');
    assert.match(preview?.body ?? '', /^-You look\.$/mu);
    assert.match(session.completions[0]?.prompt ?? '', /exists already; change it[^]*You look\./u);
    assert.equal(session.text('.factory/droids/scout.md'), there);
  });

  it('writes nothing over what changed after it was shown', async () => {
    const session = answering(draft);
    const context = session.context();
    const parsed = tool.input.parse(given);
    await tool.preview?.(parsed, context);
    session.put(FILE, 'someone else');
    await assert.rejects(tool.run(parsed, context), /changed meanwhile\. Nothing was written/u);
    assert.equal(session.text(FILE), 'someone else');
  });

  it('writes what loads from a folder as well', async () => {
    const session = answering(draft);
    await session.call(tool, given);
    const folder = await mkdtemp(join(tmpdir(), 'droids-'));
    try {
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, 'split-reviewer.md'), session.bytes(FILE));
      const [droid] = await findDroids([{ source: 'project', folder }]);
      assert.deepEqual([droid?.name, droid?.tools, droid?.problems], ['split-reviewer', ['Read', 'Grep'], []]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseDroid } from '../../../src/library/droids';
import { loadLibrary, NO_CHOICES, type Library, type LibraryChoices } from '../../../src/library/library';
import { acceptanceOf } from '../../../src/library/shadowing';
import { skillListing } from '../../../src/library/skill-listing';
import { skillBody, skillCall } from '../../../src/library/skill-text';
import type { Skill } from '../../../src/library/skills';
import type { LibraryCache } from '../../../src/library/sources';
import { OWN_NAMES, ownTools } from '../../../src/library/tool-names';
import { fitOf, triggersOf } from '../../../src/library/triggers';
import { TOOL_NAMES } from '../../../src/tools/index';

const at = { source: 'project', path: '/x.md' } as const;
const droid = (head: string) => parseDroid(`---\n${head}\n---\nbody`, 'file-name', at);

describe('the tools that droids of other hosts name', () => {
  const rows: [string, string[], string[]][] = [
    [
      'Claude Code',
      ['Write', 'Bash', 'WebFetch', 'Agent', 'TodoWrite'],
      ['Create', 'Edit', 'Execute', 'FetchUrl', 'Task', 'TodoWrite'],
    ],
    ['Claude Code, reading', ['Read', 'Grep', 'Glob', 'NotebookEdit'], ['Read', 'Grep', 'Glob', 'NotebookEdit']],
    ['VS Code', ['search', 'fetch'], ['Grep', 'Glob', 'LS', 'FetchUrl']],
    ['VS Code, editing', ['edit', 'runCommands'], ['Create', 'Edit', 'MultiEdit', 'NotebookEdit', 'Execute']],
    ['VS Code, in sets', ['search/codebase', 'edit/editNotebook'], ['Grep', 'Glob', 'LS', 'NotebookEdit']],
    ['categories', ['read-only', 'web'], ['Read', 'LS', 'Grep', 'Glob', 'WebSearch', 'FetchUrl']],
  ];
  for (const [host, names, tools] of rows)
    it(`are ours by what they do: ${host}`, () =>
      assert.deepEqual(ownTools(names), { tools, others: [], problems: [] }));

  it('are a problem and give nothing where they are not known', () => {
    for (const name of ['Frobnicate', 'a/b/c/d', 'mcp servers', '#', 'constructor', '__proto__', 'toString'])
      assert.deepEqual(ownTools([name]), { tools: [], others: [], problems: [`there is no tool "${name}"`] });
  });

  it('are tools of others where they are written as those are', () => {
    for (const name of [
      'mcp',
      'mcp__files__Write',
      'mcp_files_write',
      'github/search',
      'github/*',
      'ms-python.python/env',
      '#env',
    ])
      assert.deepEqual(ownTools([name, 'Read']), { tools: ['Read'], others: [name], problems: [] });
    assert.deepEqual(ownTools(['#codebase'])?.others, []);
    const { tools, otherTools, withoutTools } = droid('tools: [Read, mcp]\ndisallowedTools: mcp__x__y');
    assert.deepEqual([tools, otherTools, withoutTools], [['Read'], ['mcp'], ['mcp__x__y']]);
  });

  it('lose what stands in brackets, and that is said', () => {
    const { tools, problems } = ownTools(['Bash(git:*)']) ?? {};
    assert.deepEqual(tools, ['Execute']);
    assert.match(problems?.join() ?? '', /only Bash counts/u);
  });

  it('are all for a star, as in Copilot', () => assert.equal(ownTools(['*']), undefined));

  it('hold the names of the tools there are', () =>
    assert.deepEqual(
      TOOL_NAMES.filter((name) => !(OWN_NAMES as readonly string[]).includes(name)),
      [],
    ));
});

describe('droids as other hosts write them', () => {
  it('keep a family of models, a model id and inherit', () => {
    for (const model of ['sonnet', 'opus', 'haiku', 'inherit', 'claude-opus-4-1-20250805', 'custom:llama3:8b'])
      assert.equal(droid(`model: ${model}`).model, model);
    assert.equal(droid('description: x').model, 'inherit');
  });

  it('work with the chosen model where they name one for people', () => {
    const { model, problems } = droid('model: Claude Sonnet 4 (copilot)');
    assert.equal(model, 'inherit');
    assert.match(problems.join(), /no id of a model/u);
  });

  it('say how hard their model is to try in the words of either format, and an unknown word is a problem', () => {
    for (const [head, effort] of [
      ['reasoningEffort: high', 'high'],
      ['effort: max', 'max'],
      ['reasoningEffort: off', 'low'],
      ['reasoningEffort: None', 'low'],
      ['description: x', undefined],
    ] as const) {
      const { effort: read, problems } = droid(head);
      assert.deepEqual([head, read, problems], [head, effort, []]);
    }
    for (const head of ['reasoningEffort: constructor', 'effort: 9'])
      assert.match(droid(head).problems.join(), /the effort "[^"]+" is none of off, none, /u);
    assert.equal(droid('effort: [high]').effort, undefined);
  });

  it('are called as a task can call them, whatever their name', () => {
    assert.equal(droid('name: Data  Scientist!').name, 'data-scientist');
    assert.equal(droid('description: x').name, 'file-name');
  });

  it('lose the tools they disallow, and have no hooks', () => {
    const { tools, withoutTools, problems } = droid('disallowedTools: Write, Bash\nhooks:\n  PreToolUse: []');
    assert.deepEqual([tools, withoutTools], [undefined, ['Create', 'Edit', 'Execute']]);
    assert.match(problems.join(), /hooks, which are never run/u);
  });

  it('say of themselves what their first paragraph says, when nothing else does', () => {
    assert.equal(parseDroid('# Head\n\nYou look at\ndata.\n\nMore.', 'a', at).description, 'You look at data.');
  });
});

describe('the text of a skill', () => {
  const body = (text: string, given: string): string =>
    skillBody({ text, folder: '/s', files: [] }, given).split('\n\nBase')[0] ?? '';
  it('takes the arguments whole and word by word, as they are', () => {
    assert.equal(body('$ARGUMENTS|$ARGUMENTS[0]|$ARGUMENTS[1]|$ARGUMENTS[9]', `"a b" $& c`), `"a b" $& c|a b|$&|`);
    assert.equal(body('Do it.', 'now'), 'Do it.\n\nArguments: now');
  });

  it('is called by the first word of a message and no other', () => {
    assert.deepEqual(skillCall('/eda  data.csv target\nmore'), { name: 'eda', given: 'data.csv target\nmore' });
    for (const text of ['see /eda', '/', '/usr/bin/python fails', 'a', '/eda,', '// x'])
      assert.equal(skillCall(text), undefined);
  });
});

describe('triggers', () => {
  const fit = (metadata: Record<string, string>, said: Partial<Parameters<typeof fitOf>[1]>) =>
    fitOf(triggersOf(metadata), { words: '', files: [], texts: [], ...said });

  it('fit whole words, in any case of letters, and phrases', () => {
    const metadata = { 'triggers-words': 'drift, A/B test' };
    assert.deepEqual(fit(metadata, { words: 'Is there Drift?' }), { kind: 'words', detail: 'drift' });
    assert.deepEqual(fit(metadata, { words: 'plan an a/b test.' }), { kind: 'words', detail: 'a/b test' });
    assert.equal(fit(metadata, { words: 'a drifting boat, spindrift' }), undefined);
  });

  it('fit files by globs', () => {
    assert.deepEqual(fit({ 'triggers-globs': '*.ipynb' }, { files: ['a/b.py', 'a/x.ipynb'] }), {
      kind: 'files',
      detail: 'a/x.ipynb',
    });
    assert.equal(fit({ 'triggers-globs': 'serving/**' }, { files: ['a/serving.py'] }), undefined);
  });

  it('fit imports of Python and of JavaScript, numbered lines too', () => {
    const torch = { 'triggers-imports': 'torch' };
    for (const text of [
      'import torch',
      '12\tfrom torch.nn import Linear',
      'import numpy as np, torch',
      "const t = require('torch')",
      'import x from "torch/x"',
    ])
      assert.deepEqual(fit(torch, { texts: [text] }), { kind: 'imports', detail: 'torch' }, text);
    for (const text of ['import torchvision', '# import of torch', 'from pytorch import x'])
      assert.equal(fit(torch, { texts: [text] }), undefined, text);
  });

  it('of a stranger cost little, whatever they hold', () => {
    const hostile = {
      'triggers-globs': '*a'.repeat(40),
      'triggers-words': 'x,'.repeat(9_000),
      'triggers-imports': '(a+)+$',
    };
    const began = Date.now();
    fit(hostile, { words: 'a'.repeat(1_000_000), files: ['a'.repeat(300) + 'b'], texts: ['a'.repeat(1_000_000)] });
    assert.ok(Date.now() - began < 1_000);
    assert.equal(triggersOf(hostile).words.length, 50);
    assert.deepEqual(triggersOf({ 'triggers-words': ['no', 'text'], 'triggers-on': 'nonsense' }), {
      words: [],
      globs: [],
      imports: [],
      on: [],
    });
  });
});

describe('the library of a repository, a home and the product', () => {
  let root: string;
  const put = async (path: string, text: string): Promise<void> => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  };
  const skill = (name: string, text = 'body', head = ''): string =>
    `---\nname: ${name}\ndescription: Use when ${name}.\n${head}---\n${text}\n`;
  const load = (
    options: { choices?: Partial<LibraryChoices>; trusted?: boolean; cache?: LibraryCache } = {},
  ): Promise<Library> =>
    loadLibrary({
      folders: [join(root, 'repo')],
      places: { product: join(root, 'product'), home: join(root, 'home') },
      trusted: options.trusted ?? true,
      choices: { ...NO_CHOICES, ...options.choices },
      cache: options.cache,
    });
  const names = (items: readonly { name: string }[]): string[] => items.map(({ name }) => name);
  const textOf = async (library: Library, name: string): Promise<string> => {
    const found = await library.skillSource.read(name);
    return found && 'text' in found ? found.text : JSON.stringify(found);
  };
  beforeEach(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'library-')));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  it('holds what lies in the folders of every host, in all three', async () => {
    const hosts = ['.factory', '.claude', '.agents', '.agent', '.github'];
    await put('product/skills/own/SKILL.md', skill('own'));
    for (const at of ['repo', 'home'])
      for (const host of hosts)
        await put(
          `${at}/${host}/skills/${at}${host.replace('.', '-')}/SKILL.md`,
          skill(`${at}${host.replace('.', '-')}`),
        );
    await put('repo/.github/agents/planner.agent.md', 'Plan.');
    await put('repo/.github/agents/README.md', 'No droid.');
    await put('home/.claude/agents/reviewer.md', 'Review.');
    await put('repo/.factory/droids/worker.md', 'Work.');
    const library = await load();
    assert.equal(library.skills.length, 11);
    assert.deepEqual(names(library.droids), ['planner', 'reviewer', 'worker']);
  });

  it('reads what strangers wrote: MDX, BOM, CRLF, colons, no name, no description, other booleans', async () => {
    await put(
      'repo/.claude/skills/mdx-one/skill.mdx',
      '\uFEFF---\r\ndescription: Use: always\r\nuser-invocable: "no"\r\n---\r\nBody',
    );
    await put('repo/.claude/skills/bare/SKILL.md', '# Title\n\nIt looks at\ndata.\n');
    await put(
      'repo/.claude/skills/people/SKILL.md',
      skill(
        'people',
        'x',
        'disable-model-invocation: yes\nargument-hint: [file] [metric]\nallowed-tools:\n  - Read\n  - Bash(git:*)\n',
      ),
    );
    const [bare, mdx, people] = (await load()).skills;
    assert.deepEqual([bare?.name, bare?.description, bare?.problems], ['bare', 'It looks at data.', []]);
    assert.deepEqual([mdx?.name, mdx?.description, mdx?.hiddenFromPeople], ['mdx-one', 'Use: always', true]);
    assert.deepEqual([people?.forPeopleOnly, people?.allowedTools], [true, 'Read, Bash(git:*)']);
    assert.ok(people?.argumentHint?.includes('[file]'));
  });

  it('takes commands for skills that only people call', async () => {
    await put('repo/.factory/commands/ship.md', 'Ship $ARGUMENTS.');
    const [ship] = (await load()).skills;
    assert.deepEqual([ship?.name, ship?.forPeopleOnly, ship?.description], ['ship', true, 'Ship $ARGUMENTS.']);
    assert.match(await textOf(await load(), 'ship'), /only the user loads it/u);
  });

  it('lets the personal beat the bundled, and the project only what was accepted, by its very text', async () => {
    await put('product/skills/a/SKILL.md', skill('a', 'bundled'));
    await put('home/.factory/skills/a/SKILL.md', skill('a', 'personal'));
    assert.equal(await textOf(await load(), 'a'), 'personal');
    await put('repo/.factory/skills/other-folder/SKILL.md', skill('A', 'project'));
    const before = await load();
    assert.equal(await textOf(before, 'a'), 'personal');
    const pending = before.shadows.find((shadow) => shadow.pending);
    assert.deepEqual([pending?.by.source, pending?.over.source], ['project', 'personal']);
    const choices = { isAccepted: (acceptance: string) => acceptance === pending?.acceptance };
    assert.equal(await textOf(await load({ choices }), 'a'), 'project');
    await put('repo/.factory/skills/other-folder/SKILL.md', skill('A', 'project, changed'));
    assert.equal(await textOf(await load({ choices }), 'a'), 'personal');
  });

  it('lets no accepted skill stand for a droid, nor a droid of the project for the bundled one', async () => {
    await put('product/droids/ml-engineer.md', 'bundled');
    await put('repo/.claude/agents/evil.md', '---\nname: ml-engineer\n---\nproject');
    const { droids, shadows } = await load();
    assert.deepEqual(
      droids.map(({ prompt }) => prompt),
      ['bundled'],
    );
    const { by } = shadows[0] ?? assert.fail();
    const isAccepted = (acceptance: string): boolean => acceptance === acceptanceOf('skill', by);
    assert.equal((await load({ choices: { isAccepted } })).droids[0]?.prompt, 'bundled');
  });

  it('reads nothing but its own where the workspace is not trusted', async () => {
    await put('product/skills/own/SKILL.md', skill('own'));
    await put('repo/.claude/skills/theirs/SKILL.md', skill('theirs'));
    await put('home/.claude/skills/mine/SKILL.md', skill('mine'));
    assert.deepEqual(names((await load({ trusted: false })).skills), ['own']);
  });

  it('tells of what would run something elsewhere, and runs nothing', async () => {
    const marker = join(root, 'ran');
    const body = `Now !\`touch ${marker}\`\n\n\`\`\`!\ntouch ${marker}\n\`\`\``;
    await put('repo/.claude/skills/x/SKILL.md', skill('x', body, 'context: fork\nhooks:\n  SessionStart: []\n'));
    const library = await load();
    assert.equal(library.skills[0]?.problems.length, 4);
    assert.ok((await textOf(library, 'x')).includes('touch'));
    await assert.rejects(realpath(marker), { code: 'ENOENT' });
  });

  it('does not follow links out of the workspace, and follows those inside it', async () => {
    await put('diary/SKILL.md', skill('diary', 'SECRET'));
    await put('repo/shared/inside/SKILL.md', skill('inside'));
    await mkdir(join(root, 'repo/.claude/skills'), { recursive: true });
    await symlink(join(root, 'diary'), join(root, 'repo/.claude/skills/diary'));
    await symlink('../../shared/inside', join(root, 'repo/.claude/skills/inside'));
    const library = await load();
    assert.match(
      library.skills.find(({ name }) => name === 'diary')?.problems.join() ?? '',
      /leads out of the workspace/u,
    );
    assert.doesNotMatch(JSON.stringify(library), /SECRET/u);
    assert.equal(await textOf(library, 'inside'), 'body');
  });

  it('does not read through a link that was put there after it was loaded', async () => {
    await put('diary/SKILL.md', skill('a', 'SECRET'));
    await put('repo/.claude/skills/a/SKILL.md', skill('a'));
    const library = await load();
    await rm(join(root, 'repo/.claude/skills/a'), { recursive: true });
    await symlink(join(root, 'diary'), join(root, 'repo/.claude/skills/a'));
    assert.equal(await library.skillSource.read('a'), undefined);
  });

  it('ends with a pipe, a file of 10 MB and 3,000 folders, and still holds the good one', async function () {
    if (process.platform === 'win32') this.skip();
    await put('repo/.claude/skills/aa-good/SKILL.md', skill('aa-good'));
    await put('repo/.claude/skills/big/SKILL.md', 'x'.repeat(10_000_000));
    await mkdir(join(root, 'repo/.claude/skills/pipe'));
    execFileSync('mkfifo', [join(root, 'repo/.claude/skills/pipe/SKILL.md')]);
    for (let index = 0; index < 3_000; index++) await mkdir(join(root, `repo/.claude/skills/x${index}`));
    await put('repo/.claude/skills/zz-last/SKILL.md', skill('zz-last'));
    const { skills } = await load();
    assert.deepEqual(names(skills), ['aa-good', 'big', 'pipe']);
    assert.match(skills[1]?.problems.join() ?? '', /10000000 bytes/u);
    assert.deepEqual(skills[2]?.problems, ['it is not a file']);
  });

  it('reads only what changed, and what changed it reads', async () => {
    const path = 'repo/.claude/skills/a/SKILL.md';
    await put(path, skill('a', 'one'));
    const cache: LibraryCache = new Map();
    await load({ cache });
    const file = cache.get(join(root, path))?.file;
    await load({ cache });
    assert.equal(cache.get(join(root, path))?.file, file);
    await put(path, skill('a', 'two'));
    await utimes(join(root, path), new Date(), new Date(Date.now() + 5_000));
    assert.equal(await textOf(await load({ cache }), 'a'), 'two');
  });

  it('lists, shows and loads no skill that was muted', async () => {
    await put('product/skills/a/SKILL.md', skill('a'));
    const { skillSource } = await load({ choices: { isMuted: (name) => name === 'a' } });
    assert.deepEqual(skillSource.names, []);
    assert.deepEqual(await skillSource.read('a'), { refused: 'the user muted it.' });
  });
});

describe('the listing of many skills', () => {
  const many = (count: number, source: Skill['source']) =>
    Array.from({ length: count }, (_, index) => ({
      name: `${source}-${String(index).padStart(3, '0')}`,
      description: 'word '.repeat(60),
      source,
    }));

  it('keeps ours and the strangers apart, each within its bytes', () => {
    const { text } = skillListing([...many(100, 'project'), ...many(18, 'bundled'), ...many(60, 'personal')]);
    const [ours = '', theirs = ''] = text.split('\n\n');
    assert.ok(Buffer.byteLength(ours) <= 6_000 && Buffer.byteLength(theirs) <= 8_000);
    assert.equal(ours.match(/bundled-/gu)?.length, 18);
    assert.equal(theirs.match(/(?:project|personal)-/gu)?.length, 160);
  });

  it('cuts the least used first, and says so', () => {
    const { text, shortened } = skillListing(many(40, 'project'), (name) => (name.endsWith('0') ? 5 : 0));
    assert.ok(shortened.length === 36 && !shortened.some((name) => name.endsWith('0')));
    assert.match(text, /Descriptions are shortened here/u);
    assert.doesNotMatch(skillListing(many(3, 'project')).text, /shortened/u);
  });
});

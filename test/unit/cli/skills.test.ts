import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { startAnthropicServer, type AnthropicServer, type ScriptedTurn } from '../../support/anthropic-server';
import { buildCli } from '../../support/built-cli';

const PROJECT = resolve(__dirname, '..', '..', '..');
const CLI = join(PROJECT, 'dist', 'cli-of-skills-under-test.js');
let next = 1;
/** Each server begins its ids anew, and a session that goes on must not see one twice. */
const withIds = (turn: ScriptedTurn): ScriptedTurn =>
  'content' in turn && turn.content
    ? {
        ...turn,
        content: turn.content.map((block) => (block.type === 'tool_use' ? { ...block, id: `toolu_${next++}` } : block)),
      }
    : turn;
const text = (words: string): ScriptedTurn => ({ content: [{ type: 'text', text: words }] });
const call = (name: string, input: Record<string, unknown>): ScriptedTurn => ({
  content: [{ type: 'tool_use', name, input }],
});
const skill = (name: string, body: string, head = ''): string =>
  `---\nname: ${name}\ndescription: Use when ${name} is due.\n${head}---\n${body}\n`;

describe('skills, as the model meets them on the command line', function () {
  this.timeout(60_000);
  let home: string;
  let folder: string;
  let server: AnthropicServer;
  let err = '';

  /** Plays the turns and gives the messages of each request, and its system prompt. */
  const run = async (turns: ScriptedTurn[], ...args: string[]): Promise<{ messages: string[]; system: string }> => {
    server = await startAnthropicServer({ turns: turns.map(withIds) });
    err = '';
    const child = spawn(process.execPath, [CLI, '--cwd', folder, '--output-format', 'json', ...args], {
      cwd: PROJECT,
      env: { PATH: process.env['PATH'], HOME: home, ANTHROPIC_API_KEY: 'test-key', ANTHROPIC_BASE_URL: server.url },
    });
    child.stderr.on('data', (data) => (err += String(data)));
    child.stdout.on('data', (data) => (err += String(data)));
    await new Promise((done) => child.on('close', done));
    await server.stop();
    const messages = server.requests.map(({ body }) => JSON.stringify(body.messages));
    assert.equal(messages.length, turns.length, err);
    return { messages, system: JSON.stringify(server.requests[0]?.body.system) };
  };
  const put = async (path: string, content: string): Promise<void> => {
    await mkdir(dirname(join(home, path)), { recursive: true });
    await writeFile(join(home, path), content);
  };
  const lastSession = async (): Promise<string> =>
    (await readdir(join(home, '.local/state/ml-engineer/sessions'))).sort().at(-1) ?? '';

  before(() => buildCli(CLI));
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'cli-skills-'));
    folder = join(home, 'churn');
    await cp(join(PROJECT, 'examples', 'churn'), folder, { recursive: true });
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  it('are listed by name and description, and their text comes once, when it is asked for', async () => {
    await put('churn/.claude/skills/drift/SKILL.md', skill('drift', 'BODY OF DRIFT'));
    const { messages, system } = await run(
      [call('Skill', { skill: 'drift' }), call('Skill', { skill: 'drift' }), text('Done.')],
      'look at the data',
    );
    assert.ok(system.includes('- drift: Use when drift is due.') && system.includes('- systematic-debugging: '));
    assert.ok(!system.includes('BODY OF DRIFT') && !messages[0]?.includes('BODY OF DRIFT'));
    assert.equal(messages[2]?.split('BODY OF DRIFT').length, 2);
    assert.match(messages[2] ?? '', /loaded already/u);
  });

  it('called by a person come with the message, so that the model need not load them', async () => {
    await put('.claude/skills/eda/SKILL.md', skill('eda', 'LOOK AT $ARGUMENTS', 'disable-model-invocation: true\n'));
    const { messages, system } = await run([call('Skill', { skill: 'eda' }), text('Done.')], '/eda churn.csv first');
    assert.ok(!system.includes('- eda:'));
    assert.match(messages[0] ?? '', /called by the user[^"]*LOOK AT churn\.csv first/u);
    assert.match(messages[1] ?? '', /only the user loads it, by writing \/eda/u);
    assert.match(err, /Skill eda loaded \(person\)/u);
  });

  it('are offered after the same command failed twice, in the next request, whose prefix is the one before', async () => {
    const fails = call('Execute', { command: 'python3 -m unittest' });
    const { messages } = await run(
      [fails, fails, text('Done.')],
      '--allow',
      'Execute(python3 -m unittest *)',
      'fix it',
    );
    assert.ok(!messages[1]?.includes('The skill systematic-debugging fits this'));
    assert.match(
      messages[2] ?? '',
      /<note>\\nThe skill systematic-debugging fits this: `python3 -m unittest` failed again/u,
    );
    assert.match(err, /Skill systematic-debugging offered \(repeated-failure: python3 -m unittest\)/u);
    for (const [index, before] of messages.slice(0, -1).entries()) {
      const bare = (one: string): string => one.replaceAll(/,"cache_control":\{[^}]*\}/gu, '').slice(0, -1);
      assert.ok(bare(messages[index + 1] ?? '').startsWith(bare(before)), `request ${index + 2}`);
    }
  });

  it('that changed since the session began are told with the next message, once, and loaded anew', async () => {
    await put('churn/.claude/skills/drift/SKILL.md', skill('drift', 'FIRST BODY'));
    await run([call('Skill', { skill: 'drift' }), text('Done.')], 'begin');
    const session = await lastSession();
    await put('churn/.claude/skills/drift/SKILL.md', skill('drift', 'SECOND BODY, LONGER'));
    await put('churn/.claude/skills/fresh/SKILL.md', skill('fresh', 'x'));
    const second = await run([call('Skill', { skill: 'drift' }), text('Done.')], '--resume', session, 'go on');
    assert.match(
      second.messages[0] ?? '',
      /- drift changed: load it again[^"]*- fresh is new: Use when fresh is due\./u,
    );
    assert.match(second.messages[1] ?? '', /SECOND BODY, LONGER/u);
    assert.ok(!second.system.includes('- fresh:'), 'the frozen prompt stays');
    const third = await run([text('Done.')], '--resume', session, 'and on');
    assert.equal(third.messages[0]?.split('Skills changed since').length, 2, 'told once');
  });

  it('that are muted are neither listed nor offered nor loaded, and pinned ones begin the session', async () => {
    const settings = { skills: { muted: ['drift', 'systematic-debugging'], pinned: ['house'] } };
    await put('.config/ml-engineer/settings.json', JSON.stringify(settings));
    await put('churn/.claude/skills/drift/SKILL.md', skill('drift', 'BODY', 'metadata:\n  triggers-words: drift\n'));
    await put('.factory/skills/house/SKILL.md', skill('house', 'HOUSE RULES'));
    const fails = call('Execute', { command: 'python3 -m unittest' });
    const { messages, system } = await run(
      [call('Skill', { skill: 'drift' }), fails, fails, text('Done.')],
      '--allow',
      'Execute(python3 -m unittest *)',
      'is there drift?',
    );
    assert.ok(!system.includes('- drift:') && !system.includes('- systematic-debugging:'));
    assert.match(messages[0] ?? '', /house was pinned by the user[^"]*HOUSE RULES/u);
    assert.match(messages[1] ?? '', /The skill drift is not loaded: the user muted it/u);
    assert.doesNotMatch(messages[3] ?? '', /fits this/u);
  });

  it('of a repository replace ours only where the command line trusts it', async () => {
    await put('churn/.factory/skills/systematic-debugging/SKILL.md', skill('systematic-debugging', 'THEIR BODY'));
    const loads = [call('Skill', { skill: 'systematic-debugging' }), text('Done.')];
    const wary = await run(loads, 'fix it');
    assert.ok(!wary.messages[1]?.includes('THEIR BODY') && wary.messages[1]?.includes('# Systematic debugging'));
    assert.match(err, /would replace the bundled "systematic-debugging"\. It is not used/u);
    const trusting = await run(loads, '--trust-project', 'fix it');
    assert.ok(trusting.messages[1]?.includes('THEIR BODY'));
    assert.doesNotMatch(err, /would replace/u);
  });

  it('may be read with all that lies beside them, also in the home', async () => {
    await put('.claude/skills/eda/SKILL.md', skill('eda', 'Read references/more.md.'));
    await put('.claude/skills/eda/references/more.md', 'MORE ABOUT IT');
    const path = join(home, '.claude/skills/eda/references/more.md');
    const { messages } = await run([call('Read', { file_path: path }), text('Done.')], 'go');
    assert.match(messages[1] ?? '', /MORE ABOUT IT/u);
  });

  it('say once of a droid that names tools of others that there are none, and work without them', async () => {
    await put('it.md', "---\nname: it\ntools: [Read, mcp, 'mcp__github__search', '#env']\n---\nYou look.\n");
    await run([call('mcp__github__search', {}), text('Then without.')], '--droid', join(home, 'it.md'), 'look');
    const told = err.split('\n').filter((line) => line.startsWith('! '));
    assert.equal(told.length, 1, err);
    assert.match(
      told[0] ?? '',
      /^! The droid it names tools of other extensions or servers that the command line does not have: mcp__github__search, #env\./u,
    );
  });
});

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { MessageCreateParams } from '@anthropic-ai/sdk/resources/messages';
import { evaluateSkills } from '../../../scripts/skill-evaluation';
import { CHOICES, loadScenarios, scenarioSchema, type Choice, type Scenario } from '../../../scripts/skill-scenarios';
import { choiceIn, requestFor, type Result } from '../../../scripts/skill-trials';
import { startAnthropicServer, type AnthropicServer, type ScriptedTurn } from '../../support/anthropic-server';

const PROJECT = resolve(__dirname, '../../..');
const SKILL = 'verification-before-completion';
const ONLY = ['--skill', SKILL];

/** What of a record is looked at. */
interface Record {
  model: string;
  spentUsd: number | null;
  stopped: string | null;
  results: Array<Result & { verdict: string }>;
}

describe('trying skills under pressure', () => {
  let scenario: Scenario;
  let server: AnthropicServer | undefined;
  let folder: string;
  let out: string;
  let said: string[];
  before(async () => {
    const found = (await loadScenarios(join(PROJECT, 'test', 'fixtures', 'scenarios'))).find(
      ({ skill }) => skill === SKILL,
    );
    assert.ok(found);
    scenario = found;
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skills-eval-'));
    out = join(folder, 'deep', 'results.json');
    said = [];
  });
  afterEach(async () => {
    await server?.stop();
    server = undefined;
    await rm(folder, { recursive: true, force: true });
  });

  const hasSkill = ({ system }: MessageCreateParams): boolean =>
    JSON.stringify(system).includes('evidence, then the claim');
  const says = (text: string): ScriptedTurn => ({ content: [{ type: 'text', text }] });
  const run = async (
    turns: Parameters<typeof startAnthropicServer>[0]['turns'],
    args: string[] = ONLY,
    { key = 'test-key', signal = new AbortController().signal } = {},
  ): Promise<number> => {
    await server?.stop();
    server = await startAnthropicServer({ turns });
    const env = { ANTHROPIC_API_KEY: key, ANTHROPIC_BASE_URL: server.url };
    const say = (line: string): unknown => said.push(line);
    return evaluateSkills([...args, '--out', out], { project: PROJECT, env, say, signal, pauseMs: 1 });
  };
  const record = async (): Promise<Record> => JSON.parse(await readFile(out, 'utf8')) as Record;
  const letterFor = (own: Choice, run: number): Choice =>
    CHOICES.find((each) => choiceIn(`CHOICE: ${each}`, run) === own) ?? 'A';

  it('puts the scenario without and with the text of the skill, and tells which way it went', async () => {
    const code = await run((request) =>
      says(hasSkill(request) ? 'Not run.\nCHOICE: B' : 'It is fine.\n\n**CHOICE: A**'),
    );
    assert.equal(code, 0);
    assert.deepEqual(server?.refusals, []);
    assert.deepEqual(
      server?.requests.map(({ body }) => hasSkill(body)),
      [false, true],
    );
    for (const { body } of server?.requests ?? []) {
      const sent = JSON.stringify(body.messages);
      for (const text of Object.values(scenario.choices)) assert.ok(sent.includes(JSON.stringify(text).slice(1, -1)));
      assert.equal(body.tools, undefined);
    }
    const { results, spentUsd, stopped } = await record();
    assert.deepEqual(
      results.map(({ skill, right, verdict }) => [skill, right, verdict]),
      [[SKILL, 'B', 'better']],
    );
    assert.deepEqual(
      results[0]?.trials.map(({ choice }) => choice),
      ['A', 'B'],
    );
    assert.equal(results[0]?.trials[0]?.answer, 'It is fine.\n\n**CHOICE: A**');
    assert.ok(spentUsd !== null && spentUsd > 0);
    assert.equal(stopped, null);
    assert.match(said.join('\n'), new RegExp(`${SKILL} +0/1 +1/1 +A > B \\(B\\) +better`, 'u'));
    assert.match(
      said[0] ?? '',
      /^2 requests to claude-opus-5-5 at 127\.0\.0\.1:\d+: about \d+ tokens, about \$0\.\d\d\.$/u,
    );
  });

  it('turns the letters on with each run, and counts in the letters of the scenario', async () => {
    const shown = CHOICES.map((_, at) => requestFor(scenario, undefined, at).messages[0]?.content);
    assert.equal(new Set(shown.map((content) => JSON.stringify(content))).size, 3);
    // Two requests a run: always right with the skill, always the letter A without.
    await run(
      (request, index) => says(`CHOICE: ${hasSkill(request) ? letterFor('B', Math.floor(index / 2)) : 'A'}`),
      [...ONLY, '--runs', '3'],
    );
    const { results } = await record();
    const chosen = (withSkill: boolean): string =>
      results[0]?.trials.flatMap((trial) => (trial.withSkill === withSkill ? [trial.choice] : [])).join('') ?? '';
    assert.equal(chosen(true), 'BBB');
    assert.equal([...chosen(false)].sort().join(''), 'ABC');
    assert.equal(results[0]?.verdict, 'better');
  });

  it('takes nothing but one clear letter in the last line for a choice', () => {
    for (const answer of ['CHOICE: B', 'So:\n**CHOICE: B**', 'choice: b.', 'x\nCHOICE: (B)\n\n', '**CHOICE:** B'])
      assert.equal(choiceIn(answer, 0), 'B', answer);
    for (const answer of [
      '',
      'B',
      'CHOICE: B\nor maybe not',
      'CHOICE: A or B',
      'CHOICE: D',
      'CHOICE: Both',
      'my CHOICE: B',
    ])
      assert.equal(choiceIn(answer, 0), null, answer);
  });

  for (const [what, without, withIt, verdict] of [
    ['a model that is right anyway', 'B', 'B', 'right anyway'],
    ['a skill that changes nothing', 'A', 'C', 'no effect'],
    ['a skill that does harm', 'B', 'A', 'worse'],
    ['an answer without a choice', 'A', 'I ask Dana', 'no effect'],
  ] as const)
    it(`says so of ${what}`, async () => {
      await run((request) => says(`CHOICE: ${hasSkill(request) ? withIt : without}`));
      assert.equal((await record()).results[0]?.verdict, verdict);
    });

  it('stops once the budget is spent, and says of the rest that it was not run', async () => {
    const code = await run(() => says('CHOICE: B'), [...ONLY, '--budget', '0.0001']);
    assert.equal(code, 1);
    assert.equal(server?.requests.length, 1);
    const { results, stopped } = await record();
    assert.equal(results[0]?.verdict, 'not run');
    assert.match(stopped ?? '', /budget/u);
    assert.match(said.join('\n'), /1\/1 +- +B > - \(B\) +not run/u);
  });

  it('tries again what may pass, and stops at what does not', async () => {
    const busy: ScriptedTurn = { error: { status: 529, type: 'overloaded_error', message: 'Overloaded' } };
    const code = await run((_, index) => (index % 2 === 0 ? busy : says('CHOICE: B')));
    assert.equal(code, 0, said.join('\n'));
    assert.equal(server?.requests.length, 4);
    assert.equal(await run(() => says('CHOICE: B'), ONLY, { key: 'wrong' }), 1);
    assert.equal(server?.requests.length, 0);
    const { results, stopped } = await record();
    assert.deepEqual(results[0]?.trials, []);
    assert.equal(results[0]?.verdict, 'not run');
    assert.ok(stopped);
  });

  it('keeps what was run when it is interrupted', async () => {
    const stop = new AbortController();
    const code = await run(
      (_, index) => {
        if (index === 1) stop.abort();
        return says('CHOICE: B');
      },
      ONLY,
      { signal: stop.signal },
    );
    assert.equal(code, 1);
    const { results, stopped } = await record();
    assert.equal(results[0]?.trials.length, 1);
    assert.equal(stopped, 'interrupted');
  });

  it('runs nothing and writes nothing without a key', async () => {
    assert.equal(await run(() => says('CHOICE: B'), ONLY, { key: '' }), 0);
    assert.match(said.join('\n'), /^not run: 2 requests are planned, and there is no key/u);
    assert.equal(server?.requests.length, 0);
    assert.ok(!existsSync(out));
  });

  it('refuses options that make no sense, and names the scenarios there are', async () => {
    for (const args of [['--runs', '0'], ['--runs', 'x'], ['--budget', '-1'], ['--what'], ['--skill', 'nothing']])
      assert.equal(await run(() => says(''), args), 2, args.join(' '));
    assert.match(said.join('\n'), /There is no scenario of nothing\. There are: .*verification-before-completion/u);
  });

  it('runs from the command line, as npm does it', async function () {
    this.timeout(60_000);
    server = await startAnthropicServer({ turns: () => says('CHOICE: B') });
    const env = { ...process.env, ANTHROPIC_API_KEY: 'test-key', ANTHROPIC_BASE_URL: server.url, ANTHROPIC_MODEL: '' };
    const script = join(PROJECT, 'scripts', 'skills-eval.ts');
    const args = ['--require', 'tsx/cjs', script, ...ONLY, '--model', 'claude-haiku-5-5', '--out', out];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: PROJECT, env });
    assert.match(stdout, /right anyway/u);
    assert.equal((await record()).model, 'claude-haiku-5-5');
  });
});

describe('a pressure scenario', () => {
  let good: Scenario;
  before(async () => {
    [good] = (await loadScenarios(join(PROJECT, 'test', 'fixtures', 'scenarios'))) as [Scenario];
  });
  const faultOf = (change: object): string => scenarioSchema.safeParse({ ...good, ...change }).error?.message ?? '';

  it('must tempt in three ways, and give an excuse for each wrong choice and none for the right one', () => {
    assert.equal(faultOf({}), '');
    assert.match(faultOf({ pressures: ['time', 'social'] }), /pressures/u);
    assert.match(faultOf({ pressures: ['time', 'time', 'social'] }), /named twice/u);
    assert.match(
      faultOf({ wrong: good.wrong.map((one) => ({ ...one, choice: good.wrong[0]?.choice })) }),
      /no excuse for/u,
    );
    assert.match(faultOf({ right: good.wrong[0]?.choice }), /is listed as wrong/u);
    assert.match(faultOf({ note: 'x' }), /note/u);
  });

  it('must be concrete, ask what is done, and not give away what it tests', () => {
    const told = 'You have spent hours on it. '.repeat(15);
    const place = 'See src/a.py at 17:00.';
    assert.equal(faultOf({ prompt: `${told}${place} What do you do?` }), '');
    assert.match(faultOf({ prompt: `${told}See src/a.py. What do you do?` }), /no time/u);
    assert.match(faultOf({ prompt: `${told}It is 17:00. What do you do?` }), /no file/u);
    assert.match(faultOf({ prompt: `${told}${place}` }), /does not ask/u);
    assert.match(faultOf({ prompt: `${told}${place} Use your skills. What do you do?` }), /gives away/u);
    assert.match(faultOf({ prompt: `${told}${place} ${good.skill}? What do you do?` }), /gives away/u);
  });
});

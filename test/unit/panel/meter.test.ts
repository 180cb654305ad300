import assert from 'node:assert/strict';
import fc from 'fast-check';
import { spendingOf } from '../../../src/agent/budget';
import type { DurableEvent, JournalEntry, SkillMark } from '../../../src/agent/events';
import { usageOf } from '../../../src/agent/folds';
import { meterOf } from '../../../src/panel/folds/meter';
import type { PanelMeter } from '../../../src/panel/sections/meter';

const usage = (
  input: number,
  output = 10,
): { input: number; output: number; cacheRead: number; cacheWrite: number } => ({
  ...{ input, output },
  ...{ cacheRead: 300, cacheWrite: 20 },
});
const begin: DurableEvent = {
  type: 'session-start',
  version: 1,
  ...{ folders: ['/work'], droid: 'ml-engineer', model: 'claude-x', tools: [], system: 'You work.'.repeat(50) },
};
const prompt = (text: string, skills: SkillMark[] = []): DurableEvent => ({
  ...{ type: 'prompt', text, attachments: [], notes: [], skills },
});
const turn = (costUsd: number | null, model = 'claude-x', input = 700): DurableEvent => ({
  ...{ type: 'turn-end', stopReason: 'end_turn', usage: usage(input), asked: model, model, costUsd },
});
const paid = (costUsd: number | null, subagent?: string): DurableEvent => ({
  ...{ type: 'tool-usage', call: 'c', usage: usage(5), model: 'claude-y', costUsd },
  ...(subagent === undefined ? {} : { subagent }),
});
const agent: DurableEvent = {
  ...{ type: 'subagent-start', call: 'c', session: 's-1', droid: 'scout', description: 'look', model: 'claude-y' },
  background: false,
};
const result = (content: string, name?: string): DurableEvent => ({
  ...{ type: 'tool-end', call: 'c', content, isError: false, durationMs: 1 },
  ...(name === undefined ? {} : { view: { kind: 'skill', name } }),
});
const loaded = (name: string, why: SkillMark['why'] = 'person'): SkillMark => ({
  ...{ name, state: 'loaded', why, detail: '', text: 'Do it so.'.repeat(40) },
});

function meter(events: readonly DurableEvent[], todayUsd?: number): PanelMeter {
  const branch = events.map((event, index): JournalEntry => ({ id: `e${index}`, parent: null, at: '', event }));
  return meterOf({ branch, windowOf: () => 200_000, budgets: [], todayUsd });
}

const named = (costs: PanelMeter['costs']['session']['models']): Record<string, number> =>
  Object.fromEntries(costs.map(({ name, usd }) => [name, usd]));

describe('meter of the panel', () => {
  it('shows nothing of a context before there is a session', () => {
    assert.equal(meter([]).context, null);
    assert.equal(meter([]).today, null);
    assert.equal(meter([], 0).today, 0);
  });

  it('puts costs down to the model, the droid, and the skill that was loaded last in the message', () => {
    const { costs, session } = meter([
      begin,
      prompt('x', [loaded('bootstrap', 'start')]),
      turn(1),
      result('Skill text', 'debugging'),
      turn(2),
      agent,
      paid(4, 's-1'),
      prompt('y', [loaded('testing')]),
      turn(8),
      prompt('z'),
      turn(16),
    ]);
    const { models, droids, skills } = costs.session;
    assert.deepEqual(named(models), { 'claude-x': 27, 'claude-y': 4 });
    assert.deepEqual(named(droids), { 'ml-engineer': 27, scout: 4 });
    assert.deepEqual(named(skills), { '': 17, testing: 8, debugging: 6 });
    assert.deepEqual(session, { name: '', usd: 31, unknown: 0 });
  });

  it('adds up: by model, by droid and by skill it is what the journal says was spent', () => {
    const anyEvent = fc.oneof(
      fc.option(fc.nat({ max: 9 }), { nil: null }).map((usd) => turn(usd)),
      fc.option(fc.nat({ max: 9 }), { nil: null }).map((usd) => paid(usd, 's-1')),
      fc.nat({ max: 9 }).map((usd) => paid(usd)),
      fc.constantFrom(agent, prompt('x'), prompt('y', [loaded('testing')]), result('text', 'debugging')),
    );
    fc.assert(
      fc.property(fc.array(anyEvent), (events) => {
        const branch = [begin, ...events].map((event): JournalEntry => ({ id: 'e', parent: null, at: '', event }));
        const one = meter([begin, ...events]);
        const { models, droids, skills } = one.costs.session;
        for (const costs of [models, droids, skills, [one.session]]) {
          assert.equal(
            costs.reduce((sum, { usd }) => sum + usd, 0),
            spendingOf(branch).usd,
          );
          assert.equal(
            costs.reduce((sum, { unknown }) => sum + unknown, 0),
            one.session.unknown,
          );
        }
        assert.equal(one.tokens.input, usageOf(branch).input);
      }),
    );
  });

  it('scales the parts of the context to what the server counted, and names each', () => {
    const { context } = meter([
      begin,
      prompt('Look at it', [loaded('testing')]),
      result('a file\n'.repeat(500)),
      turn(1, 'claude-x', 5_000),
    ]);
    assert.equal(context?.tokens, 5_000 + 300 + 20 + 10);
    assert.equal(
      context?.parts.reduce((sum, { tokens }) => sum + tokens, 0),
      context?.tokens,
    );
    const parts = Object.fromEntries(context?.parts.map(({ part, tokens }) => [part, tokens]) ?? []);
    assert.ok((parts['files'] ?? 0) > (parts['skills'] ?? 0) && (parts['skills'] ?? 0) > 0, JSON.stringify(parts));
    assert.ok((parts['system'] ?? 0) > 0 && (parts['conversation'] ?? 0) > 0, JSON.stringify(parts));
  });

  it('counts results that are sent in short as short, and what was summed up as its summary', () => {
    const events = [begin, prompt('x'), result('a file\n'.repeat(5_000)), turn(1, 'claude-x', 20_000)];
    const before = meter(events).context?.tokens ?? 0;
    const thinned = meter([...events, { type: 'thinned', calls: ['c'] }]).context?.tokens ?? 0;
    assert.ok(thinned < before / 4, `${thinned} of ${before}`);
    const summed = meter([
      ...events,
      ...[
        {
          type: 'compacted',
          upTo: 'e3',
          text: 'All.',
          by: 'rules',
          usage: usage(0, 0),
          model: 'm',
          costUsd: 0,
        } as const,
      ],
    ]).context;
    assert.ok((summed?.tokens ?? Infinity) < 500, JSON.stringify(summed));
  });
});

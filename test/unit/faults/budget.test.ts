import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { DEFAULT_LIMITS } from '../../../src/agent/budget';
import { messagesOf } from '../../../src/agent/folds';
import { Session } from '../../../src/agent/session';
import { defineTool } from '../../../src/agent/tool';
import { dayLedger } from '../../../src/host/day-ledger';
import { createNodeHost } from '../../../src/host/node';
import { createAnthropicModel } from '../../../src/models/anthropic';
import { BUDGET_FAULTS, type BudgetFault } from '../../faults/budget';
import { startAnthropicServer, type ScriptedTurn } from '../../support/anthropic-server';
import { actTool, tell } from '../../support/fault-run';
import { historyFaults } from '../../support/turns';

type NoHost = Record<string, never>;

/** A number of seconds that no other process of the machine sleeps for. */
const MARK = `87${process.pid}`;
const host = createNodeHost({ folders: [process.cwd()] });
const hang = defineTool<NoHost, z.ZodObject>({
  name: 'Hang',
  description: 'runs a command without end',
  input: z.object({}),
  reads: false,
  title: () => 'Hanging',
  action: () => ({ effect: 'none' }),
  async run(_, { signal }) {
    await host.run(
      { command: `sleep ${MARK}`, title: 'sleep', cwd: process.cwd(), timeoutMs: 60_000, onOutput: () => undefined },
      signal,
    );
    return { content: 'ended' };
  },
});

function turnOf({ model }: BudgetFault, index: number): ScriptedTurn {
  if (model === 'hangs-in-command') return { content: [{ type: 'tool_use', name: 'Hang', input: {} }] };
  if (model === 'hangs-in-answer') return { hang: true, content: [{ type: 'text', text: 'x' }] };
  const what = model === 'repeats' ? 'the same' : `number ${index}`;
  return { content: [{ type: 'tool_use', name: 'Act', input: { what } }] };
}

describe('a budget that is used up', function () {
  this.timeout(60_000);
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'budget-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  for (const row of BUDGET_FAULTS) {
    it(`${row.id}: stops before the next request, and the same session goes on`, async () => {
      let isOver = false;
      const server = await startAnthropicServer({
        turns: (_, index) => (isOver ? { content: [{ type: 'text', text: 'Gone on.' }] } : turnOf(row, index)),
      });
      const credential = { kind: 'apiKey', value: 'test-key', source: 'test', baseUrl: server.url } as const;
      const model = createAnthropicModel({ model: 'claude-opus-5-5', credential });
      const spending = join(folder, 'spending');
      if (row.isUncounted) await writeFile(spending, '');
      const ledger = dayLedger(spending);
      if (row.dayBefore) await ledger.add(row.dayBefore);
      try {
        const session = await Session.open(row.id);
        const tools = [actTool([]), hang];
        // What cannot be read is found out before the first request; what cannot be written, after it.
        const today = async () => ({ usd: 0, tokens: 0, day: '2026-11-25' });
        const broken = row.isUncounted ? { ...ledger, today } : ledger;
        const limits = { ...DEFAULT_LIMITS, turns: 100, ...row.limits };
        const { end, events, told } = await tell(session, model, 'act', { tools, limits, ledger: broken });
        assert.equal(end.reason === 'limit' ? end.limit : end.reason, row.end, told);
        if (end.reason === 'failed') assert.match(end.message, /What this day costs cannot be counted/u);
        if (row.requests !== undefined) assert.equal(server.requests.length, row.requests);
        assert.equal(events.filter(({ type }) => type === 'budget-near').length, row.warned ? 1 : 0);
        assert.doesNotMatch(
          execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }),
          new RegExp(`^sleep ${MARK}$`, 'mu'),
        );
        assert.deepEqual(historyFaults(messagesOf(session.branch)), []);
        isOver = true;
        const again = await tell(session, model, 'go on', {
          tools,
          limits: row.isUncounted ? DEFAULT_LIMITS : limits,
          ledger,
          goOn: true,
        });
        assert.equal(again.end.reason, 'done', again.told);
        assert.equal(again.shown, 'Gone on.');
        assert.deepEqual(server.refusals, []);
      } finally {
        await server.stop();
      }
    });
  }
});

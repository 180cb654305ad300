import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as z from 'zod';
import { Session } from '../../../src/agent/session';
import { defineTool, type Tool } from '../../../src/agent/tool';
import { createNodeHost } from '../../../src/host/node';
import { createAnthropicModel } from '../../../src/models/anthropic';
import type { Model } from '../../../src/agent/model';
import type { PersonAnswer, Perform } from '../../../src/agent/calls';
import { STOPS, type StopFault } from '../../faults/stop';
import { startAnthropicServer } from '../../support/anthropic-server';
import { actTool, tell, textKept } from '../../support/fault-run';
import { startFaultServer } from '../../support/fault-server';

type NoHost = Record<string, never>;

/** A number of seconds that no other process of the machine sleeps for. */
const MARK = `86${process.pid}`;
const host = createNodeHost({ folders: [process.cwd()] });
const hang = defineTool<NoHost, z.ZodObject>({
  name: 'Hang',
  description: 'runs a command without end',
  input: z.object({}),
  reads: false,
  title: () => 'Hanging',
  action: () => ({ effect: 'none' }),
  async run(_, context) {
    const command = `echo begun; sleep ${MARK}`;
    const onOutput = (text: string): void => context.progress(text);
    await host.run({ command, title: command, cwd: process.cwd(), timeoutMs: 60_000, onOutput }, context.signal);
    return { content: 'ended' };
  },
});
const ask = defineTool<NoHost, z.ZodObject>({
  name: 'Ask',
  description: 'is asked for',
  input: z.object({}),
  reads: false,
  title: () => 'Asking',
  action: () => ({ effect: 'edit', paths: [{ path: '/elsewhere/x', shown: '/elsewhere/x', inside: false }] }),
  run: async () => ({ content: 'done' }),
});

/** Draws a call for ever: begins its work at once where that runs a command, else only when it is late. */
function deafly(late: (() => void)[], turn: StopFault['turn']): Perform {
  const [block] = turn?.content ?? [];
  const isHanging = block?.type === 'tool_use' && block.name === 'Hang';
  return (_, work) => {
    if (isHanging) work().catch(() => undefined);
    else late.push(() => void work().catch(() => undefined));
    return new Promise(() => undefined);
  };
}

function sleepers(): string {
  const all = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
  return all
    .split('\n')
    .filter((line) => line.includes(`sleep ${MARK}`))
    .join('\n');
}

describe('a stop', function () {
  this.timeout(60_000);

  for (const row of STOPS) {
    it(`${row.id}: ${row.fails}, ends the run within 500 ms and leaves a valid history and no process`, async () => {
      const stop = new AbortController();
      let stoppedAt = 0;
      const halt = (): void => {
        stoppedAt ||= Date.now();
        stop.abort();
      };
      let isOver = false;
      const server = await startAnthropicServer({
        turns: () => (isOver ? { content: [{ type: 'text', text: 'Gone on.' }] } : (row.turn ?? { content: [] })),
      });
      const front = await startFaultServer(server.url, (index) => {
        if (!row.at) setTimeout(halt, 50);
        return index === 0 ? row.fault : undefined;
      });
      const model = (baseUrl: string): Model =>
        createAnthropicModel({
          model: 'claude-opus-5-5',
          credential: { kind: 'apiKey', value: 'test-key', source: 'test', baseUrl },
        });
      try {
        const session = await Session.open(row.id);
        const ran: unknown[] = [];
        const late: (() => void)[] = [];
        const tools: Tool<NoHost>[] = [actTool(ran), hang, ask];
        const asked = {
          tools,
          retrying: {},
          signal: stop.signal,
          ask: (_: unknown, signal: AbortSignal) =>
            new Promise<PersonAnswer>((resolve, reject) => {
              if (row.isDeaf) late.push(() => resolve({ decision: 'allow', by: 'user', reason: 'too late' }));
              else signal.addEventListener('abort', () => reject(signal.reason as Error));
            }),
          ...(row.isDeaf ? { perform: deafly(late, row.turn) } : {}),
        };
        const told = await tell(session, model(front.url), 'do it', asked, (event) => {
          if (row.at?.({ ...event })) halt();
        });
        const took = Date.now() - stoppedAt;
        assert.equal(told.end.reason, 'stopped', told.told);
        assert.ok(took < 500, `${took} ms`);
        assert.equal(textKept(session), row.kept);
        // What the client does at last changes nothing any more.
        const entries = [...session.entries];
        for (const act of late) act();
        await new Promise((resolve) => setImmediate(resolve));
        assert.deepEqual(session.entries, entries);
        assert.deepEqual(ran, []);
        isOver = true;
        const next = await tell(session, model(server.url), 'go on', { tools });
        assert.deepEqual(server.refusals, []);
        assert.equal(next.shown, 'Gone on.');
        for (let tries = 0; sleepers() !== '' && tries < 40; tries++)
          await new Promise((resolve) => setTimeout(resolve, 50));
        assert.equal(sleepers(), '');
      } finally {
        await front.stop();
        await server.stop();
      }
    });
  }
});

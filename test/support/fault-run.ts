import * as z from 'zod';
import type { AgentEvent } from '../../src/agent/events';
import { messagesOf } from '../../src/agent/folds';
import { runAgent, type RunOptions } from '../../src/agent/loop';
import type { Model } from '../../src/agent/model';
import type { Session } from '../../src/agent/session';
import { defineTool, toolSchema, type Tool } from '../../src/agent/tool';

type NoHost = Record<string, never>;

/** A tool that tells what it was run with. */
export function actTool(ran: unknown[]): Tool<NoHost> {
  return defineTool<NoHost, z.ZodObject<{ what: z.ZodString }>>({
    name: 'Act',
    description: 'acts',
    input: z.object({ what: z.string() }),
    reads: false,
    title: ({ what }) => `Acting on ${what}`,
    action: () => ({ effect: 'none' }),
    async run(input) {
      ran.push(input);
      return { content: 'acted' };
    },
  });
}

export interface Told {
  events: AgentEvent[];
  /** What was shown of the model's text. */
  shown: string;
  /** Everything else the user was told. */
  told: string;
  retries: number;
  end: Extract<AgentEvent, { type: 'run-end' }>;
}

/** Runs one message and gathers what a person sees of it. Waits between tries take no time. */
export async function tell<Host = NoHost>(
  session: Session,
  model: Model,
  text: string,
  { tools, ...more }: Partial<RunOptions<Host>> & { tools: Tool<Host>[] },
  onEvent: (event: AgentEvent) => void = () => undefined,
): Promise<Told> {
  const events: AgentEvent[] = [];
  const stream = runAgent<Host>({
    session,
    model,
    tools,
    host: {} as Host,
    head: { folders: ['/w'], droid: 'd', system: 'You are a test.', tools: tools.map(toolSchema) },
    prompt: { text, attachments: [], notes: [] },
    policy: () => ({ mode: 'acceptEdits', trusted: true, allow: [], ask: [], deny: [] }),
    ask: async () => ({ decision: 'deny', by: 'headless', reason: 'nobody is there' }),
    limits: { turns: 20, costUsd: 100 },
    signal: new AbortController().signal,
    retrying: { sleep: async () => undefined, random: () => 0 },
    ...more,
  });
  for await (const event of stream) {
    events.push(event);
    onEvent(event);
  }
  const end = events.at(-1);
  if (end?.type !== 'run-end') throw new Error('the run did not end');
  const lines = events.flatMap((event) => {
    if (event.type === 'retry') return [`${event.why} Trying again in ${Math.ceil(event.delayMs / 1_000)} s.`];
    if (event.type === 'warning') return [event.message];
    return event.type === 'run-end' && event.reason === 'failed' ? [event.message] : [];
  });
  return {
    events,
    shown: events.map((event) => (event.type === 'text-delta' ? event.text : '')).join(''),
    told: lines.join('\n'),
    retries: events.filter(({ type }) => type === 'retry').length,
    end,
  };
}

/** The assistant's text in the history that the next request would hold. */
export function textKept(session: Session): string {
  return messagesOf(session.branch)
    .flatMap(({ role, content }) => (role === 'assistant' && typeof content !== 'string' ? content : []))
    .map((block) => (block.type === 'text' ? block.text : ''))
    .join('');
}

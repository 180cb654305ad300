import { randomUUID } from 'node:crypto';
import type { ToolUseBlock } from '@anthropic-ai/sdk/resources/messages';
import * as vscode from 'vscode';
import type { Policy } from '../agent/approval';
import { performCalls, type AskPerson } from '../agent/calls';
import type { AgentEvent, DurableEvent } from '../agent/events';
import { startOf } from '../agent/folds';
import { JOURNAL_VERSION } from '../agent/journal';
import { maskEvent } from '../agent/masking';
import { ModelError, type Model } from '../agent/model';
import type { Session } from '../agent/session';
import type { Engineer } from '../engineer';
import type { Host } from '../host/host';
import { askInChat } from './ask';
import type { Workshop } from './message-run';
import { readSettings } from './settings';

/** Ties a call to the chat it is made in, where there is one. */
export type CallerToken = vscode.LanguageModelToolInvocationOptions<unknown>['toolInvocationToken'];

export interface OutsideCall {
  tool: string;
  input: unknown;
  token: CallerToken;
  signal: AbortSignal;
}

export interface Outside extends Pick<
  Workshop,
  'sessions' | 'permissions' | 'confirm' | 'guards' | 'keysInUse' | 'log' | 'closing'
> {
  host(): Host;
  engineer(host: Host): Promise<Engineer>;
  /** Who is asked; in the editor the person, in a dialog or in the chat of whoever calls. */
  askFor?: (call: OutsideCall, session: string) => AskPerson;
}

/** A tool that asks a model has none here: nobody agreed to pay for what a stranger calls. */
const NO_MODEL = {
  model: {
    id: 'none',
    contextWindow: 0,
    costOf: () => null,
    stream: () => {
      throw new ModelError('A call from elsewhere has no model of ours. Ask @ml-engineer in the chat instead.');
    },
  } satisfies Model,
};

/**
 * Calls of our tools that no loop of ours made: another agent's, or any extension's. Each is judged and asked for on its
 * own, by the same rules as every other call, and kept in one session of this window made for them. Nobody of ours said
 * anything there, so no message opens a URL.
 */
export class OutsideCalls {
  #session: Promise<Session> | undefined;

  constructor(private readonly outside: Outside) {}

  /** Aborts when the window goes down. */
  get closing(): AbortSignal {
    return this.outside.closing;
  }

  /** What the tool gave, as text. */
  async run(call: OutsideCall): Promise<string> {
    const { sessions, permissions } = this.outside;
    const host = this.outside.host();
    const engineer = await this.outside.engineer(host);
    const session = await (this.#session ??= this.#create(engineer));
    const id = `outside-${randomUUID()}`;
    const block = { type: 'tool_use', id, name: call.tool, input: call.input } as ToolUseBlock;
    let said = '';
    let changed = false;
    const show = (event: AgentEvent): void => sessions.tell(session, event);
    const secrets = [...engineer.secrets, ...(await this.outside.keysInUse())];
    const record = async (given: DurableEvent, sync?: boolean): Promise<void> => {
      const { event } = maskEvent(given, secrets);
      const entry = await session.append(event, sync);
      if (event.type === 'tool-end') said = textOf(event.content);
      if (event.type === 'change') changed = true;
      show({ ...event, id: entry.id });
    };
    await record({
      type: 'prompt',
      text: vscode.l10n.t('A call of {0} from elsewhere', call.tool),
      attachments: [],
      notes: [],
    });
    // What else the caller wrote is not known, so the policy says nothing of what was reviewed: code of files is asked for.
    const policy = (): Policy => permissions.policy(readSettings().permissionMode, session.id);
    const ask = (this.outside.askFor ?? this.#askPerson)(call, session.id);
    const { guard } = this.outside.guards;
    await performCalls(
      [block],
      { ...NO_MODEL, session, tools: engineer.tools, host, policy, ask, guard, signal: call.signal },
      { record, show },
    );
    await record({ type: 'run-end', reason: 'done' });
    if (changed && !sessions.running) sessions.show(session);
    return said;
  }

  async #create({ head }: Engineer): Promise<Session> {
    const session = await this.outside.sessions.create();
    if (!startOf(session.branch))
      await session.append({ type: 'session-start', version: JOURNAL_VERSION, model: 'none', ...head });
    return session;
  }

  /** In the caller's own chat; what is protected in a dialog of ours, since that chat is not one we know. */
  readonly #askPerson = ({ token }: OutsideCall, session: string): AskPerson => {
    const { permissions, confirm, log } = this.outside;
    const asking = { session, permissions, confirm, log };
    return (request, signal) =>
      askInChat(token && !request.judgement.protected ? { ...asking, token } : asking)(request, signal);
  };
}

function textOf(content: Extract<DurableEvent, { type: 'tool-end' }>['content']): string {
  if (typeof content === 'string') return content;
  return content
    .map((block) => (block.type === 'text' ? block.text : vscode.l10n.t('(a part that is no text)')))
    .join('\n');
}

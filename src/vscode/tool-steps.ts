import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import * as vscode from 'vscode';
import type { Perform, PerformedCall } from '../agent/calls';
import { ToolError, type ToolOutput } from '../agent/tool';
import { escapeMarkdown } from '../text/markdown';
import { visible } from '../text/visible';
import { stepName } from './contributed-tools';
import type { Log } from './log';
import type { OutsideCall, OutsideCalls } from './outside-calls';
import { signalOf } from './signal';

/** The field that names the parked call; no tool of ours has one like it. */
const CALL_FIELD = 'mlEngineerCall';

export const REFUSAL =
  'Not run. The call names a session of ML Engineer that did not make it, or made it with another input.';

interface Parked {
  tool: string;
  title: string;
  input: unknown;
  /** Runs the work; a second call gives the first one's promise. */
  start(): Promise<ToolOutput>;
}

/**
 * Shows each call as a native step of the chat. The work waits here under a random id while VS Code calls the tool
 * registered for it: any extension may call that tool and hooks may rewrite its input, so only a parked call with the
 * very same input runs. A call that names no parked one is another agent's, and is judged and asked for on its own.
 */
export class ToolSteps implements vscode.Disposable {
  readonly #parked = new Map<string, Parked>();
  readonly #registered = new Map<string, vscode.Disposable>();
  readonly #chat = new AsyncLocalStorage<vscode.ChatParticipantToolToken>();

  constructor(private readonly log: Log) {}

  /** Registers the tools that package.json contributes. Where an editor has no tools, calls run without steps. */
  register(tools: readonly string[], outside: Pick<OutsideCalls, 'run' | 'closing'>): void {
    for (const tool of tools) {
      this.#registered.set(
        tool,
        vscode.lm.registerTool<Record<string, unknown>>(stepName(tool), {
          prepareInvocation: ({ input }) => this.#prepare(tool, input),
          invoke: async ({ input, toolInvocationToken: of }, token) =>
            CALL_FIELD in input ? this.#invoke(tool, input) : answered(outside, { tool, input, token: of }, token),
        }),
      );
    }
  }

  dispose(): void {
    for (const one of this.#registered.values()) one.dispose();
  }

  /** Performs calls as steps of the chat request that `token` belongs to. */
  performFor(token: vscode.ChatParticipantToolToken): Perform {
    return (call, work) => this.#perform(call, work, token);
  }

  /** The chat request that the call at hand is made in, where it is made in one. */
  get chat(): vscode.ChatParticipantToolToken | undefined {
    return this.#chat.getStore();
  }

  async #perform(
    call: PerformedCall,
    work: () => Promise<ToolOutput>,
    token: vscode.ChatParticipantToolToken,
  ): Promise<ToolOutput> {
    // Another's tool is drawn by the editor itself when it is called.
    if (!this.#registered.has(call.tool)) return this.#chat.run(token, work);
    const id = randomUUID();
    const input = JSON.parse(JSON.stringify(call.input)) as Record<string, unknown>;
    let started: Promise<ToolOutput> | undefined;
    const start = (): Promise<ToolOutput> => (started ??= work());
    const begun = (): Promise<ToolOutput> | undefined => started;
    this.#parked.set(id, { tool: call.tool, title: call.title, input, start });
    try {
      const answer = await vscode.lm.invokeTool(stepName(call.tool), {
        input: { ...input, [CALL_FIELD]: id },
        toolInvocationToken: token,
      });
      // A hook of the user's may have stopped the call or changed it: then its words are the answer.
      return await (begun() ?? declined(answer));
    } catch (error) {
      if (begun() === undefined) this.log.warn(`${call.tool} runs without a step of the chat: ${String(error)}`);
      return await start();
    } finally {
      this.#parked.delete(id);
    }
  }

  #find(tool: string, given: Record<string, unknown>): Parked | undefined {
    const { [CALL_FIELD]: id, ...input } = given;
    const parked = typeof id === 'string' ? this.#parked.get(id) : undefined;
    return parked?.tool === tool && isDeepStrictEqual(parked.input, input) ? parked : undefined;
  }

  #prepare(tool: string, input: Record<string, unknown>): vscode.PreparedToolInvocation {
    const title = this.#find(tool, input)?.title ?? vscode.l10n.t('A call of {0} from elsewhere', tool);
    return { invocationMessage: new vscode.MarkdownString(escapeMarkdown(visible(title))) };
  }

  async #invoke(tool: string, input: Record<string, unknown>): Promise<vscode.LanguageModelToolResult> {
    const parked = this.#find(tool, input);
    if (!parked) {
      this.log.warn(`Refused a call of ${tool} that no session made.`);
      return textResult(REFUSAL);
    }
    const output = await parked.start();
    return textResult(typeof output.content === 'string' ? output.content : parked.title);
  }
}

function declined(answer: vscode.LanguageModelToolResult): never {
  const text = answer.content
    .flatMap((part) => (part instanceof vscode.LanguageModelTextPart ? [part.value] : []))
    .join('\n');
  throw new ToolError(
    `The editor did not run this call${text === '' || text === REFUSAL ? ', or changed it on the way' : `: ${text}`}.`,
  );
}

/** Another agent's call: stopped with its own token. */
async function answered(
  outside: Pick<OutsideCalls, 'run' | 'closing'>,
  call: Omit<OutsideCall, 'signal'>,
  token: vscode.CancellationToken,
): Promise<vscode.LanguageModelToolResult> {
  const { signal, dispose } = signalOf(token, outside.closing);
  try {
    return textResult(await outside.run({ ...call, signal }));
  } catch (error) {
    throw signal.aborted ? new vscode.CancellationError() : error;
  } finally {
    dispose();
  }
}

export function textResult(text: string): vscode.LanguageModelToolResult {
  return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(text)]);
}

import * as vscode from 'vscode';
import * as z from 'zod';
import type { Policy } from '../agent/approval';
import type { JournalEntry } from '../agent/events';
import { limitText } from '../agent/budget-words';
import { changesOf, finalText, lastRun, usageOf } from '../agent/folds';
import { runAgent } from '../agent/loop';
import { UserError } from '../agent/tool';
import { escapeMarkdown } from '../text/markdown';
import { headAndTail } from '../text/truncate';
import { visible } from '../text/visible';
import { endOf } from './answer-end';
import { askInChat } from './ask';
import { ENGINEER_TOOL, engineerInput } from './contributed-tools';
import { diskFolders, virtualNotice } from './folders';
import { explain } from './log';
import { VENDOR } from './model-choice';
import type { CallerToken } from './outside-calls';
import type { Participating } from './participant';
import { readLimits, readSettings } from './settings';
import { signalOf } from './signal';
import { textResult } from './tool-steps';

type Question = z.infer<typeof engineerInput>;

const MAX_ANSWER_CHARACTERS = 30_000;
const MAX_SHOWN_CHARACTERS = 1_000;
/** So many questions of others are worked on at once: each costs money. */
const MAX_AT_ONCE = 2;
const FROM_ELSEWHERE =
  'This message comes from another agent of the editor, not from the user. Do the work it asks for within what you are allowed, and answer it in one final message: nobody can answer a question of yours.';

/** Registers `#mlEngineer`: another agent hands over a question, and a session of ours works on it with our own permissions. */
export function registerEngineerTool(context: vscode.ExtensionContext, participating: Participating): void {
  let running = 0;
  const tool: vscode.LanguageModelTool<unknown> = {
    // It spends the user's money, and any extension may call it.
    prepareInvocation: ({ input }) => ({
      invocationMessage: vscode.l10n.t('Asking ML Engineer'),
      confirmationMessages: {
        title: vscode.l10n.t('Hand this question to ML Engineer?'),
        message: new vscode.MarkdownString(escapeMarkdown(visible(shownOf(input)))),
      },
    }),
    async invoke({ input, toolInvocationToken }, cancel) {
      const { data: question, error } = engineerInput.safeParse(input);
      if (!question) return textResult(`Not asked. ${z.prettifyError(error)}`);
      if (running >= MAX_AT_ONCE) return textResult(`Not asked: ML Engineer works on ${running} questions already.`);
      running += 1;
      const { signal, dispose } = signalOf(cancel, participating.closing);
      try {
        return textResult(await work(participating, question, toolInvocationToken, signal));
      } catch (failure) {
        if (signal.aborted) throw new vscode.CancellationError();
        return textResult(`ML Engineer could not answer: ${explain(participating.log, ENGINEER_TOOL, failure)}`);
      } finally {
        running -= 1;
        dispose();
      }
    },
  };
  context.subscriptions.push(vscode.lm.registerTool(ENGINEER_TOOL, tool));
}

function shownOf(input: unknown): string {
  const { question = '' } = (input ?? {}) as Partial<Question>;
  return headAndTail(String(question), MAX_SHOWN_CHARACTERS / 2, MAX_SHOWN_CHARACTERS / 2).text;
}

/** Works on the question in a session of its own, which the panel shows, and gives the answer as text. */
async function work(
  participating: Participating,
  { question, context }: Question,
  token: CallerToken,
  signal: AbortSignal,
): Promise<string> {
  if (diskFolders().length === 0)
    throw new UserError(virtualNotice() ?? vscode.l10n.t('ML Engineer works in a folder, and none is open.'));
  const { sessions, permissions, steps, confirm, guards, log } = participating;
  const host = participating.host();
  const engineer = await participating.engineer(host);
  const model = await participating.models.choose(await anyModel(participating), engineer.droid, host);
  if (model === 'demo-elsewhere')
    throw new UserError(vscode.l10n.t('No API key for Anthropic. Run "ML Engineer: Set API Key".'));
  const session = await sessions.create();
  const limits = readLimits();
  const checkpoints = participating.checkpointing.port;
  const done = sessions.begin(session);
  try {
    const run = runAgent({
      ...{ session, model, host, signal, head: engineer.head, tools: engineer.tools, limits },
      ledger: participating.ledger,
      prompt: await engineer.prompt({
        // Whoever asks is no person: a first word with a slash calls no skill.
        text: question.replace(/^\s*\//u, ' /'),
        branch: session.branch,
        attachments: context ? [{ type: 'text', text: `<context>\n${context}\n</context>` }] : [],
        notes: [FROM_ELSEWHERE],
      }),
      notesBetween: engineer.notesBetween,
      policy: () => policyFor(permissions.policy(readSettings().permissionMode, session.id)),
      ask: (request, stopped) =>
        // That chat is another agent's: what is protected is asked in a dialog of ours.
        askInChat({
          ...{ session: session.id, permissions, confirm, log },
          ...(token && !request.judgement.protected ? { token } : {}),
        })(request, stopped),
      ...(token ? { perform: steps.performFor(token) } : {}),
      guard: guards.guard,
      ...(checkpoints ? { checkpoints } : {}),
      exclusive: participating.reviewing.exclusive(session),
      secrets: [...engineer.secrets, ...(await participating.keysInUse())],
    });
    for await (const event of run) sessions.tell(session, event);
  } finally {
    done();
  }
  signal.throwIfAborted();
  return report(lastRun(session.branch));
}

/** What else the caller wrote is not known, so no review of ours covers the code that mode `auto` would run. */
function policyFor(policy: Policy): Policy {
  return policy.mode === 'auto' ? { ...policy, mode: 'acceptEdits' } : policy;
}

/** Without a key of ours, a model of another vendor that the editor has; the settings' own choice otherwise. */
export async function anyModel({ keys }: Pick<Participating, 'keys'>): Promise<vscode.LanguageModelChat | undefined> {
  if (await keys.credential()) return undefined;
  return (await vscode.lm.selectChatModels()).find(({ vendor }) => vendor !== VENDOR);
}

/** The final answer, why the run ended where it did not end well, and what it changed. */
function report(run: readonly JournalEntry[]): string {
  const end = endOf(run);
  const { text, left } = headAndTail(finalText(run), MAX_ANSWER_CHARACTERS / 2, MAX_ANSWER_CHARACTERS / 2);
  const changes = changesOf(run).map(({ path, before, after }) => {
    const kind = before === null ? 'created' : after === null ? 'deleted' : 'modified';
    return `- ${vscode.workspace.asRelativePath(path)} (${kind})`;
  });
  const { turns, costUsd } = usageOf(run);
  const cost = costUsd === null ? 'price unknown' : `$${costUsd.toFixed(4)}`;
  return [
    text === '' ? '(no answer)' : text,
    ...(left > 0 ? [`[${left} characters of the answer are left out.]`] : []),
    ...(end?.reason === 'limit' ? [`It was stopped ${limitText(end)}. The work may not be done.`] : []),
    ...(end?.reason === 'failed' ? [`It failed: ${end.message}`] : []),
    changes.length > 0 ? `Changed files:\n${changes.join('\n')}` : 'It changed no files.',
    `(${turns} model turns, ${cost})`,
  ].join('\n\n');
}

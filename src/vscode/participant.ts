import * as vscode from 'vscode';
import type { Engineer } from '../engineer';
import type { Host } from '../host/host';
import { budgetOf } from '../agent/budget';
import type { RunEnd } from '../agent/events';
import { UserError } from '../agent/tool';
import { escapeMarkdown } from '../text/markdown';
import { visible } from '../text/visible';
import { endOf, finish } from './answer-end';
import { runInChat } from './chat-run';
import { noFolder, noKey, standingNotice, type Notice } from './message-notice';
import type { Workshop } from './message-run';
import { COMMANDS } from './command-names';
import { placeOf, type Placement } from './continuing';
import { diskFolders } from './folders';
import { explain } from './log';
import type { Keys } from './keys';
import type { Models } from './model-choice';
import type { Shelf } from './shelf';
import { signalOf } from './signal';
import { skillPrompt } from './skill-prompt';

export const PARTICIPANT_ID = 'ml-engineer.chat';

export interface Participating extends Workshop {
  models: Models;
  keys: Keys;
  host(): Host;
  engineer(host: Host): Promise<Engineer>;
  shelf: Pick<Shelf, 'untold'>;
}

/** What a chat answer of ours carries: where it ended, for the next turn and its buttons. */
export interface Metadata {
  session: string;
  event: string;
  end: string;
  changed: boolean;
  /** Only the button goes on: words alone raise no budget of a session or a day. */
  more?: true;
}

/** Registers `@ml-engineer`. An editor without chat has none, and the panel stays. */
export function registerParticipant(context: vscode.ExtensionContext, participating: Participating): void {
  const participant = vscode.chat.createChatParticipant(PARTICIPANT_ID, async (request, history, stream, token) => {
    const { signal, dispose } = signalOf(token, participating.closing);
    try {
      return await answer(participating, request, history, stream, signal);
    } catch (error) {
      if (signal.aborted) return {};
      stream.markdown(`\n\n${escapeMarkdown(explain(participating.log, vscode.l10n.t('while answering'), error))}\n\n`);
      if (!(error instanceof UserError)) stream.button({ command: COMMANDS.showLog, title: vscode.l10n.t('Show Log') });
      return {};
    } finally {
      dispose();
    }
  });
  participant.iconPath = vscode.Uri.joinPath(context.extensionUri, 'media', 'icon.png');
  participant.followupProvider = {
    provideFollowups: (result) => followups(result.metadata),
  };
  context.subscriptions.push(participant);
}

async function answer(
  participating: Participating,
  request: vscode.ChatRequest,
  context: vscode.ChatContext,
  stream: vscode.ChatResponseStream,
  signal: AbortSignal,
): Promise<vscode.ChatResult> {
  if (diskFolders().length === 0) return askForFolder(stream);
  const { sessions, turns, models, log } = participating;
  const host = participating.host();
  const engineer = await participating.engineer(host);
  const model = await models.choose(request.model, engineer.droid, host);
  if (model === 'demo-elsewhere') return explainDemo(stream);
  const asked = skillPrompt(request, engineer.skills);
  const placement = await placementOf(participating, asked.prompt, context.history);
  const { session } = placement;
  const notice = await noticeOf(participating, placement, engineer);
  for (const line of notice.lines) stream.markdown(`${line}\n\n`);
  for (const button of notice.buttons) stream.button(button);
  const woken = participating.wakes.take(session.id, request.prompt);
  const run = await runInChat(participating, {
    ...{ session, engineer, host, model, request, asked, stream, signal },
    ...(woken ? { woken } : {}),
    shouldYield: () => isWaitedFor(context),
  });
  const place = { session: session.id, event: session.leaf ?? '' };
  finish(stream, { run, place, ...notice, log });
  await turns.setLast(place);
  const changed = run.some(({ event }) => event.type === 'change');
  if (signal.aborted && changed) void offerUndo(place);
  const end = endOf(run);
  const metadata: Metadata = {
    ...place,
    end: end?.reason ?? 'stopped',
    changed,
    ...(isForMore(end) ? { more: true } : {}),
  };
  sessions.show(session);
  return { metadata: { ...metadata } };
}

function isForMore(end: RunEnd | undefined): boolean {
  return end?.reason === 'limit' && end.limit !== 'circle' && budgetOf(end.limit).span !== 'message';
}

/** VS Code holds a message that is sent meanwhile until the handler returns, and says so where no type does (1.139). */
function isWaitedFor(context: vscode.ChatContext & { yieldRequested?: unknown }): boolean {
  return context.yieldRequested === true;
}

/** A turn that is gone on with after a reload has its place in the journal, not in the chat's history. */
async function placementOf(
  { sessions, turns }: Participating,
  prompt: string,
  history: vscode.ChatContext['history'],
): Promise<Placement> {
  const cut = turns.takeContinuing();
  if (cut && (await sessions.exists(cut))) return { session: await sessions.open(cut), forked: false, lost: false };
  return placeOf(history, prompt, sessions, turns);
}

async function noticeOf({ turns, shelf }: Participating, placement: Placement, engineer: Engineer): Promise<Notice> {
  const { left, session } = placement;
  const texts: string[] = [];
  const buttons: vscode.Command[] = [];
  if (placement.lost) texts.push(vscode.l10n.t('The session of this chat is no longer stored, so a new one begins.'));
  if (placement.forked) texts.push(vscode.l10n.t('The chat went back, so this goes on from the earlier point.'));
  if (placement.elsewhere)
    texts.push(vscode.l10n.t('This session went on outside this chat. Your message goes on behind that.'));
  if (left) {
    await turns.setLeft(left);
    buttons.push({ command: COMMANDS.putBack, title: vscode.l10n.t('Put the Files Back'), arguments: [left] });
  }
  const { cut } = turns;
  if (cut && cut.session !== session.id) {
    texts.push(vscode.l10n.t('A reload cut an earlier turn: "{0}"', cut.prompt.slice(0, 80)));
    buttons.push({ command: COMMANDS.continueCut, title: vscode.l10n.t('Continue That Turn') });
    buttons.push({ command: COMMANDS.undoCut, title: vscode.l10n.t('Undo Its Changes') });
  }
  const standing = standingNotice(session, engineer, shelf);
  buttons.push(...standing.buttons);
  const lines = [...texts, ...standing.lines].map((text) => `_${escapeMarkdown(visible(text))}_`);
  return { lines, buttons };
}

/** VS Code draws nothing more in an answer that was stopped, so its buttons come as a notification. */
async function offerUndo(place: { session: string; event: string }): Promise<void> {
  const [open, undo] = [vscode.l10n.t('Open Changes'), vscode.l10n.t('Undo Changes')];
  const picked = await vscode.window.showInformationMessage(
    vscode.l10n.t('ML Engineer was stopped after it had changed files.'),
    open,
    undo,
  );
  if (picked === open) await vscode.commands.executeCommand(COMMANDS.openChanges, place);
  if (picked === undo) await vscode.commands.executeCommand(COMMANDS.undo, place);
}

function askForFolder(stream: vscode.ChatResponseStream): vscode.ChatResult {
  return decline(stream, noFolder());
}

function explainDemo(stream: vscode.ChatResponseStream): vscode.ChatResult {
  return decline(stream, noKey());
}

function decline(stream: vscode.ChatResponseStream, { lines, buttons }: Notice): vscode.ChatResult {
  stream.markdown(`${lines.join('\n\n')}\n\n`);
  for (const button of buttons) stream.button(button);
  return {};
}

function followups(metadata: Partial<Metadata> | undefined): vscode.ChatFollowup[] {
  if (metadata?.more) return [];
  if (metadata?.end === 'limit' || metadata?.end === 'stopped') {
    return [{ prompt: vscode.l10n.t('Go on where you stopped.'), label: vscode.l10n.t('Go on') }];
  }
  if (!metadata?.changed) return [];
  return [
    { prompt: vscode.l10n.t('Run the tests and tell me what they say.'), label: vscode.l10n.t('Run the tests') },
    {
      prompt: vscode.l10n.t('Explain each change you made, and what could still go wrong.'),
      label: vscode.l10n.t('Explain the changes'),
    },
  ];
}

import { setTimeout } from 'node:timers/promises';
import * as vscode from 'vscode';
import { orAborted } from '../agent/abort';
import type { AskPerson, AskRequest, PersonAnswer } from '../agent/calls';
import { ruleText } from '../agent/approval';
import { dangerRows } from '../agent/guard';
import { escapeMarkdown, fenced } from '../text/markdown';
import { CHOICES } from '../panel/sections/asking';
import { visible } from '../text/visible';
import { isCancellation, type ConfirmTool } from './confirm-tool';
import type { Log } from './log';
import type { Permissions } from './permissions';

/** Built into VS Code, undocumented: draws a question with our own buttons and returns the label. */
const NATIVE_CONFIRM = 'vscode_get_confirmation_with_options';
/** A modal dialog cannot scroll everywhere: what is longer is cut, and says so. */
const MAX_MODAL_CHARACTERS = 3_000;
const CANCEL_GRACE_MS = 1_000;

export interface Asking {
  /** The chat request's token, or `undefined` outside a chat: then the question is a modal dialog. */
  token?: vscode.ChatParticipantToolToken;
  /** Whose rules a "for this session" is added to. */
  session: string;
  permissions: Permissions;
  confirm: ConfirmTool;
  log: Log;
}

export type Choice = (typeof CHOICES)[number];

interface Question {
  request: AskRequest;
  labels: Partial<Record<Choice, string>>;
}

/**
 * Asks the person at this window. Only an answer that names one of our buttons came from a person; what VS Code answers
 * by itself ("Allow all", an allowed tool) does not count, and the question is put again as a modal dialog.
 */
export function askInChat(asking: Asking): AskPerson {
  return async (request, signal) => {
    const question = { request, labels: labelsFor(request) };
    // A question on the screen cannot be taken back; when the run stops, its answer no longer counts.
    const choice = await orAborted(choose(question, asking, signal), signal);
    return answer(choice, request, asking);
  };
}

async function choose(question: Question, { token, confirm, log }: Asking, signal: AbortSignal): Promise<Choice> {
  if (!token) return askModally(question);
  try {
    if (vscode.lm.tools.some((tool) => tool.name === NATIVE_CONFIRM)) {
      return (await askNatively(question, token)) ?? (await askModally(question));
    }
    const allowed = await confirm.ask(escapeMarkdown(titleOf(question.request)), bodyOf(question.request), token);
    if (!allowed) return 'deny';
    return question.request.judgement.protected ? await askModally(question) : 'once';
  } catch (error) {
    // Waved away by a person, or gone with the chat or the window: the signal comes a moment later, and is no answer.
    if (isCancellation(error)) await setTimeout(CANCEL_GRACE_MS);
    signal.throwIfAborted();
    if (isCancellation(error)) return 'deny';
    log.warn(`The chat could not ask, so a dialog does: ${String(error)}`);
    return askModally(question);
  }
}

/** The buttons of a question, in their order. */
export function labelsFor({ judgement }: AskRequest): Question['labels'] {
  const lasting = { session: vscode.l10n.t('Allow in This Session'), always: vscode.l10n.t('Always Allow') };
  return { once: vscode.l10n.t('Allow Once'), ...(judgement.offer ? lasting : {}), deny: vscode.l10n.t('Deny') };
}

/** As in the chat, and with more room: how far a lasting yes goes is chosen. */
export function panelLabelsFor(request: AskRequest): Question['labels'] {
  const labels = labelsFor(request);
  if (!labels.always || !vscode.workspace.workspaceFolders) return labels;
  return {
    ...labels,
    always: vscode.l10n.t('Always Allow in This Workspace'),
    everywhere: vscode.l10n.t('Always Allow Everywhere'),
  };
}

/** What the panel's page sends with a choice. */
export interface PanelAnswer {
  choice: Choice;
  /** The command, as the person wrote it anew. */
  edited?: string;
  /** Why they refuse. */
  why?: string;
}

function choiceOf(label: string | undefined, labels: Question['labels']): Choice | undefined {
  return CHOICES.find((choice) => label !== undefined && labels[choice] === label);
}

/** `undefined` when the answer is not one of our buttons, so no person gave it. */
async function askNatively(
  { request, labels }: Question,
  token: vscode.ChatParticipantToolToken,
): Promise<Choice | undefined> {
  const input = { title: escapeMarkdown(titleOf(request)), message: bodyOf(request), buttons: Object.values(labels) };
  const result = await vscode.lm.invokeTool(NATIVE_CONFIRM, { input, toolInvocationToken: token });
  const text = result.content
    .flatMap((part) => (part instanceof vscode.LanguageModelTextPart ? [part.value] : []))
    .join('');
  return choiceOf(text, labels);
}

async function askModally({ request, labels }: Question): Promise<Choice> {
  const { preview } = request;
  const body = visible(preview.body);
  const rest = body.length - MAX_MODAL_CHARACTERS;
  const shown =
    rest > 0 ? `${body.slice(0, MAX_MODAL_CHARACTERS)}\n${vscode.l10n.t('… and {0} more characters', rest)}` : body;
  const lost = lossesOf(request);
  const rows = [factsOf(request), lost].filter((some) => some.length > 0).map((some) => some.join('\n'));
  const detail = [shown, ...rows, ...reasonsOf(request)].join('\n\n');
  const buttons = Object.values(labels).filter((label) => label !== labels.deny);
  const picked = await vscode.window.showWarningMessage(titleOf(request), { modal: true, detail }, ...buttons);
  return choiceOf(picked, labels) ?? 'deny';
}

/** What is asked, in one line of plain text: with the droid, where a subagent asks. */
export function titleOf({ preview, subagent }: AskRequest): string {
  const title = visible(preview.title);
  return subagent ? vscode.l10n.t('Subagent {0}: {1}', visible(subagent.droid), title) : title;
}

function bodyOf(request: AskRequest): string {
  const { body, language } = request.preview;
  const lost = lostIn(request).map((row) => `- ${escapeMarkdown(row)}`);
  const facts = factsOf(request).map((row) => `- ${escapeMarkdown(row)}`);
  return [
    fenced(visible(body), language),
    ...(facts.length > 0 ? [facts.join('\n')] : []),
    ...(lost.length > 0 ? [`**${vscode.l10n.t('What may be lost:')}**\n\n${lost.join('\n')}`] : []),
    ...reasonsOf(request).map((line) => escapeMarkdown(line)),
  ].join('\n\n');
}

/** What may be lost, as lines of plain text with their heading; none where nothing may. */
export function lossesOf(request: AskRequest): string[] {
  const lost = lostIn(request);
  return lost.length > 0 ? [vscode.l10n.t('What may be lost:'), ...lost] : [];
}

/** What was found out for the question, as rows of plain text. */
export function factsOf({ preview: { facts = [] } }: AskRequest): string[] {
  return facts.map(visible);
}

/** The files that may be lost, as rows; the names are a stranger's. */
export function lostIn({ danger }: AskRequest): string[] {
  return danger ? dangerRows(danger).map(visible) : [];
}

/** Why it is asked, and the rule that a lasting yes would make. */
export function reasonsOf({ judgement: { reason, offer } }: AskRequest): string[] {
  const why = vscode.l10n.t('Why you are asked: {0}', visible(reason));
  return offer ? [why, vscode.l10n.t('A lasting yes makes the rule {0}.', visible(ruleText(offer)))] : [why];
}

/** What a person's choice means, with the rule that a lasting yes makes. */
export async function answer(
  given: Choice | PanelAnswer,
  { judgement, preview }: AskRequest,
  { permissions, session }: Pick<Asking, 'permissions' | 'session'>,
): Promise<PersonAnswer> {
  const { choice, edited, why = '' } = typeof given === 'string' ? { choice: given } : given;
  if (choice === 'deny') {
    const reason = why.trim();
    return {
      decision: 'deny',
      by: 'user',
      reason:
        reason === ''
          ? 'the user declined this call. Do not repeat it; ask what they want instead.'
          : `the user declined this call and says: ${reason}`,
    };
  }
  // A yes to other words is a yes to those words, once.
  if (edited !== undefined && edited !== preview.body && preview.editable !== undefined)
    return { decision: 'allow', by: 'user', reason: 'allowed by the user, who changed it', edited };
  if (choice !== 'once' && judgement.offer) {
    const always = vscode.workspace.workspaceFolders && choice !== 'everywhere' ? 'workspace' : 'user';
    await permissions.allow(judgement.offer, choice === 'session' ? 'session' : always, session);
    const how = choice === 'session' ? 'in this session' : choice === 'always' ? 'always' : 'always and everywhere';
    return { decision: 'allow', by: 'user', reason: `allowed by the user, ${how}: ${ruleText(judgement.offer)}` };
  }
  return { decision: 'allow', by: 'user', reason: 'allowed by the user, once' };
}

import * as vscode from 'vscode';
import type { FailureCode, JournalEntry, RunEnd } from '../agent/events';
import { changesOf, todosOf, usageOf, type SessionUsage } from '../agent/folds';
import { escapeMarkdown } from '../text/markdown';
import { visible } from '../text/visible';
import { todoList } from './answer';
import { claimsIn } from '../agent/evidence';
import { COMMANDS } from './command-names';
import { drawClaims } from './evidence';
import { goOnWords, limitWords } from './limit-words';
import { explain, type Log } from './log';
import type { Place } from './sessions';

export interface AnswerEnd {
  run: readonly JournalEntry[];
  place: Place;
  /** What was said and offered before the answer: it comes again, since VS Code folds it away with the steps. */
  lines: readonly string[];
  buttons: readonly vscode.Command[];
  log: Log;
}

/**
 * Draws the end of an answer: why it ended, the todo list, the changed files, what it took. All text comes before the
 * buttons: VS Code folds a finished answer to its last unbroken stretch of Markdown and what follows that.
 */
export function finish(stream: vscode.ChatResponseStream, { run, place, lines, buttons, log }: AnswerEnd): void {
  const end = endOf(run);
  const text = end && endText(end, log);
  if (text) stream.markdown(`\n\n${text}\n\n`);
  drawClaims(stream, place.session, claimsIn(run));
  if (run.some(({ event }) => event.type === 'todos')) stream.markdown(`\n\n${todoList(todosOf(run))}\n\n`);
  showChanges(stream, run);
  const folds = buttons.length > 0 || run.some(({ event }) => event.type === 'tool-start');
  if (folds && lines.length > 0) stream.markdown(`\n\n${lines.join('\n\n')}\n\n`);
  const line = costLine(run);
  if (line) stream.markdown(`\n\n---\n${line}\n`);
  for (const button of [...(folds ? buttons : []), ...changeButtons(run, place), ...endButtons(end, place)])
    stream.button(button);
}

export function endOf(run: readonly JournalEntry[]): RunEnd | undefined {
  const event = run.findLast((entry) => entry.event.type === 'run-end')?.event;
  return event?.type === 'run-end' ? event : undefined;
}

function showChanges(stream: vscode.ChatResponseStream, run: readonly JournalEntry[]): void {
  const changes = changesOf(run);
  if (changes.length === 0) return;
  stream.markdown(`\n\n**${vscode.l10n.t('Changed files')}**\n`);
  for (const { path, before, after } of changes) {
    stream.markdown('\n- ');
    if (after === null) stream.markdown(escapeMarkdown(visible(vscode.workspace.asRelativePath(path))));
    else stream.anchor(vscode.Uri.file(path), vscode.workspace.asRelativePath(path));
    stream.markdown(` (${kindOf(before, after)})`);
  }
}

function kindOf(before: string | null, after: string | null): string {
  if (before === null) return vscode.l10n.t('created');
  return after === null ? vscode.l10n.t('deleted') : vscode.l10n.t('modified');
}

function changeButtons(run: readonly JournalEntry[], place: Place): vscode.Command[] {
  if (changesOf(run).length === 0) return [];
  return [
    { command: COMMANDS.openChanges, title: vscode.l10n.t('Open Changes'), arguments: [place] },
    { command: COMMANDS.keep, title: vscode.l10n.t('Keep Changes'), arguments: [place] },
    { command: COMMANDS.undo, title: vscode.l10n.t('Undo Changes'), arguments: [place] },
  ];
}

/** Why a run ended, as Markdown; nothing for one that is done. */
function endText(end: RunEnd, log: Log): string | undefined {
  switch (end.reason) {
    case 'done':
      return undefined;
    case 'stopped':
      return vscode.l10n.t('Stopped.');
    case 'yielded':
      return vscode.l10n.t('Going on with your message.');
    case 'waiting':
      return vscode.l10n.t(
        'Waiting for {0}. It goes on by itself, and you are told when there is news.',
        end.jobs.join(', '),
      );
    case 'limit':
      return escapeMarkdown(visible(limitWords(end)));
    case 'failed': {
      const text = end.code === 'bug' ? explain(log, vscode.l10n.t('while answering'), end.message) : end.message;
      return escapeMarkdown(visible(text));
    }
  }
}

/** The remedy for why a run ended. */
export function endButtons(end: RunEnd | undefined, place: Place): vscode.Command[] {
  if (end?.reason === 'limit') return [{ command: COMMANDS.goOn, title: goOnWords(end), arguments: [place] }];
  return end?.reason === 'failed' && end.code ? remedies(end.code) : [];
}

function remedies(code: FailureCode): vscode.Command[] {
  const goOn = { command: COMMANDS.goOn, title: vscode.l10n.t('Go On') };
  const setKey = { command: COMMANDS.setKey, title: vscode.l10n.t('Set API Key') };
  const chooseModel = { command: 'workbench.action.chat.openModelPicker', title: vscode.l10n.t('Choose a Model') };
  const buttons: Record<FailureCode, vscode.Command[]> = {
    'no-key': [setKey],
    'bad-key': [setKey],
    'no-access': [chooseModel, setKey],
    'no-consent': [chooseModel],
    quota: [goOn, chooseModel],
    offline: [goOn],
    busy: [goOn, chooseModel],
    unfinished: [goOn],
    'model-gone': [chooseModel],
    refused: [chooseModel],
    'context-full': [{ command: COMMANDS.newSession, title: vscode.l10n.t('New Session') }],
    bug: [{ command: COMMANDS.showLog, title: vscode.l10n.t('Show Log') }],
  };
  return buttons[code];
}

/** The answer's last line: the model that answered, its tokens, and what they cost. */
export function costLine(run: readonly JournalEntry[]): string | undefined {
  const last = run.findLast((entry) => entry.event.type === 'turn-end')?.event;
  if (last?.type !== 'turn-end') return undefined;
  const usage = usageOf(run);
  const read = (usage.input + usage.cacheRead + usage.cacheWrite).toLocaleString('en');
  const tokens = vscode.l10n.t('{0} tokens in, {1} out', read, usage.output.toLocaleString('en'));
  return `${escapeMarkdown(visible(last.model))} · ${tokens} · ${priceOf(usage)}`;
}

function priceOf({ costUsd }: SessionUsage): string {
  if (costUsd === null) return vscode.l10n.t('price unknown');
  if (costUsd === 0) return '\\$0';
  return `\\$${costUsd.toFixed(costUsd < 0.1 ? 4 : 2)}`;
}

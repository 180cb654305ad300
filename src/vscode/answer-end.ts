import * as vscode from 'vscode';
import type { FailureCode, JournalEntry, RunEnd } from '../agent/events';
import { changesOf, usageOf, type SessionUsage } from '../agent/folds';
import { escapeMarkdown } from '../text/markdown';
import { visible } from '../text/visible';
import { COMMANDS } from './command-names';
import { explain, type Log } from './log';
import type { Place } from './sessions';

/** Draws the end of an answer: changed files with their buttons, why it ended, and what it took. */
export function finish(stream: vscode.ChatResponseStream, run: readonly JournalEntry[], place: Place, log: Log): void {
  showEnd(stream, endOf(run), log);
  showChanges(stream, run, place);
  const line = costLine(run);
  if (line) stream.markdown(`\n\n---\n${line}\n`);
}

export function endOf(run: readonly JournalEntry[]): RunEnd | undefined {
  const event = run.findLast((entry) => entry.event.type === 'run-end')?.event;
  return event?.type === 'run-end' ? event : undefined;
}

function showChanges(stream: vscode.ChatResponseStream, run: readonly JournalEntry[], place: Place): void {
  const changes = changesOf(run);
  if (changes.length === 0) return;
  stream.markdown(`\n\n**${vscode.l10n.t('Changed files')}**\n`);
  for (const { path, before, after } of changes) {
    const kind =
      before === null
        ? vscode.l10n.t('created')
        : after === null
          ? vscode.l10n.t('deleted')
          : vscode.l10n.t('modified');
    stream.markdown('\n- ');
    if (after === null) stream.markdown(escapeMarkdown(vscode.workspace.asRelativePath(path)));
    else stream.anchor(vscode.Uri.file(path), vscode.workspace.asRelativePath(path));
    stream.markdown(` (${kind})`);
  }
  stream.markdown('\n\n');
  stream.button({ command: COMMANDS.openChanges, title: vscode.l10n.t('Open Changes'), arguments: [place] });
  stream.button({ command: COMMANDS.undo, title: vscode.l10n.t('Undo Changes'), arguments: [place] });
}

function showEnd(stream: vscode.ChatResponseStream, end: RunEnd | undefined, log: Log): void {
  if (!end || end.reason === 'done') return;
  switch (end.reason) {
    case 'stopped':
      stream.markdown(`\n\n${vscode.l10n.t('Stopped.')}\n`);
      return;
    case 'limit': {
      const turns = vscode.l10n.t('This message has used its {0} model turns.', end.value);
      const cost = vscode.l10n.t('This message has used its {0} US dollars.', end.value);
      stream.markdown(`\n\n${end.limit === 'turns' ? turns : cost}\n\n`);
      stream.button({ command: COMMANDS.goOn, title: vscode.l10n.t('Go On') });
      return;
    }
    case 'failed':
      showFailed(stream, end.message, end.code, log);
  }
}

/** Says why a run failed, with the button that remedies it. */
export function showFailed(
  stream: vscode.ChatResponseStream,
  message: string,
  code: FailureCode | undefined,
  log: Log,
): void {
  const text = code === 'bug' ? explain(log, vscode.l10n.t('while answering'), message) : message;
  stream.markdown(`\n\n${escapeMarkdown(visible(text))}\n\n`);
  if (code === 'no-key' || code === 'bad-key') {
    stream.button({ command: COMMANDS.setKey, title: vscode.l10n.t('Set API Key') });
  }
  if (code === 'bug') stream.button({ command: COMMANDS.showLog, title: vscode.l10n.t('Show Log') });
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
  return `\\$${costUsd.toFixed(costUsd < 0.1 ? 4 : 2)}`;
}

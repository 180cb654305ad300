import * as vscode from 'vscode';
import { isDurable, type AgentEvent } from '../agent/events';
import type { Session } from '../agent/session';
import { UserError } from '../agent/tool';
import { throttle } from '../panel/throttle';
import { transcriptOf, type TranscriptWords } from '../panel/transcript';

const SCHEME = 'ml-engineer-transcript';
const REDRAW_MS = 500;
const ID = /^[\w-]{1,100}$/u;

interface Journals {
  readonly onDidChange: vscode.Event<{ event?: AgentEvent }>;
  exists(id: string): Promise<boolean>;
  open(id: string): Promise<Session>;
}

/** Serves sessions as Markdown to read. A transcript that is open follows its journal. */
export function registerTranscripts(context: vscode.ExtensionContext, journals: Journals): void {
  const changed = new vscode.EventEmitter<vscode.Uri>();
  const redraw = throttle(async () => {
    for (const { uri } of vscode.workspace.textDocuments) if (uri.scheme === SCHEME) changed.fire(uri);
  }, REDRAW_MS);
  const provider: vscode.TextDocumentContentProvider = {
    onDidChange: changed.event,
    provideTextDocumentContent: async (uri) => {
      const id = uri.query;
      // Anyone may open an address of our scheme.
      if (!ID.test(id) || !(await journals.exists(id))) return wordsNow().empty;
      return transcriptOf((await journals.open(id)).branch, wordsNow());
    },
  };
  context.subscriptions.push(
    changed,
    redraw,
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, provider),
    journals.onDidChange(({ event }) => {
      if (event && isDurable(event.type === 'subagent' ? event.event : event)) redraw.request();
    }),
  );
}

/** Opens a session's transcript beside what is there, read-only. */
export async function openTranscript(journals: Pick<Journals, 'exists'>, id: string, name: string): Promise<void> {
  if (!(await journals.exists(id))) throw new UserError(vscode.l10n.t('This session is no longer stored.'));
  const path = `/${name.replaceAll(/[^\w.-]+/gu, '-') || 'session'}.md`;
  const document = await vscode.workspace.openTextDocument(vscode.Uri.from({ scheme: SCHEME, path, query: id }));
  await vscode.languages.setTextDocumentLanguage(document, 'markdown');
  await vscode.window.showTextDocument(document, { preview: true });
}

/** The words of a session's own transcript. */
export function sessionWords(): TranscriptWords {
  return { ...wordsNow(), title: vscode.l10n.t('Session with {0} ({1})') };
}

function wordsNow(): TranscriptWords {
  return {
    title: vscode.l10n.t('Subagent {0} ({1})'),
    session: vscode.l10n.t('Session with {0} ({1})'),
    parent: vscode.l10n.t('It works for the session {0}.'),
    prompt: vscode.l10n.t('What it was asked'),
    result: vscode.l10n.t('Result:'),
    failed: vscode.l10n.t('Failed:'),
    refused: vscode.l10n.t('Refused:'),
    more: vscode.l10n.t('… and {0} more characters'),
    ended: vscode.l10n.t('Ended ({0}) after {1} turns, ${2}.'),
    running: vscode.l10n.t('It has not ended.'),
    empty: vscode.l10n.t('This session is no longer stored.'),
  };
}

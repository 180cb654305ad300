import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { isDurable, type AgentEvent } from '../agent/events';
import { changesOf } from '../agent/folds';
import { subagentsOf } from '../agent/subagent-report';
import type { Session } from '../agent/session';
import { UserError } from '../agent/tool';
import { toHostSchema, type Labels, type PanelState, type ToHost, type ToPage } from '../panel/protocol';
import { panelState, type DiffCache } from '../panel/state';
import { throttle } from '../panel/throttle';
import { openChanges } from './before-images';
import { VIEW_ID } from './command-names';
import type { Crews } from './crews';
import { showFailure, type Log } from './log';
import { limitWords, nearWords } from './limit-words';
import { panelLabels } from './panel-labels';
import { retryLine } from './retry-notice';
import type { Questions } from './questions';
import { skillReason } from './skill-words';
import { openTranscript } from './transcripts';

const REDRAW_MS = 100;

/** What the panel needs of the sessions of this window. `onDidChange` fires when `current`, its journal or `running` changes. */
export interface PanelSessions {
  readonly current: Session | undefined;
  readonly running: boolean;
  readonly retrying: Extract<AgentEvent, { type: 'retry' }> | undefined;
  readonly onDidChange: vscode.Event<{ event?: AgentEvent }>;
  openDiff(path: string): Promise<void>;
  exists(id: string): Promise<boolean>;
}

export interface PanelWorld {
  sessions: PanelSessions;
  questions: Questions;
  crews: Crews;
  log: Log;
}

/** Shows the current session in the side bar. The page holds nothing: it may be hidden, reloaded or killed at any time. */
export function registerPanel(context: vscode.ExtensionContext, world: PanelWorld): void {
  const labels = panelLabels();
  const provider: vscode.WebviewViewProvider = {
    resolveWebviewView(view) {
      const page = new PanelPage(view.webview, context.extensionUri, { ...world, labels });
      view.onDidDispose(() => page.dispose());
    },
  };
  context.subscriptions.push(vscode.window.registerWebviewViewProvider(VIEW_ID, provider));
}

class PanelPage {
  readonly #webview: vscode.Webview;
  readonly #world: PanelWorld & { labels: Labels };
  readonly #redraw = throttle(() => this.#send(), REDRAW_MS);
  readonly #listeners: vscode.Disposable[];
  #diffs: DiffCache = new Map();
  /** A page that has not said `ready` since it was loaded drops what it is sent. */
  #ready = false;
  #sent = '';
  #retrying: PanelSessions['retrying'];

  constructor(webview: vscode.Webview, extension: vscode.Uri, world: PanelWorld & { labels: Labels }) {
    this.#webview = webview;
    this.#world = world;
    this.#listeners = [
      webview.onDidReceiveMessage((message: unknown) => void this.#receive(message)),
      world.questions.onDidChange(() => this.#redraw.request()),
      world.sessions.onDidChange(({ event }) => {
        const { retrying } = world.sessions;
        if (!event || isShown(event) || retrying !== this.#retrying) this.#redraw.request();
        this.#retrying = retrying;
      }),
    ];
    const roots = ['dist', 'media'].map((folder) => vscode.Uri.joinPath(extension, folder));
    webview.options = { enableScripts: true, localResourceRoots: roots };
    webview.html = pageHtml(webview, extension);
  }

  dispose(): void {
    this.#redraw.dispose();
    for (const listener of this.#listeners) listener.dispose();
  }

  async #receive(message: unknown): Promise<void> {
    const parsed = toHostSchema.safeParse(message);
    if (!parsed.success) return this.#world.log.error('The panel sent a message that is not understood', parsed.error);
    try {
      await this.#act(parsed.data);
    } catch (error) {
      void showFailure(this.#world.log, `panel: ${parsed.data.type}`, error);
    }
  }

  async #act(message: ToHost): Promise<void> {
    switch (message.type) {
      case 'ready':
        this.#ready = true;
        this.#sent = '';
        return this.#redraw.request();
      case 'openChat':
        return openChat();
      case 'goToChat':
        return void (await vscode.commands.executeCommand('workbench.action.chat.open'));
      case 'answer':
        return this.#world.questions.answer(message.id, message.choice);
      case 'openTranscript':
        return this.#openTranscript(message.session);
      case 'stopAgent':
        return this.#world.crews.stop(message.session);
      case 'openChanges': {
        const session = this.#world.sessions.current;
        return session && openChanges(session, changesOf(session.branch));
      }
      case 'openDiff':
        if (this.#isChanged(message.path)) await this.#world.sessions.openDiff(message.path);
        return;
      case 'openFile':
        if (this.#isChanged(message.path)) {
          await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(message.path));
        }
        return;
    }
  }

  async #openTranscript(id: string): Promise<void> {
    const { sessions } = this.#world;
    const agent = subagentsOf(sessions.current?.branch ?? []).find(({ session }) => session === id);
    if (agent) await openTranscript(sessions, id, agent.droid);
  }

  #isChanged(path: string): boolean {
    return changesOf(this.#world.sessions.current?.branch ?? []).some((change) => change.path === path);
  }

  async #send(): Promise<void> {
    if (!this.#ready) return;
    try {
      const message: ToPage = { type: 'state', state: await this.#state() };
      const text = JSON.stringify(message);
      if (text === this.#sent) return;
      // A hidden page takes nothing: it says `ready` again when it is shown.
      this.#sent = (await this.#webview.postMessage(message)) ? text : '';
    } catch (error) {
      this.#world.log.error('The panel could not be drawn', error);
    }
  }

  #state(): Promise<PanelState> {
    const { sessions, questions, crews, labels } = this.#world;
    const { current, running, retrying: retry } = sessions;
    const retrying = retry && retryLine(retry, Math.ceil(retry.delayMs / 1_000));
    const source = {
      branch: current?.branch ?? [],
      blob: async (hash: string) => current?.store.getBlob(hash),
      shown: (path: string) => vscode.workspace.asRelativePath(path),
      reason: skillReason,
      limit: limitWords,
      near: nearWords,
      running,
      ...(retrying === undefined ? {} : { retrying }),
      live: current ? crews.live(current.id) : [],
      questions: questions.pending,
      waiting: current ? questions.inChat(current.id) : [],
      labels,
    };
    return panelState(source, this.#diffs);
  }
}

/** Text that streams by changes nothing that is shown; of a subagent, what it is at is shown. */
function isShown(event: AgentEvent): boolean {
  if (event.type !== 'subagent') return isDurable(event);
  return isDurable(event.event) || event.event.type === 'ask-start' || event.event.type === 'turn-start';
}

async function openChat(): Promise<void> {
  const command = 'workbench.action.chat.open';
  if (!(await vscode.commands.getCommands(true)).includes(command)) {
    throw new UserError(
      vscode.l10n.t('This editor has no chat, or it is turned off (setting "chat.disableAIFeatures").'),
    );
  }
  // `isPartialQuery`: put into the input box, not sent.
  await vscode.commands.executeCommand(command, { query: '@ml-engineer ', isPartialQuery: true });
}

function pageHtml(webview: vscode.Webview, extension: vscode.Uri): string {
  const nonce = randomBytes(16).toString('base64');
  const address = (...parts: string[]): vscode.Uri => webview.asWebviewUri(vscode.Uri.joinPath(extension, ...parts));
  const policy = `default-src 'none'; style-src ${webview.cspSource}; script-src 'nonce-${nonce}'`;
  return `<!DOCTYPE html>
<html lang="${vscode.env.language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${String(address('media', 'panel.css'))}">
<title>ML Engineer</title>
</head>
<body>
<main id="panel"></main>
<script nonce="${nonce}" src="${String(address('dist', 'panel.js'))}"></script>
</body>
</html>`;
}

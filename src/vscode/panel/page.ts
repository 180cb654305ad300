import * as vscode from 'vscode';
import { isDurable, type AgentEvent } from '../../agent/events';
import type { DiffCache } from '../../panel/folds/changes';
import { toHostSchema, type PanelState, type ToHost, type ToPage } from '../../panel/protocol';
import { throttle } from '../../panel/throttle';
import { VIEW_ID } from '../command-names';
import { showFailure } from '../log';
import { actionsOf } from './actions';
import { pageHtml } from './html';
import { panelLabels } from './labels';
import { stateOf } from './source';
import type { PanelSessions, PanelWorld } from './world';

const REDRAW_MS = 100;

/** Shows the current session in the side bar. The page holds nothing: it may be hidden, reloaded or killed at any time. */
export function registerPanel(context: vscode.ExtensionContext, world: PanelWorld): void {
  const provider: vscode.WebviewViewProvider = {
    resolveWebviewView(view) {
      const page = new PanelPage(view.webview, context.extensionUri, world);
      const look = (): void => {
        world.runs.seen = view.visible;
      };
      look();
      const looking = view.onDidChangeVisibility(look);
      view.onDidDispose(() => {
        looking.dispose();
        world.runs.seen = false;
        page.dispose();
      });
    },
  };
  context.subscriptions.push(vscode.window.registerWebviewViewProvider(VIEW_ID, provider));
}

class PanelPage {
  readonly #webview: vscode.Webview;
  readonly #world: PanelWorld;
  readonly #labels = panelLabels();
  readonly #redraw = throttle(() => this.#send(), REDRAW_MS);
  readonly #listeners: vscode.Disposable[];
  #diffs: DiffCache = new Map();
  /** A page that has not said `ready` since it was loaded drops what it is sent. */
  #ready = false;
  /** Each section as the page has it. */
  #sent = new Map<string, string>();
  #retrying: PanelSessions['retrying'];

  constructor(webview: vscode.Webview, extension: vscode.Uri, world: PanelWorld) {
    this.#webview = webview;
    this.#world = world;
    this.#listeners = [
      webview.onDidReceiveMessage((message: unknown) => void this.#receive(message)),
      world.questions.onDidChange(() => this.#redraw.request()),
      world.composer.onDidChange(() => this.#redraw.request()),
      world.archive.onDidChange(() => this.#redraw.request()),
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
    if (message.type === 'ready') {
      this.#ready = true;
      this.#sent.clear();
      return this.#redraw.request();
    }
    const actions = actionsOf(this.#world);
    await (actions[message.type] as (message: ToHost) => unknown)(message);
  }

  async #send(): Promise<void> {
    if (!this.#ready) return;
    try {
      const state = await stateOf(this.#world, this.#labels, this.#diffs);
      const texts = Object.entries(state).map(([section, value]) => [section, JSON.stringify(value)] as const);
      const changed = texts.filter(([section, text]) => this.#sent.get(section) !== text);
      if (changed.length === 0) return;
      const some = Object.fromEntries(changed.map(([section]) => [section, state[section as keyof PanelState]]));
      const message: ToPage = { type: 'state', state: some };
      // A hidden page takes nothing: it says `ready` again when it is shown.
      if (await this.#webview.postMessage(message))
        for (const [section, text] of changed) this.#sent.set(section, text);
    } catch (error) {
      this.#world.log.error('The panel could not be drawn', error);
    }
  }
}

/** Text that streams by changes nothing that is shown; of a subagent, what it is at is shown. */
function isShown(event: AgentEvent): boolean {
  if (event.type !== 'subagent') return isDurable(event);
  return isDurable(event.event) || event.event.type === 'ask-start' || event.event.type === 'turn-start';
}

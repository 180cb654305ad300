import * as vscode from 'vscode';
import { isDurable, type AgentEvent } from '../../agent/events';
import { toHostSchema, type PanelState, type ToHost, type ToPage } from '../../panel/protocol';
import { throttle } from '../../panel/throttle';
import { VIEW_ID } from '../command-names';
import { showFailure } from '../log';
import { actionsOf } from './actions';
import { activityNow, isPassing, RowFeed } from './activity';
import { pageHtml } from './html';
import { panelLabels } from './labels';
import { stateOf, type Drawn } from './source';
import type { PanelSessions, PanelWorld } from './world';

const REDRAW_MS = 100;

/** Shows the current session in the side bar. The page holds nothing: it may be hidden, reloaded or killed at any time. */
export function registerPanel(context: vscode.ExtensionContext, world: PanelWorld): void {
  const provider: vscode.WebviewViewProvider = {
    resolveWebviewView(view) {
      const page = new PanelPage(view.webview, context.extensionUri, world);
      const { questions } = world;
      const look = (): void => {
        world.runs.seen = view.visible;
        world.jobDesk.seen = view.visible;
      };
      look();
      const looking = view.onDidChangeVisibility(look);
      const badge = (): void => {
        const value = questions.pending.length;
        view.badge =
          value === 0 ? undefined : { value, tooltip: vscode.l10n.t('Questions that wait for you: {0}', value) };
      };
      badge();
      const asked = questions.onDidChange(badge);
      view.onDidDispose(() => {
        looking.dispose();
        world.runs.seen = false;
        world.jobDesk.seen = false;
        asked.dispose();
        page.dispose();
      });
    },
  };
  context.subscriptions.push(
    vscode.window.registerWebviewViewProvider(VIEW_ID, provider),
    world.sessions.onDidChange(({ session, event }) => session && event && world.heard.hear(session, event)),
  );
}

class PanelPage {
  readonly #webview: vscode.Webview;
  readonly #world: PanelWorld;
  readonly #labels = panelLabels();
  readonly #redraw = throttle(() => this.#send(), REDRAW_MS);
  readonly #listeners: vscode.Disposable[];
  readonly #rows: RowFeed;
  readonly #drawn: Drawn = { diffs: new Map(), openDiffs: new WeakMap() };
  /** A page that has not said `ready` since it was loaded drops what it is sent. */
  #ready = false;
  /** Each section as the page has it. */
  #sent = new Map<string, string>();
  #retrying: PanelSessions['retrying'];
  /** More than what streams by has changed since the last message. */
  #isStale = true;

  constructor(webview: vscode.Webview, extension: vscode.Uri, world: PanelWorld) {
    this.#webview = webview;
    this.#world = world;
    this.#rows = new RowFeed(world);
    this.#listeners = [
      webview.onDidReceiveMessage((message: unknown) => void this.#receive(message)),
      world.questions.onDidChange(() => this.#changed()),
      world.composer.onDidChange(() => this.#changed()),
      world.archive.onDidChange(() => this.#changed()),
      world.openReviews.onDidChange(() => this.#changed()),
      world.checkpoints.onDidChange(() => this.#changed()),
      world.runShelf.onDidChange(() => this.#changed()),
      world.jobDesk.onDidChange(() => this.#changed()),
      world.sessions.onDidChange(({ event }) => {
        const { retrying } = world.sessions;
        if (!event || isShown(event) || retrying !== this.#retrying) this.#changed();
        else if (isPassing(event)) this.#redraw.request();
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

  #changed(): void {
    this.#isStale = true;
    this.#redraw.request();
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
      this.#rows.reset();
      this.#world.jobDesk.reset();
      return this.#changed();
    }
    const actions = actionsOf(this.#world, (answer) => this.#webview.postMessage(answer));
    await (actions[message.type] as (message: ToHost) => unknown)(message);
  }

  async #send(): Promise<void> {
    if (!this.#ready) return;
    try {
      const isWhole = this.#isStale;
      this.#isStale = false;
      await this.#sendSections(isWhole ? await this.#whole() : { activity: activityNow(this.#world) });
      // After the state: the page draws nothing before it has one.
      const news = isWhole ? this.#rows.news() : undefined;
      if (news && (await this.#webview.postMessage(news.message))) news.taken();
      const curves = isWhole ? this.#world.jobDesk.curves() : undefined;
      if (curves && (await this.#webview.postMessage(curves.message))) curves.taken();
    } catch (error) {
      this.#world.log.error('The panel could not be drawn', error);
    }
  }

  async #whole(): Promise<PanelState> {
    const state = await stateOf(this.#world, this.#labels, this.#drawn);
    if (state.changes.files.some(({ diff }) => diff.kind === 'none' && diff.why === 'comparing')) this.#changed();
    return state;
  }

  async #sendSections(state: Partial<PanelState>): Promise<void> {
    const texts = Object.entries(state).map(([section, value]) => [section, JSON.stringify(value)] as const);
    const changed = texts.filter(([section, text]) => this.#sent.get(section) !== text);
    if (changed.length === 0) return;
    const some = Object.fromEntries(changed.map(([section]) => [section, state[section as keyof PanelState]]));
    const message: ToPage = { type: 'state', state: some };
    // A hidden page takes nothing: it says `ready` again when it is shown.
    if (await this.#webview.postMessage(message)) for (const [section, text] of changed) this.#sent.set(section, text);
  }
}

/** What streams by changes only what is shown of it; of a subagent, what it is at is shown. */
function isShown(event: AgentEvent): boolean {
  if (event.type !== 'subagent') return isDurable(event);
  return isDurable(event.event) || event.event.type === 'ask-start' || event.event.type === 'turn-start';
}

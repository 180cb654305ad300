import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import * as z from 'zod';
import type { Mode } from '../../agent/approval';
import { UserError } from '../../agent/tool';
import {
  IMAGE_ICON,
  MAX_IMAGE_BYTES,
  MAX_IMAGES,
  type PanelComposer,
  type Suggestion,
} from '../../panel/sections/composer';
import { label } from '../../text/label';
import { mediaKind } from '../../text/media';
import type { PanelMessage, PanelRuns } from '../panel-run';
import { readSettings } from '../settings';
import type { PanelEffort } from './effort';
import type { PanelModel } from './picking';
import { offersFor, skillOffers, type Offer, type Suggesting } from './suggesting';

const MAX_ATTACHED = 20;
const MAX_NAME_CHARACTERS = 60;
const MAX_QUEUED_CHARACTERS = 300;
const KEY = 'mlEngineer.panelAttached';
const TYPED = 'mlEngineer.panelTyped';

interface Attached {
  id: string;
  label: string;
  icon: string;
  reference: vscode.ChatPromptReference;
}

export interface Composing extends Suggesting {
  runs: PanelRuns;
  model: PanelModel;
  effort: PanelEffort;
  state: vscode.Memento;
  /** The mode that counts, a repository's narrowing among it. */
  mode: () => Mode;
}

const keptSchema = z.array(
  z.object({
    label: z.string(),
    icon: z.string(),
    uri: z.string(),
    range: z.optional(z.tuple([z.int(), z.int(), z.int(), z.int()])),
  }),
);

/** What stands in the panel's composer beside the typed text: attachments, suggestions, the values of its buttons. */
export class Composer implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #listeners: vscode.Disposable[];
  #attached: Attached[];
  #offers = new Map<string, Offer>();
  #suggestions: PanelComposer['suggestions'] = { request: 0, items: [] };
  #draft: PanelComposer['draft'] = { version: '', text: '' };
  #searching = new AbortController();

  constructor(private readonly composing: Composing) {
    this.#attached = recalled(composing.state);
    const tell = (): void => this.#changed.fire();
    this.#listeners = [
      composing.runs.onDidChange(tell),
      composing.effort.onDidChange(tell),
      composing.runs.onDidRefuse((message) => this.putBack(message)),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (!event.affectsConfiguration('mlEngineer')) return;
        tell();
        void composing.effort.look();
      }),
    ];
  }

  get state(): PanelComposer {
    const { runs, model, effort, mode } = this.composing;
    const { lines, buttons } = runs.notice;
    return {
      droid: readSettings().droid,
      model: model.shown,
      effort: effort.shown,
      mode: mode(),
      busy: runs.busy,
      attachments: this.#attached.map(({ id, label: shown, icon }) => ({ id, label: shown, icon })),
      suggestions: this.#suggestions,
      said: runs.said.map((text) => label(text, MAX_QUEUED_CHARACTERS)),
      queue: runs.queue.map(({ id, text }) => ({ id, text: label(text, MAX_QUEUED_CHARACTERS) })),
      notice: { lines, buttons: buttons.map(({ command, title }) => ({ id: command, label: title })) },
      typed: this.composing.state.get(TYPED, ''),
      draft: this.#draft,
    };
  }

  /** What goes along with the message that is sent now: it is attached no more. */
  take(): vscode.ChatPromptReference[] {
    const references = this.#attached.map(({ reference }) => reference);
    this.#attached = [];
    this.typed('');
    this.#keep();
    return references;
  }

  /** What stands in the prompt: the page may be gone before it has kept it. */
  typed(text: string): void {
    void this.composing.state.update(TYPED, text);
  }

  /** Puts a message back where it was written. */
  putBack({ text, references }: PanelMessage): void {
    this.#draft = { version: randomUUID(), text };
    const back = references.map((reference) => attachedOf(reference));
    this.#attached = [...this.#attached, ...back].slice(0, MAX_ATTACHED);
    this.#keep();
  }

  /** Looks for what fits; what an earlier request still looks for is given up. */
  async suggest(request: number, kind: '@' | '/', query: string): Promise<void> {
    this.#searching.abort();
    const { signal } = (this.#searching = new AbortController());
    const { composing } = this;
    try {
      const offers = await (kind === '@' ? offersFor(query, composing, signal) : skillOffers(query, composing));
      if (signal.aborted) return;
      this.#offers = new Map(offers.map((offer) => [randomUUID(), offer]));
      const items = [...this.#offers].map(([id, { text, label: shown, detail, icon }]): Suggestion => {
        return { id, text, label: shown, detail, icon };
      });
      this.#suggestions = { request, items };
      this.#changed.fire();
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** Attaches one of the last suggestions; any other name attaches nothing. */
  async attach(id: string): Promise<void> {
    const offer = this.#offers.get(id);
    if (!offer?.take) return;
    const value = await offer.take();
    if (value === undefined) throw new UserError(vscode.l10n.t('{0}: there is nothing to attach.', offer.label));
    this.#add({ label: offer.text, icon: offer.icon, value });
  }

  /** An image that was pasted or dropped: base64, told by its bytes and not by what the page calls it. */
  attachImage(name: string, data: string): void {
    const bytes = Buffer.from(data, 'base64');
    const mimeType = mediaKind(bytes);
    if (!mimeType?.startsWith('image/') || bytes.length > MAX_IMAGE_BYTES)
      throw new UserError(
        vscode.l10n.t(
          '{0} is no image that a model takes: PNG, JPEG, GIF or WebP up to 5 MB.',
          label(name, MAX_NAME_CHARACTERS),
        ),
      );
    if (this.#attached.filter(({ icon }) => icon === IMAGE_ICON).length >= MAX_IMAGES)
      throw new UserError(vscode.l10n.t('No more than {0} images go with one message.', MAX_IMAGES));
    const value = { mimeType, data: () => Promise.resolve(new Uint8Array(bytes)) };
    this.#add({ label: label(name, MAX_NAME_CHARACTERS) || vscode.l10n.t('image'), icon: IMAGE_ICON, value });
  }

  /** What was dropped here from the editor's own Explorer. It is read when it is sent, and judged then like any reading. */
  async attachFiles(addresses: readonly string[]): Promise<void> {
    for (const address of addresses) {
      const { uri, type } = await ofWorkspace(address);
      const icon = type & vscode.FileType.Directory ? 'folder' : 'file';
      this.#add({ label: vscode.workspace.asRelativePath(uri), icon, value: uri });
    }
  }

  detach(id: string): void {
    this.#attached = this.#attached.filter((one) => one.id !== id);
    this.#keep();
  }

  /** One of its buttons chose something. */
  changed(): void {
    this.#changed.fire();
    void this.composing.effort.look();
  }

  dispose(): void {
    this.#searching.abort();
    for (const listener of this.#listeners) listener.dispose();
    this.#changed.dispose();
  }

  #add({ label: shown, icon, value }: { label: string; icon: string; value: unknown }): void {
    if (this.#attached.length >= MAX_ATTACHED)
      throw new UserError(vscode.l10n.t('No more than {0} attachments go with one message.', MAX_ATTACHED));
    const id = randomUUID();
    const reference = { id, value, modelDescription: shown } as vscode.ChatPromptReference;
    this.#attached = [...this.#attached, { id, label: shown, icon, reference }];
    this.#keep();
  }

  /** Files and parts of them are remembered over a reload; images and texts live as long as the window. */
  #keep(): void {
    const kept = this.#attached.flatMap(({ label: shown, icon, reference: { value } }) => {
      const uri = value instanceof vscode.Location ? value.uri : value;
      if (!(uri instanceof vscode.Uri) || uri.scheme !== 'file') return [];
      const { start, end } = value instanceof vscode.Location ? value.range : {};
      const range = start && end ? { range: [start.line, start.character, end.line, end.character] } : {};
      return [{ label: shown, icon, uri: uri.toString(), ...range }];
    });
    void this.composing.state.update(KEY, kept);
    this.#changed.fire();
  }
}

/** The page is not trusted: looking at an address of elsewhere would reach another machine already. Throws UserError. */
async function ofWorkspace(address: string): Promise<{ uri: vscode.Uri; type: vscode.FileType }> {
  const given = vscode.Uri.parse(address);
  // The workbench names a file of a remote workspace by its machine; here that is this one.
  const uri = given.scheme === 'vscode-remote' ? given.with({ scheme: 'file', authority: '' }) : given;
  const shown = label(vscode.workspace.asRelativePath(uri), MAX_NAME_CHARACTERS);
  if (uri.scheme !== 'file' || !vscode.workspace.getWorkspaceFolder(uri))
    throw new UserError(vscode.l10n.t('{0} is no file of this workspace.', shown));
  try {
    return { uri, type: (await vscode.workspace.fs.stat(uri)).type };
  } catch {
    throw new UserError(vscode.l10n.t('{0}: there is nothing to attach.', shown));
  }
}

function attachedOf(reference: vscode.ChatPromptReference): Attached {
  const { value, modelDescription } = reference;
  const isPlace = value instanceof vscode.Uri || value instanceof vscode.Location;
  return {
    id: randomUUID(),
    label: modelDescription ?? reference.id,
    icon: isPlace ? 'file' : IMAGE_ICON,
    reference,
  };
}

function recalled(state: vscode.Memento): Attached[] {
  return (keptSchema.safeParse(state.get(KEY)).data ?? []).map(({ label: shown, icon, uri, range }) => {
    const id = randomUUID();
    const at = vscode.Uri.parse(uri);
    const value = range ? new vscode.Location(at, new vscode.Range(...range)) : at;
    return { id, label: shown, icon, reference: { id, value, modelDescription: shown } };
  });
}

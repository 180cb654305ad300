import * as vscode from 'vscode';
import * as z from 'zod';
import type { AgentEvent } from '../agent/events';
import { skillMarksIn } from '../agent/skill-marks';
import { loadLibrary, type Library, type LibraryChoices, type Places } from '../library/library';
import { nameKey, type Shadow } from '../library/shadowing';
import type { LibraryCache } from '../library/sources';
import { diskFolders } from './folders';

const namesSchema = z.array(z.string()).catch([]);
const choicesSchema = z
  .object({ pinned: namesSchema, muted: namesSchema, accepted: namesSchema })
  .catch({ pinned: [], muted: [], accepted: [] });
const usesSchema = z.record(z.string(), z.number()).catch({});
type Kept = z.infer<typeof choicesSchema>;

const KEYS = { choices: 'mlEngineer.library', uses: 'mlEngineer.skillUses' };
const MAX_ACCEPTED = 1_000;

/** The library as this window sees it, with what the person chose. Kept in the extension's own storage, by names and hashes. */
export class Shelf implements vscode.Disposable {
  readonly cache: LibraryCache = new Map();
  readonly #workspace: vscode.Memento;
  readonly #everywhere: vscode.Memento;
  readonly #changed = new vscode.EventEmitter<void>();
  /** What was chosen. */
  readonly onDidChange = this.#changed.event;
  readonly #told = new Set<string>();

  constructor(
    { workspaceState, globalState }: Pick<vscode.ExtensionContext, 'workspaceState' | 'globalState'>,
    private readonly places: Places,
  ) {
    this.#workspace = workspaceState;
    this.#everywhere = globalState;
  }

  get choices(): LibraryChoices {
    const { pinned, muted, accepted } = this.#kept;
    const uses = new Map(Object.entries(usesSchema.parse(this.#everywhere.get(KEYS.uses))));
    return {
      isPinned: (name) => pinned.includes(nameKey(name)),
      isMuted: (name) => muted.includes(nameKey(name)),
      isAccepted: (acceptance) => accepted.includes(acceptance),
      uses: (name) => uses.get(nameKey(name)) ?? 0,
    };
  }

  /** Reads what is there now. */
  load(): Promise<Library> {
    const folders = diskFolders().map(({ path }) => path);
    const { places, choices, cache } = this;
    return loadLibrary({ folders, places, trusted: vscode.workspace.isTrusted, choices, cache });
  }

  /** Pins or mutes a skill, or takes that back. One that is pinned is not muted. */
  async toggle(what: 'pinned' | 'muted', name: string): Promise<void> {
    const key = nameKey(name);
    const kept = this.#kept;
    const without = (names: readonly string[]): string[] => names.filter((one) => one !== key);
    const rest = { ...kept, pinned: without(kept.pinned), muted: without(kept.muted) };
    await this.#keep(kept[what].includes(key) ? rest : { ...rest, [what]: [...rest[what], key] });
  }

  async accept({ acceptance }: Pick<Shadow<never>, 'acceptance'>): Promise<void> {
    const accepted = [...this.#kept.accepted.filter((one) => one !== acceptance), acceptance].slice(-MAX_ACCEPTED);
    await this.#keep({ ...this.#kept, accepted });
  }

  async takeBack(acceptance: string): Promise<void> {
    await this.#keep({ ...this.#kept, accepted: this.#kept.accepted.filter((one) => one !== acceptance) });
  }

  /** Counts the skills that an event loads: those that are used least are told in short first. */
  async count(event: AgentEvent): Promise<void> {
    if (!('id' in event)) return;
    const names = skillMarksIn([{ id: event.id, parent: null, at: '', event }]).flatMap(({ name, state, why }) =>
      state === 'loaded' && why !== 'start' ? [nameKey(name)] : [],
    );
    if (names.length === 0) return;
    const uses = new Map(Object.entries(usesSchema.parse(this.#everywhere.get(KEYS.uses))));
    for (const name of names) uses.set(name, (uses.get(name) ?? 0) + 1);
    await this.#everywhere.update(KEYS.uses, Object.fromEntries(uses));
  }

  /** Those of the lines that this window has not shown yet: a repository's faults need no telling with every answer. */
  untold(lines: readonly string[]): string[] {
    const fresh = lines.filter((line) => !this.#told.has(line));
    for (const line of fresh) this.#told.add(line);
    return fresh;
  }

  dispose(): void {
    this.#changed.dispose();
  }

  get #kept(): Kept {
    return choicesSchema.parse(this.#workspace.get(KEYS.choices));
  }

  async #keep(kept: Kept): Promise<void> {
    await this.#workspace.update(KEYS.choices, kept);
    this.#changed.fire();
  }
}

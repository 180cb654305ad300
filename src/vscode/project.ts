import * as vscode from 'vscode';
import type { Policy } from '../agent/approval';
import { projectEnvironment, withProjects, type ProjectSettings, type Widening } from '../agent/project-settings';
import type { Folder } from '../host/host';
import { readProjectSettings } from '../host/project-settings';
import { TOOL_NAMES } from '../tools/index';

const KEY = 'mlEngineer.projects';
type Answer = 'accepted' | 'ignored';

/**
 * What the repositories of this workspace say of permissions. Narrowing counts at once; a person is asked once for what
 * widens, and the answer is kept by the hash of what was shown, in the extension's own storage.
 */
export class Project {
  readonly #state: vscode.Memento;
  /** Shown in this window, answered or not. */
  readonly #offered = new Set<string>();
  #settings: ProjectSettings[] = [];

  constructor({ workspaceState }: Pick<vscode.ExtensionContext, 'workspaceState'>) {
    this.#state = workspaceState;
  }

  /** Reads the files as they are now, and asks for what is new in them. An untrusted workspace is not read. */
  async load(folders: readonly Folder[]): Promise<void> {
    this.#settings = vscode.workspace.isTrusted ? await readProjectSettings(folders, TOOL_NAMES) : [];
    for (const { widening, shown } of this.#settings) {
      if (!widening || this.#answers[widening.hash] || this.#offered.has(widening.hash)) continue;
      this.#offered.add(widening.hash);
      void this.#offer(widening, shown);
    }
  }

  /** What is wrong with the files, for the person. */
  get problems(): string[] {
    return this.#settings.flatMap(({ problems }) => problems);
  }

  /** Variables for commands, as accepted. */
  get variables(): Record<string, string> {
    return projectEnvironment(this.#settings, this.#isAccepted);
  }

  /** Globs of more artefacts. */
  get artefacts(): string[] {
    return this.#settings.flatMap(({ artefacts }) => artefacts);
  }

  apply(policy: Policy): Policy {
    return withProjects(policy, this.#settings, this.#isAccepted);
  }

  /** The files whose widening was accepted and counts. */
  accepted(): { shown: string; hash: string }[] {
    return this.#settings.flatMap(({ shown, widening }) =>
      widening && this.#isAccepted(widening.hash) ? [{ shown, hash: widening.hash }] : [],
    );
  }

  async answer(hash: string, answer: Answer): Promise<void> {
    await this.#state.update(KEY, { ...this.#answers, [hash]: answer });
  }

  get #answers(): Readonly<Record<string, unknown>> {
    const stored = this.#state.get<unknown>(KEY);
    return typeof stored === 'object' && stored !== null ? (stored as Record<string, unknown>) : {};
  }

  readonly #isAccepted = (hash: string): boolean => this.#answers[hash] === 'accepted';

  /** Asks beside the work, which goes on without what was not accepted. */
  async #offer({ text, hash }: Widening, shown: string): Promise<void> {
    const [show, accept, ignore] = [vscode.l10n.t('Show'), vscode.l10n.t('Accept'), vscode.l10n.t('Ignore')];
    for (;;) {
      const picked = await vscode.window.showWarningMessage(
        vscode.l10n.t(
          '{0} of this repository asks for more permissions than ML Engineer gives by itself. They do not count unless you accept them.',
          shown,
        ),
        ...[show, accept, ignore],
      );
      if (picked === accept) return this.answer(hash, 'accepted');
      if (picked === ignore) return this.answer(hash, 'ignored');
      if (picked !== show) return; // Waved away: asked again by the next window.
      const document = await vscode.workspace.openTextDocument({ content: `${text}\n`, language: 'plaintext' });
      await vscode.window.showTextDocument(document, { preview: true });
    }
  }
}

import * as vscode from 'vscode';
import * as z from 'zod';
import { MODES, type Mode } from '../../agent/approval';
import { label } from '../../text/label';
import { AUTO, VENDOR, type OwnModel } from '../model-choice';
import type { ModelList } from '../model-list';
import { readSettings, SECTION } from '../settings';

const KEY = 'mlEngineer.panelModel';
const MAX_NAME_CHARACTERS = 60;
const chosenSchema = z.object({ vendor: z.string(), id: z.string(), name: z.string() });

/** The model that the panel asks, as a person picked it; kept for all workspaces, like the chat's own choice. */
export class PanelModel {
  constructor(
    private readonly state: vscode.Memento,
    private readonly list: Pick<ModelList, 'list'>,
  ) {}

  /** For the button. */
  get shown(): string {
    return this.#chosen?.name ?? vscode.l10n.t('Auto');
  }

  /** The model itself; `undefined` leaves the choice to settings and droid. */
  async picked(): Promise<vscode.LanguageModelChat | OwnModel | undefined> {
    const chosen = this.#chosen;
    if (!chosen || (chosen.vendor === VENDOR && chosen.id === AUTO)) return undefined;
    if (chosen.vendor === VENDOR) return { vendor: VENDOR, id: chosen.id };
    return (await vscode.lm.selectChatModels({ vendor: chosen.vendor, id: chosen.id }))[0];
  }

  async pick(): Promise<void> {
    const auto = { label: vscode.l10n.t('Auto'), description: vscode.l10n.t('as settings and droid say') };
    const ours = this.list.list().map(({ id }) => ({ label: id, chosen: { vendor: VENDOR, id, name: id } }));
    const others = (await othersModels()).map(({ vendor, id, name }) => ({
      label: label(name, MAX_NAME_CHARACTERS),
      description: label(vendor, MAX_NAME_CHARACTERS),
      chosen: { vendor, id, name: label(name, MAX_NAME_CHARACTERS) },
    }));
    const items: (vscode.QuickPickItem & { chosen?: z.infer<typeof chosenSchema> })[] = [auto, ...ours, ...others];
    const placeHolder = vscode.l10n.t('The model that answers from the next message on');
    const picked = await vscode.window.showQuickPick(items, { title: vscode.l10n.t('Choose a Model'), placeHolder });
    if (picked) await this.state.update(KEY, picked.chosen);
  }

  get #chosen(): z.infer<typeof chosenSchema> | undefined {
    return chosenSchema.safeParse(this.state.get(KEY)).data;
  }
}

/** An editor without chat may have no models of others. */
async function othersModels(): Promise<vscode.LanguageModelChat[]> {
  try {
    return (await vscode.lm.selectChatModels()).filter(({ vendor }) => vendor !== VENDOR);
  } catch {
    return [];
  }
}

/** What runs without asking, picked by a person and kept in their own settings. */
export async function pickMode(): Promise<void> {
  const { permissionMode } = readSettings();
  const says: Record<Mode, string> = {
    plan: vscode.l10n.t('reads; changes and runs nothing'),
    ask: vscode.l10n.t('reads inside the workspace; asks for all else'),
    acceptEdits: vscode.l10n.t('also edits inside the workspace'),
    auto: vscode.l10n.t('also runs commands that only read, and reviewed code of the repository'),
  };
  const items = MODES.map((mode) => ({
    label: mode,
    detail: says[mode],
    ...(mode === permissionMode ? { description: vscode.l10n.t('in use') } : {}),
  }));
  const placeHolder = vscode.l10n.t('What runs without asking');
  const picked = await vscode.window.showQuickPick(items, { title: vscode.l10n.t('Permission Mode'), placeHolder });
  if (!picked) return;
  await vscode.workspace
    .getConfiguration(SECTION)
    .update('permissionMode', picked.label, vscode.ConfigurationTarget.Global);
}

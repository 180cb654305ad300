import * as vscode from 'vscode';
import type { Droid } from '../../library/droids';
import { effortChoice, effortFor, type Effort } from '../../models/capabilities';
import { wantedEffort, type Models } from '../model-choice';
import { readSettings, SECTION } from '../settings';
import type { PanelModel } from './picking';

export interface EffortWorld {
  models: Pick<Models, 'efforts'>;
  model: Pick<PanelModel, 'picked'>;
  /** The droid that a message would be given to now. */
  droid: () => Promise<Pick<Droid, 'model' | 'effort'>>;
}

interface Choice {
  efforts: readonly Effort[];
  /** As the droid says. */
  own: Effort | undefined;
  /** As it is asked for now. */
  now: Effort | undefined;
}

/** How hard the panel's model is to try: what can be chosen, which is another for each model, and what holds. */
export class PanelEffort implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  #choice: Choice | undefined;
  #looks = 0;

  constructor(private readonly world: EffortWorld) {}

  /** For the button; `null` where the model takes none. What is not known yet is looked for. */
  get shown(): string | null {
    if (!this.#choice && this.#looks === 0) void this.look();
    if (!this.#choice || this.#choice.efforts.length === 0) return null;
    return this.#choice.now ?? vscode.l10n.t('Auto');
  }

  /** Looks anew, since model, droid or settings may have changed. Never throws. */
  async look(): Promise<void> {
    const mine = (this.#looks += 1);
    const choice = await this.#look().catch(() => undefined);
    // A later look knows better.
    if (mine !== this.#looks || JSON.stringify(choice) === JSON.stringify(this.#choice)) return;
    this.#choice = choice;
    this.#changed.fire();
  }

  async pick(): Promise<void> {
    await this.look();
    const { efforts = [], own, now } = this.#choice ?? {};
    const isAuto = readSettings().effort === '';
    const inUse = vscode.l10n.t('in use');
    const auto = {
      label: vscode.l10n.t('Auto'),
      detail: own
        ? vscode.l10n.t('as the droid says: {0}', own)
        : vscode.l10n.t('as the model does where nobody says anything'),
      effort: '' as const,
      ...(isAuto ? { description: inUse } : {}),
    };
    const says = effortWords();
    const items = efforts.map((effort) => ({
      label: effort,
      detail: says[effort],
      effort,
      ...(!isAuto && effort === now ? { description: inUse } : {}),
    }));
    const placeHolder = vscode.l10n.t(
      'How hard the model tries, from the next message on; what was said so far is read without the cache once',
    );
    const options = { title: vscode.l10n.t('Choose an Effort'), placeHolder };
    const picked = await vscode.window.showQuickPick([auto, ...items], options);
    if (!picked) return;
    await vscode.workspace.getConfiguration(SECTION).update('effort', picked.effort, vscode.ConfigurationTarget.Global);
    await this.look();
  }

  dispose(): void {
    this.#changed.dispose();
  }

  async #look(): Promise<Choice> {
    const { models, model, droid } = this.world;
    const [picked, chosen] = await Promise.all([model.picked(), droid()]);
    const efforts = await models.efforts(picked, chosen);
    return {
      efforts,
      own: effortFor(effortChoice({ droid: chosen.effort }), efforts),
      now: effortFor(wantedEffort(chosen), efforts),
    };
  }
}

function effortWords(): Record<Effort, string> {
  return {
    low: vscode.l10n.t('short answers and few calls; the cheapest'),
    medium: vscode.l10n.t('for everyday work'),
    high: vscode.l10n.t('thinks things through'),
    xhigh: vscode.l10n.t('for long work on hard problems'),
    max: vscode.l10n.t('as much as it can, whatever it costs'),
  };
}

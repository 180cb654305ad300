import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import { orAborted } from '../agent/abort';
import type { AskPerson, AskRequest } from '../agent/calls';
import { CHOICES, type PanelQuestion } from '../panel/sections/asking';
import { visible } from '../text/visible';
import { answer, factsOf, lostIn, panelLabelsFor, reasonsOf, titleOf, type PanelAnswer } from './ask';
import { VIEW_ID } from './command-names';
import type { Permissions } from './permissions';

interface Waiting {
  question: PanelQuestion;
  decide: (given: PanelAnswer) => void;
}

/**
 * The questions that wait for the person at this window: those of background subagents, which the panel asks, and those
 * that the chat asks, which the panel only tells of.
 */
export class Questions implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #waiting = new Map<string, Waiting>();
  readonly #inChat = new Map<AskRequest, string>();

  constructor(private readonly permissions: Permissions) {}

  /** What the panel asks, oldest first. */
  get pending(): PanelQuestion[] {
    return [...this.#waiting.values()].map(({ question }) => question);
  }

  /** The titles of what the chat of a session asks. */
  inChat(session: string): string[] {
    return [...this.#inChat].flatMap(([request, of]) => (of === session ? [titleOf(request)] : []));
  }

  /** Answers what the panel asked. An id that waits no longer, or a choice that was not offered, changes nothing. */
  answer(id: string, given: PanelAnswer): void {
    const waiting = this.#waiting.get(id);
    if (waiting?.question.choices.some(({ choice }) => choice === given.choice)) waiting.decide(given);
  }

  /** Has the panel ask, with a notification that leads there unless it `isSeen`. What is pressed in our own page was pressed by a person. */
  askInPanel(session: string, isSeen = (): boolean => false): AskPerson {
    return async (request, signal) => {
      return answer(await this.#ask(request, signal, isSeen()), request, { permissions: this.permissions, session });
    };
  }

  /** Notes for the panel that the chat asks, as long as it does. */
  whileAsking(session: string, ask: AskPerson): AskPerson {
    return async (request, signal) => {
      this.#inChat.set(request, session);
      this.#changed.fire();
      try {
        return await ask(request, signal);
      } finally {
        this.#inChat.delete(request);
        this.#changed.fire();
      }
    };
  }

  dispose(): void {
    this.#changed.dispose();
  }

  async #ask(request: AskRequest, signal: AbortSignal, isSeen: boolean): Promise<PanelAnswer> {
    const id = randomUUID();
    const labels = panelLabelsFor(request);
    const question: PanelQuestion = {
      id,
      title: titleOf(request),
      body: visible(request.preview.body),
      facts: factsOf(request),
      losses: lostIn(request),
      reasons: reasonsOf(request),
      editable: request.preview.editable === undefined ? null : request.preview.body,
      choices: CHOICES.flatMap((choice) => {
        const label = labels[choice];
        return label === undefined ? [] : [{ choice, label }];
      }),
    };
    const decided = new Promise<PanelAnswer>((decide) => this.#waiting.set(id, { question, decide }));
    this.#changed.fire();
    if (!isSeen) void this.#notify(question);
    try {
      return await orAborted(decided, signal);
    } finally {
      this.#waiting.delete(id);
      this.#changed.fire();
    }
  }

  async #notify({ title }: PanelQuestion): Promise<void> {
    const open = vscode.l10n.t('Open Panel');
    const message = vscode.l10n.t('ML Engineer waits for your answer. {0}', title);
    const picked = await vscode.window.showWarningMessage(message, open);
    if (picked === open) await vscode.commands.executeCommand(`${VIEW_ID}.focus`);
  }
}

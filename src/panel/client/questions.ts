import type { Labels, PanelQuestion, ToHost } from '../protocol';
import { element } from './element';

/** The questions that the panel asks, as cards. A card keeps its element, and with it focus and scroll, until it is answered. */
export class QuestionList {
  readonly node = element('div', { class: 'questions', attributes: { role: 'alert' } });
  #cards = new Map<string, HTMLElement>();
  readonly #send: (message: ToHost) => void;

  constructor(send: (message: ToHost) => void) {
    this.#send = send;
  }

  redraw(questions: readonly PanelQuestion[], labels: Labels): void {
    const there = new Set(questions.map(({ id }) => id));
    for (const [id, card] of this.#cards) {
      if (there.has(id)) continue;
      card.remove();
      this.#cards.delete(id);
    }
    for (const question of questions) {
      if (this.#cards.has(question.id)) continue;
      const card = this.#draw(question, labels);
      this.#cards.set(question.id, card);
      this.node.append(card);
    }
  }

  #draw({ id, title, body, reasons, choices }: PanelQuestion, labels: Labels): HTMLElement {
    const buttons = choices.map(({ choice, label }, index) =>
      element('button', {
        class: index === 0 ? 'primary' : 'secondary',
        text: label,
        attributes: { type: 'button' },
        onClick: () => this.#send({ type: 'answer', id, choice }),
      }),
    );
    return element(
      'section',
      { class: 'question', attributes: { role: 'group', 'aria-label': title } },
      element('h2', { text: title }),
      // Reachable by Tab, because it may have to be scrolled. Text alone: nothing in it can end it.
      element('pre', { class: 'would', text: body, attributes: { tabindex: '0', 'aria-label': labels.questionBody } }),
      ...reasons.map((reason) => element('p', { class: 'reason', text: reason })),
      element('div', { class: 'choices' }, ...buttons),
    );
  }
}

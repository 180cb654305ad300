import type { JSX } from 'preact';
import type { Labels, Send } from '../protocol';
import type { PanelAsking, PanelQuestion } from '../sections/asking';
import { Link } from './parts';
import { fill } from './text';

/** What waits for the person: the panel's own questions as cards, and word of those that the chat asks. */
export function Asking({ asking, labels, send }: { asking: PanelAsking; labels: Labels; send: Send }): JSX.Element {
  const { questions, waiting } = asking;
  return (
    <>
      <div class="waiting" role="status" aria-live="polite" hidden={waiting.length === 0}>
        {waiting.map((title) => (
          <p>{fill(labels.waitsInChat, title)}</p>
        ))}
        {waiting.length > 0 && <Link text={labels.goToChat} onClick={() => send({ type: 'goToChat' })} />}
      </div>
      <div class="questions" role="alert">
        {questions.map((question) => (
          <Question key={question.id} question={question} labels={labels} send={send} />
        ))}
      </div>
    </>
  );
}

function Question(props: { question: PanelQuestion; labels: Labels; send: Send }): JSX.Element {
  const { id, title, body, reasons, choices } = props.question;
  return (
    <section class="question" role="group" aria-label={title}>
      <h2>{title}</h2>
      {/* Reachable by Tab, because it may have to be scrolled. Text alone: nothing in it can end it. */}
      <pre class="would" tabIndex={0} role="region" aria-label={props.labels.questionBody}>
        {body}
      </pre>
      {reasons.map((reason) => (
        <p class="reason">{reason}</p>
      ))}
      <div class="choices">
        {choices.map(({ choice, label }, index) => (
          <button
            type="button"
            class={index === 0 ? 'primary' : 'secondary'}
            onClick={() => props.send({ type: 'answer', id, choice })}
          >
            {label}
          </button>
        ))}
      </div>
    </section>
  );
}

import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Labels, Send } from '../protocol';
import type { PanelAsking, PanelQuestion } from '../sections/asking';
import { Link } from './parts';
import { fill } from './text';

/** What waits for the person: the panel's own questions as cards, and word of those that the chat asks. */
export function Asking({ asking, labels, send }: { asking: PanelAsking; labels: Labels; send: Send }): JSX.Element {
  const { questions, waiting } = asking;
  return (
    <>
      {/* There before it is filled, and each is said once: so are the others of its kind. */}
      <div class="waiting" role="status" aria-live="polite" aria-atomic={false}>
        {waiting.map((title) => (
          <p key={title}>{fill(labels.waitsInChat, title)}</p>
        ))}
        {waiting.length > 0 && <Link text={labels.goToChat} onClick={() => send({ type: 'goToChat' })} />}
      </div>
      {/* The cards themselves are long, and change as they are written into. */}
      <div class="spoken" role="alert" aria-atomic={false}>
        {questions.map(({ id, title }) => (
          <p key={id}>{`${labels.questions}: ${title}`}</p>
        ))}
      </div>
      <div class="questions">
        {questions.map((question, index) => (
          <Question
            key={question.id}
            question={question}
            at={index + 1}
            of={questions.length}
            labels={labels}
            send={send}
          />
        ))}
      </div>
    </>
  );
}

interface QuestionProps {
  question: PanelQuestion;
  /** Its place in the queue, from 1. */
  at: number;
  of: number;
  labels: Labels;
  send: Send;
}

/** One question. What is typed into it lives as long as its card does. */
function Question({ question, at, of, labels, send }: QuestionProps): JSX.Element {
  const { id, title, body, facts, losses, reasons, choices, editable } = question;
  const [writing, setWriting] = useState<'edit' | 'deny' | undefined>();
  return (
    <section class="question" role="group" aria-label={title}>
      <h2>
        {title}
        {of > 1 && <span class="quiet">{` ${fill(labels.oneOf, at, of)}`}</span>}
      </h2>
      {/* Reachable by Tab, because it may have to be scrolled. Text alone: nothing in it can end it. */}
      {writing !== 'edit' && (
        <pre class="would" tabIndex={0} role="region" aria-label={labels.questionBody}>
          {body}
        </pre>
      )}
      {facts.length > 0 && (
        <ul class="facts" role="list">
          {facts.map((row) => (
            <li>{row}</li>
          ))}
        </ul>
      )}
      {losses.length > 0 && <p class="lost">{labels.mayBeLost}</p>}
      {losses.length > 0 && (
        <ul class="losses" role="list">
          {losses.map((row) => (
            <li>{row}</li>
          ))}
        </ul>
      )}
      {reasons.map((reason) => (
        <p class="reason">{reason}</p>
      ))}
      {writing === 'edit' && (
        <Writing
          text={editable ?? ''}
          label={labels.questionBody}
          action={labels.runEdited}
          back={labels.back}
          onBack={() => setWriting(undefined)}
          onDone={(edited) => send({ type: 'answer', id, choice: 'once', edited })}
        />
      )}
      {writing === 'deny' && (
        <Writing
          text=""
          label={labels.denyReason}
          action={labels.deny}
          back={labels.back}
          onBack={() => setWriting(undefined)}
          onDone={(why) => send({ type: 'answer', id, choice: 'deny', why })}
        />
      )}
      {writing === undefined && (
        <div class="choices">
          {choices.map(({ choice, label }, index) => (
            <button
              type="button"
              class={index === 0 ? 'primary' : 'secondary'}
              onClick={() => send({ type: 'answer', id, choice })}
            >
              {label}
            </button>
          ))}
          {editable !== null && <Link text={labels.editFirst} onClick={() => setWriting('edit')} />}
          <Link text={labels.denyWhy} onClick={() => setWriting('deny')} />
        </div>
      )}
    </section>
  );
}

interface WritingProps {
  text: string;
  label: string;
  action: string;
  back: string;
  onBack: () => void;
  onDone: (text: string) => void;
}

function Writing({ text: given, label, action, back, onBack, onDone }: WritingProps): JSX.Element {
  const [text, setText] = useState(given);
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => field.current?.focus(), []);
  return (
    <>
      <textarea
        ref={field}
        class="writing"
        rows={3}
        value={text}
        aria-label={label}
        placeholder={label}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <div class="choices">
        <button type="button" class="primary" disabled={text.trim() === ''} onClick={() => onDone(text)}>
          {action}
        </button>
        <button type="button" class="secondary" onClick={onBack}>
          {back}
        </button>
      </div>
    </>
  );
}

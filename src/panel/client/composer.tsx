import type { JSX } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Labels, Send } from '../protocol';
import {
  IMAGE_ICON,
  IMAGE_TYPES,
  MAX_IMAGES,
  MAX_PROMPT_CHARACTERS,
  type PanelComposer,
  type Suggestion,
} from '../sections/composer';
import { useDrops } from './drops';
import { readImages } from './images';
import type { Memory } from './memory';
import { Icon, IconButton, Link } from './parts';
import { Suggestions, SUGGESTIONS_ID, optionId } from './suggestions';
import { fill } from './text';
import { tokenAt, withPicked, type Token } from './tokens';

/** What of the page outlives it: the text, and which text that came back was taken in already. */
const DRAFT = 'prompt';
const RETURNED = 'prompt-returned';

interface Props {
  composer: PanelComposer;
  /** What the head of the page says already. */
  said: string;
  labels: Labels;
  send: Send;
  memory: Memory;
}

interface Asked extends Token {
  request: number;
}

/** The host hears of what is typed so long after the last key. */
const TELL_MS = 300;

/** Of files that were not taken, so many are named. */
const MAX_PROBLEMS = 5;

let requests = 0;

/** Where a message is written: it goes to the session at work, waits behind it, or begins a new one. */
export function Composer(props: Props): JSX.Element {
  const { composer, labels, send } = props;
  const draft = useDraft(props);
  const [problems, setProblems] = useState<readonly string[]>([]);
  const { busy, attachments } = composer;
  const take = (files: readonly File[]): void => {
    setProblems([]);
    readImages(files, labels, {
      room: MAX_IMAGES - attachments.filter(({ icon }) => icon === IMAGE_ICON).length,
      found: (name, data) => send({ type: 'attachImage', name, data }),
      failed: (why) => setProblems((before) => [...before, why].slice(0, MAX_PROBLEMS)),
    });
  };
  const isOver = useDrops({
    files: take,
    addresses: (uris) => {
      if (uris.length > 0) send({ type: 'attachFiles', uris });
    },
  });
  const submit = (type: 'send' | 'steer'): void => {
    if (draft.text.trim() === '' && (type === 'steer' || attachments.length === 0)) return;
    send({ type, text: draft.text });
    setProblems([]);
    draft.set('');
  };
  return (
    <section class="composer" role="region" aria-label={labels.composer}>
      <Notice {...props} />
      <Waiting {...props} />
      {problems.length > 0 && (
        <div class="reason" role="alert">
          {problems.map((problem) => (
            <p>{problem}</p>
          ))}
        </div>
      )}
      <div class={`box ${isOver ? 'over' : ''}`}>
        <Attachments {...props} />
        <Prompt {...props} draft={draft} submit={submit} take={take} />
        <div class="buttons">
          <Pickers {...props} />
          <span class="sending">
            <ImageButton labels={labels} take={take} />
            {busy && <IconButton icon="debug-stop" label={labels.stopRun} onClick={() => send({ type: 'stopRun' })} />}
            {busy && <IconButton icon="comment-discussion" label={labels.steer} onClick={() => submit('steer')} />}
            <IconButton icon="send" label={busy ? labels.queue : labels.send} onClick={() => submit('send')} />
          </span>
        </div>
      </div>
    </section>
  );
}

interface Draft {
  text: string;
  set(text: string): void;
}

/**
 * The typed text, which survives the page, and by the host also a window that is closed at once; what comes back from
 * the host is put before it, once.
 */
function useDraft({ composer, memory, send }: Props): Draft {
  const [text, setText] = useState(memory.draft(DRAFT) || composer.typed);
  const telling = useRef<ReturnType<typeof setTimeout>>(undefined);
  const set = (next: string): void => {
    memory.setDraft(DRAFT, next);
    setText(next);
    clearTimeout(telling.current);
    telling.current = setTimeout(() => send({ type: 'typed', text: next.slice(0, MAX_PROMPT_CHARACTERS) }), TELL_MS);
  };
  const { version, text: returned } = composer.draft;
  useLayoutEffect(() => {
    if (version === '' || version === memory.draft(RETURNED)) return;
    memory.setDraft(RETURNED, version);
    set([returned, memory.draft(DRAFT)].filter((part) => part.trim() !== '').join('\n\n'));
  }, [version]);
  return { text, set };
}

interface PromptProps extends Props {
  draft: Draft;
  submit: (type: 'send' | 'steer') => void;
  take: (files: readonly File[]) => void;
}

function Prompt({ composer, labels, send, draft, submit, take }: PromptProps): JSX.Element {
  const box = useRef<HTMLTextAreaElement>(null);
  const caret = useRef<number | undefined>(undefined);
  const [asked, setAsked] = useState<Asked | undefined>(undefined);
  const [active, setActive] = useState(0);
  const { request, items } = composer.suggestions;
  const open = asked !== undefined && asked.request === request;
  const shown = open ? items : [];
  useLayoutEffect(() => {
    if (caret.current !== undefined) box.current?.setSelectionRange(caret.current, caret.current);
    caret.current = undefined;
  });
  const look = (text: string, at: number): void => {
    const token = tokenAt(text, at);
    if (token?.kind === asked?.kind && token?.query === asked?.query && token?.start === asked?.start) return;
    setActive(0);
    setAsked(token && { ...token, request: ++requests });
    if (token) send({ type: 'suggest', request: requests, kind: token.kind, query: token.query });
  };
  const pick = (item: Suggestion | undefined): void => {
    if (!item || !asked) return;
    const next = withPicked(draft.text, asked, item.text);
    if (asked.kind === '@') send({ type: 'attach', id: item.id });
    caret.current = next.caret;
    setAsked(undefined);
    draft.set(next.text);
    box.current?.focus();
  };
  const moves: Record<string, () => void> = {
    ArrowDown: () => setActive((active + 1) % shown.length),
    ArrowUp: () => setActive((active + shown.length - 1) % shown.length),
    Enter: () => pick(shown[active]),
    Tab: () => pick(shown[active]),
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    // 229 is what a key means that an input method still works with.
    if (event.isComposing || event.keyCode === 229) return;
    const move = shown.length > 0 && !event.shiftKey ? moves[event.key] : undefined;
    const act =
      move ?? (open && event.key === 'Escape' ? () => setAsked(undefined) : undefined) ?? sending(event, submit);
    if (!act) return;
    event.preventDefault();
    act();
  };
  const follow = ({ currentTarget: { value, selectionStart } }: { currentTarget: HTMLTextAreaElement }): void =>
    look(value, selectionStart ?? value.length);
  return (
    <>
      {open && <Suggestions items={items} active={active} labels={labels} pick={pick} />}
      <textarea
        ref={box}
        class="prompt"
        rows={2}
        maxLength={MAX_PROMPT_CHARACTERS}
        aria-label={labels.promptBox}
        placeholder={labels.promptHint}
        aria-autocomplete="list"
        aria-haspopup="listbox"
        aria-controls={shown.length > 0 ? SUGGESTIONS_ID : undefined}
        aria-activedescendant={shown.length > 0 ? optionId(active) : undefined}
        value={draft.text}
        onInput={(event) => {
          draft.set(event.currentTarget.value);
          follow(event);
        }}
        onClick={follow}
        onBlur={() => setAsked(undefined)}
        onKeyDown={onKeyDown}
        onPaste={(event) => {
          const files = [...(event.clipboardData?.files ?? [])];
          if (files.length === 0) return;
          event.preventDefault();
          take(files);
        }}
      />
    </>
  );
}

function sending(event: KeyboardEvent, submit: PromptProps['submit']): (() => void) | undefined {
  if (event.key !== 'Enter' || event.shiftKey || event.altKey) return undefined;
  return () => submit(event.ctrlKey || event.metaKey ? 'steer' : 'send');
}

/** Native menus pick; the buttons show what holds. */
function Pickers({ composer, labels, send }: Props): JSX.Element {
  return (
    <span class="pickers">
      {(['droid', 'model', 'effort', 'mode'] as const).map((what) => {
        const value = composer[what];
        if (value === null) return null;
        const name = fill(labels[what], value);
        return (
          <button
            type="button"
            class="picker"
            key={what}
            title={name}
            aria-label={name}
            onClick={() => send({ type: 'pick', what })}
          >
            {/* Two of them say Auto, and a lone "high" says nothing. */}
            {what === 'effort' ? name : value}
          </button>
        );
      })}
    </span>
  );
}

function ImageButton({ labels, take }: { labels: Labels; take: PromptProps['take'] }): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <IconButton icon="file-media" label={labels.attachImage} onClick={() => input.current?.click()} />
      <input
        ref={input}
        type="file"
        hidden
        multiple
        accept={IMAGE_TYPES.join(',')}
        onChange={({ currentTarget }) => {
          take([...(currentTarget.files ?? [])]);
          currentTarget.value = '';
        }}
      />
    </>
  );
}

function Attachments({ composer: { attachments }, labels, send }: Props): JSX.Element | null {
  if (attachments.length === 0) return null;
  return (
    <ul class="chips" role="list" aria-label={labels.attachments}>
      {attachments.map(({ id, label, icon }) => (
        <li class="chip" key={id}>
          <Icon name={icon} />
          <span class="content">{label}</span>
          <IconButton icon="close" label={fill(labels.detach, label)} onClick={() => send({ type: 'detach', id })} />
        </li>
      ))}
    </ul>
  );
}

/** What was said and not taken yet, and what waits for the end. */
function Waiting({ composer: { said, queue, busy }, labels, send }: Props): JSX.Element | null {
  if (said.length === 0 && queue.length === 0) return null;
  return (
    <div class="waiting-messages">
      <ul role="list" aria-label={labels.waitingMessages}>
        {said.map((text) => (
          <li class="waiting-message">
            <Icon name="comment-discussion" />
            <span class="content">{fill(labels.saidMeanwhile, text)}</span>
          </li>
        ))}
        {queue.map(({ id, text }) => (
          <li class="waiting-message" key={id}>
            <Icon name="clock" />
            <span class="content">{text}</span>
            <IconButton
              icon="close"
              label={fill(labels.takeBack, text)}
              onClick={() => send({ type: 'unqueue', id })}
            />
          </li>
        ))}
      </ul>
      {!busy && queue.length > 0 && <Link text={labels.sendWaiting} onClick={() => send({ type: 'sendWaiting' })} />}
    </div>
  );
}

function Notice({ composer: { notice }, said, labels, send }: Props): JSX.Element {
  const { lines, buttons } = notice;
  const something = lines.length + buttons.length > 0;
  return (
    <div class="notice" role="status" aria-live="polite" aria-atomic={false}>
      {lines.map((line) => (
        <p key={line} aria-live={line === said ? 'off' : undefined}>
          {line}
        </p>
      ))}
      {something && (
        <div class="choices">
          {buttons.map(({ id, label }) => (
            <button type="button" class="secondary" key={id} onClick={() => send({ type: 'press', id })}>
              {label}
            </button>
          ))}
          <Link text={labels.dismiss} onClick={() => send({ type: 'dismiss' })} />
        </div>
      )}
    </div>
  );
}

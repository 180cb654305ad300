import type { ComponentChildren, JSX } from 'preact';
import { MAX_QUERY_CHARACTERS } from '../sections/query';

/** Something to look at that a screen reader passes over. `name` is a codicon. */
export function Icon({ name, class: more = '' }: { name: string; class?: string }): JSX.Element {
  return <span class={`codicon codicon-${name} ${more}`} aria-hidden="true" />;
}

/** Seen, not heard. */
export function Glyph({ text = '', class: name }: { text?: string; class: string }): JSX.Element {
  return (
    <span class={name} aria-hidden="true">
      {text}
    </span>
  );
}

/** Heard, not seen. */
export function Spoken({ text }: { text: string }): JSX.Element {
  return <span class="spoken">{` ${text} `}</span>;
}

/** A button that reads as a link. `label` says more to a screen reader than the text alone. */
export function Link(props: { text: string; label?: string; onClick: () => void }): JSX.Element {
  return (
    <button type="button" class="link" aria-label={props.label} onClick={props.onClick}>
      {props.text}
    </button>
  );
}

/** What a long list is searched by. */
export function Search(props: { label: string; value: string; look: (query: string) => void }): JSX.Element {
  const { label, value, look } = props;
  return (
    <input
      type="search"
      class="list-search"
      maxLength={MAX_QUERY_CHARACTERS}
      aria-label={label}
      placeholder={label}
      value={value}
      onInput={({ currentTarget }) => look(currentTarget.value)}
    />
  );
}

/** A button of an icon alone, with its name for hover and screen reader. */
export function IconButton(props: {
  icon: string;
  label: string;
  disabled?: boolean;
  /** Of one that stays down. */
  pressed?: boolean;
  tabIndex?: number;
  onClick: () => void;
}): JSX.Element {
  return (
    <button
      type="button"
      class="icon-button"
      title={props.label}
      aria-label={props.label}
      disabled={props.disabled}
      aria-pressed={props.pressed}
      tabIndex={props.tabIndex}
      onClick={props.onClick}
    >
      <Icon name={props.icon} />
    </button>
  );
}

export interface SectionProps {
  label: string;
  /** Shown beside the heading: a count, an action. */
  head?: ComponentChildren;
  children?: ComponentChildren;
  class?: string;
}

/** A part of the page with its heading. */
export function Section({ label, head, children, class: name = '' }: SectionProps): JSX.Element {
  return (
    <section role="region" aria-label={label} class={name}>
      <div class="head">
        <h2>{label}</h2>
        {head}
      </div>
      {children}
    </section>
  );
}

import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Labels } from '../protocol';
import type { Suggestion } from '../sections/composer';
import { Icon } from './parts';

export const SUGGESTIONS_ID = 'suggestions';
export const optionId = (index: number): string => `suggestion-${index}`;

interface Props {
  items: readonly Suggestion[];
  active: number;
  labels: Labels;
  pick: (item: Suggestion) => void;
}

/** What fits the word being typed. The focus stays in the text; the keys are its. */
export function Suggestions({ items, active, labels, pick }: Props): JSX.Element {
  const list = useRef<HTMLUListElement>(null);
  useLayoutEffect(() => {
    list.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
  }, [active]);
  if (items.length === 0)
    return (
      <p class="quiet" role="status">
        {labels.noSuggestions}
      </p>
    );
  return (
    <ul class="suggestions" id={SUGGESTIONS_ID} role="listbox" aria-label={labels.suggestions} ref={list}>
      {items.map((item, index) => (
        <li
          key={item.id}
          id={optionId(index)}
          role="option"
          class="suggestion"
          aria-selected={index === active}
          // The text keeps the focus: a click must not take it.
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => pick(item)}
        >
          <Icon name={item.icon} />
          <span class="base">{item.label}</span>
          <span class="folder">{item.detail}</span>
        </li>
      ))}
    </ul>
  );
}

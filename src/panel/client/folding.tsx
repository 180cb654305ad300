import type { ComponentChildren, JSX } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';
import type { Memory } from './memory';
import { Glyph } from './parts';

/** What is unfolded or not. */
export interface Folding {
  open: boolean;
  toggle(): void;
}

/**
 * Folded until the page remembers otherwise under `key`. `told` hears of each turn, and once at the beginning where it
 * is open already: some of what is inside is looked up only while it is seen.
 */
export function useFolding(memory: Memory, key: string, told?: (open: boolean) => void): Folding {
  const [open, setOpen] = useState(memory.isOpen(key));
  useLayoutEffect(() => {
    if (open) told?.(true);
  }, []);
  const toggle = (): void => {
    memory.setOpen(key, !open);
    setOpen(!open);
    told?.(!open);
  };
  return { open, toggle };
}

/** The button that unfolds. `controls` is the id of what it shows. */
export function Toggle(props: { text: string; controls: string; folding: Folding }): JSX.Element {
  const { text, controls, folding } = props;
  return (
    <button
      type="button"
      class="toggle"
      aria-expanded={folding.open}
      aria-controls={controls}
      onClick={() => folding.toggle()}
    >
      <Glyph text="›" class="twistie" />
      <span>{text}</span>
    </button>
  );
}

export interface FoldingSectionProps {
  label: string;
  class: string;
  /** The id of what is folded. */
  list: string;
  folding: Folding;
  /** Beside the heading: an action. */
  head?: ComponentChildren;
  /** Between the heading and what is folded, so seen while it is folded too. */
  note?: ComponentChildren;
  children?: ComponentChildren;
}

/** A part of the page whose heading unfolds it. */
export function FoldingSection(props: FoldingSectionProps): JSX.Element {
  const { label, class: name, list, folding, head, note, children } = props;
  return (
    <section class={name} role="region" aria-label={label}>
      <div class="head folding">
        <h2>
          <Toggle text={label} controls={list} folding={folding} />
        </h2>
        {head}
      </div>
      {note}
      <div id={list} hidden={!folding.open}>
        {children}
      </div>
    </section>
  );
}

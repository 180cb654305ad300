import { options, type ComponentChildren, type VNode } from 'preact';

// Control characters, and the marks that turn the reading direction round: text with them reads otherwise than it runs.
const HIDDEN =
  /[\u0000-\u0008\u000b-\u001f\u007f\u0080-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;
const SHOWN_ATTRIBUTES = ['title', 'aria-label', 'aria-valuetext', 'aria-description', 'placeholder', 'alt'];

/** Text with everything in it to be seen. */
export function visible(text: string): string {
  return text.replace(HIDDEN, (character) => {
    const code = character.charCodeAt(0);
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    return `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`;
  });
}

/** Fills `{0}` and `{1}` of a label. */
export function fill(label: string, ...values: (string | number)[]): string {
  return label.replace(/\{(\d)\}/g, (whole, index: string) => String(values[Number(index)] ?? whole));
}

/**
 * Holds for every element that is drawn from here on: its text and the attributes that are read out are made visible,
 * and markup from a string is refused. Names, diffs and model output come from strangers, so no section has to think of it.
 */
export function guardText(): void {
  const before = options.vnode?.bind(options);
  options.vnode = (vnode: VNode) => {
    if (typeof vnode.type === 'string') guard(vnode.props);
    before?.(vnode);
  };
}

function guard(props: Record<string, unknown>): void {
  if ('dangerouslySetInnerHTML' in props) throw new Error('The panel draws no markup from strings');
  props['children'] = seen(props['children'] as ComponentChildren);
  for (const name of SHOWN_ATTRIBUTES) {
    const value = props[name];
    if (typeof value === 'string') props[name] = visible(value);
  }
}

function seen(children: ComponentChildren): ComponentChildren {
  if (typeof children === 'string') return visible(children);
  return Array.isArray(children) ? children.map((child: ComponentChildren) => seen(child)) : children;
}

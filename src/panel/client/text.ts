import { options, type ComponentChildren, type VNode } from 'preact';

/**
 * Control characters, the marks that turn the reading direction round, and those that show nothing: text with them reads
 * otherwise than it runs. Those that letters and emoji are joined by stay, and so do the blanks of number formats.
 */
const HIDDEN =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\u{e0000}-\u{e0fff}]/gu;
const SHOWN_ATTRIBUTES = ['title', 'aria-label', 'aria-valuetext', 'aria-description', 'placeholder', 'alt'];

/** More is drawn of no text: one line of 10 MB would hold the page up for a minute. What is behind it is counted. */
export const MAX_SHOWN_CHARACTERS = 100_000;
/** Nobody listens to more of a name. */
const MAX_NAME_CHARACTERS = 2_000;

/** Text with everything in it to be seen, and of one without end its beginning. */
export function visible(text: string, most = MAX_SHOWN_CHARACTERS): string {
  const left = text.length - most;
  // Half of a surrogate pair is no character.
  const shown = left > 0 ? text.slice(0, most).replace(/[\uD800-\uDBFF]$/, '') : text;
  const seen = shown.replace(HIDDEN, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    return `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`;
  });
  return left > 0 ? `${seen}… ⟨+${left}⟩` : seen;
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
    if (typeof value === 'string') props[name] = visible(value, MAX_NAME_CHARACTERS);
  }
}

function seen(children: ComponentChildren): ComponentChildren {
  if (typeof children === 'string') return visible(children);
  return Array.isArray(children) ? children.map((child: ComponentChildren) => seen(child)) : children;
}

interface Properties {
  class?: string;
  /** Set as text, never as markup: names, diffs and model output come from strangers. */
  text?: string;
  /** Attributes; `undefined` ones are left out. */
  attributes?: Record<string, string | undefined>;
  onClick?: () => void;
}

/** A DOM element in one call. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Properties = {},
  ...children: (Node | undefined)[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  if (properties.class !== undefined) node.className = properties.class;
  if (properties.text !== undefined) node.textContent = visible(properties.text);
  for (const [name, value] of Object.entries(properties.attributes ?? {})) {
    if (value !== undefined) node.setAttribute(name, visible(value));
  }
  if (properties.onClick) node.addEventListener('click', properties.onClick);
  node.append(...children.filter((child) => child !== undefined));
  return node;
}

/** Something to look at that a screen reader passes over. */
export function glyph(text: string, className: string): HTMLElement {
  return element('span', { class: className, text, attributes: { 'aria-hidden': 'true' } });
}

// Control characters, and the marks that turn the reading direction round: text with them reads otherwise than it runs.
const HIDDEN =
  /[\u0000-\u0008\u000b-\u001f\u007f\u0080-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

function visible(text: string): string {
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

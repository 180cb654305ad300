/** What is being typed that something may be suggested for: from `start` up to the caret. */
export interface Token {
  kind: '@' | '/';
  query: string;
  start: number;
  end: number;
}

/** A skill is called by the first word of a message alone; what is attached may stand anywhere. */
export function tokenAt(text: string, caret: number): Token | undefined {
  const before = text.slice(0, caret);
  const found = /(?:^|\s)(@)([^\s@]{0,200})$/u.exec(before) ?? /^\s*(\/)([^\s/]{0,100})$/u.exec(before);
  if (!found) return undefined;
  const [, kind, query = ''] = found;
  return { kind: kind as Token['kind'], query, start: caret - query.length - 1, end: caret };
}

/** The text with what was picked in the token's place, and where the caret stands then. */
export function withPicked(text: string, { kind, start, end }: Token, picked: string): { text: string; caret: number } {
  const put = `${kind}${picked} `;
  const rest = text.slice(end).replace(/^ /u, '');
  return { text: text.slice(0, start) + put + rest, caret: start + put.length };
}

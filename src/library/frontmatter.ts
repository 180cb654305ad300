import matter from 'gray-matter';

export interface Frontmatter {
  /** Top-level fields as YAML gave them; empty when there are none. */
  fields: Record<string, unknown>;
  body: string;
  /** What could not be read, for the user. The body is still usable. */
  problems: string[];
  /** There is front matter and nothing of it could be read: what it would have forbidden is not known. */
  unread: boolean;
}

const refuse = (): never => {
  throw new Error('only YAML front matter is read');
};
/** gray-matter would evaluate `---js` and `---coffee`; files come from strangers, so nothing but YAML is parsed. */
const OPTIONS = {
  language: 'yaml',
  engines: {
    javascript: refuse,
    js: refuse,
    coffee: refuse,
    coffeescript: refuse,
    cson: refuse,
    json: refuse,
    toml: refuse,
  },
};

/**
 * Splits a Markdown file into its YAML fields and its body. Never throws and never evaluates anything: another
 * language than YAML, or YAML that cannot be read, is a problem beside what could be made of the rest.
 */
export function parseFrontmatter(text: string): Frontmatter {
  const source = text.replace(/^\uFEFF/u, '').replaceAll('\r\n', '\n');
  // Four dashes are a Markdown rule.
  const opening = /^---(?!-)([^\n]*)\n/u.exec(source);
  if (!opening) return { fields: {}, body: source, problems: [], unread: false };
  const language = opening[1]?.trim() ?? '';
  const close = source.indexOf('\n---', opening[0].length - 1);
  const body = close < 0 ? '' : source.slice(source.indexOf('\n', close + 1) + 1 || source.length).trim();
  const unreadable = (problem: string): Frontmatter => ({ fields: {}, body, problems: [problem], unread: true });
  if (language !== '' && language !== 'yaml' && language !== 'yml')
    return unreadable(`front matter in "${language}" is refused: only YAML is read`);
  if (close < 0) return unreadable('the front matter is not closed with ---');
  try {
    // A copy of the options: without any, gray-matter answers from a cache, errors included.
    const { data, content } = matter(source, { ...OPTIONS });
    if (!isRecord(data)) return unreadable('the front matter is not a list of fields');
    return { fields: data, body: content.trim(), problems: [], unread: false };
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    const fields = lineWise(source.slice(opening[0].length, close));
    return { fields, body, problems: [`the front matter is not valid YAML: ${reason}`], unread: false };
  }
}

/**
 * Reads `key: rest of line` where YAML fails: descriptions with unquoted colons are common in strangers' files.
 * Lists are read too, since a list of tools that is overlooked would mean all tools.
 */
function lineWise(head: string): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  // A field begins at the start of its line, and what follows indented or with a dash is part of it.
  for (const part of head.split(/\n(?=[A-Za-z][\w-]*:)/u)) {
    const match = /^([A-Za-z][\w-]*):[ \t]*([^\n]*)((?:\n.*)*)$/u.exec(part);
    if (!match?.[1]) continue;
    const [, key, line = '', more = ''] = match;
    const items = [...more.matchAll(/^[ \t]*-[ \t]+(.+)$/gmu)].map(([, item = '']) => unquoted(item));
    const folded = [line.replace(/^[|>][+-]?$/u, ''), ...more.split('\n')].map((each) => each.trim());
    fields[key] = line.trim() === '' && items.length > 0 ? items : unquoted(folded.filter(Boolean).join(' '));
  }
  return fields;
}

function unquoted(text: string): string {
  return text.trim().replace(/^(["'])(.*)\1$/u, '$2');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

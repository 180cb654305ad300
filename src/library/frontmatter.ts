import matter from 'gray-matter';

export interface Frontmatter {
  /** Top-level fields as YAML gave them; empty when there are none. */
  fields: Record<string, unknown>;
  body: string;
  /** What could not be read, for the user. The body is still usable. */
  problems: string[];
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
  const opening = /^---([^\n]*)\n/u.exec(source);
  if (!opening) return { fields: {}, body: source, problems: [] };
  const language = opening[1]?.trim() ?? '';
  const close = source.indexOf('\n---', opening[0].length - 1);
  const body = close < 0 ? '' : source.slice(source.indexOf('\n', close + 1) + 1 || source.length);
  if (language !== '' && language !== 'yaml' && language !== 'yml') {
    return { fields: {}, body, problems: [`front matter in "${language}" is refused: only YAML is read`] };
  }
  if (close < 0) return { fields: {}, body: '', problems: ['the front matter is not closed with ---'] };
  try {
    // A copy of the options: with the very same object gray-matter answers from a cache, errors included.
    const parsed = matter(source, { ...OPTIONS });
    const fields = isRecord(parsed.data) ? parsed.data : {};
    return {
      fields,
      body: parsed.content.trim(),
      problems: isRecord(parsed.data) ? [] : ['the front matter is not a list of fields'],
    };
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    return {
      fields: lineWise(source.slice(opening[0].length, close)),
      body: body.trim(),
      problems: [`the front matter is not valid YAML: ${reason}`],
    };
  }
}

/** Reads `key: rest of line` where YAML fails: descriptions with unquoted colons are common in strangers' files. */
function lineWise(head: string): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const line of head.split('\n')) {
    const match = /^([A-Za-z][\w-]*):\s*(.*)$/u.exec(line);
    if (match?.[1]) fields[match[1]] = (match[2] ?? '').trim();
  }
  return fields;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

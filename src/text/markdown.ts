/** Plain text as Markdown that shows exactly it, on one line. */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/\s*[\r\n]+\s*/gu, ' ')
    .replace(/[\\`*_{}[\]()#+\-.!|<>~&$:@]/gu, (mark) =>
      mark === '&' ? '&amp;' : mark === '<' ? '&lt;' : `\\${mark}`,
    );
}

/** A code block that nothing in `text` can end: its fence is longer than any run of backticks inside. */
export function fenced(text: string, language = ''): string {
  const longest = (text.match(/`+/gu) ?? []).reduce((length, run) => Math.max(length, run.length), 2);
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text.replace(/\n$/u, '')}\n${fence}`;
}

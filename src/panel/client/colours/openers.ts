const C_LIKE = [
  'c',
  'cpp',
  'csharp',
  'css',
  'go',
  'java',
  'javascript',
  'kotlin',
  'rust',
  'scala',
  'sql',
  'typescript',
];

/** What begins something that goes on over lines, and what ends it. */
const BLOCKS: Record<string, readonly (readonly [open: string, close: string])[]> = {
  ...Object.fromEntries(C_LIKE.map((language) => [language, [['/*', '*/']]])),
  ...{
    javascript: [
      ['/*', '*/'],
      ['`', '`'],
    ],
    typescript: [
      ['/*', '*/'],
      ['`', '`'],
    ],
    go: [
      ['/*', '*/'],
      ['`', '`'],
    ],
  },
  ...{
    python: [
      ['"""', '"""'],
      ["'''", "'''"],
    ],
    julia: [
      ['"""', '"""'],
      ['#=', '=#'],
    ],
  },
  ...{ xml: [['<!--', '-->']], markdown: [['<!--', '-->']], powershell: [['<#', '#>']] },
};

/** What has to stand before the lines where they seem to begin within a comment or a text of many lines; else nothing. */
export function openerOf(language: string, lines: readonly string[]): string {
  for (const [open, close] of BLOCKS[language] ?? []) {
    const begins = open === close ? isWithinSame(lines, open) : isWithin(lines, open, close);
    if (begins) return `${open}\n`;
  }
  return '';
}

/** The same for what comes behind a text that ends within a comment or a string. */
export function leftOpen(language: string, text: string): string {
  const open = (BLOCKS[language] ?? []).find(([open, close]) =>
    open === close ? text.split(open).length % 2 === 0 : text.lastIndexOf(open) > text.lastIndexOf(close),
  );
  return open ? `${open[0]}\n` : '';
}

/** It is ended before it was begun, at the end of a line that has no text of the language (`"src/**\/*.ts"` ends nothing). */
function isWithin(lines: readonly string[], open: string, close: string): boolean {
  const at = lines.findIndex((line) => line.includes(open) || line.includes(close));
  const line = lines[at];
  if (line === undefined || line.includes(open)) return false;
  return line.trimEnd().endsWith(close) && !/["'`]/u.test(line);
}

/** What begins it also ends it: there is one too many, and the first stands where an end does. */
function isWithinSame(lines: readonly string[], mark: string): boolean {
  const count = lines.reduce((sum, line) => sum + line.split(mark).length - 1, 0);
  if (count % 2 === 0) return false;
  const at = lines.findIndex((line) => line.includes(mark));
  const line = lines[at] ?? '';
  const [before = '', after = ''] = [line.slice(0, line.indexOf(mark)), line.slice(line.indexOf(mark) + mark.length)];
  if (!/^[\s)\]},;.:]*$/u.test(after)) return false;
  if (before.trim() !== '') return !/[=([{,:+]\s*[a-z]{0,2}$|\breturn\s*$|\b[rbf]{1,2}$/iu.test(before);
  // Alone on its line: it begins a text where the line before waits for one.
  const above = lines.slice(0, at).findLast((one) => one.trim() !== '');
  return above === undefined || !/[=([{,:+]\s*$/u.test(above);
}

export interface Column {
  name: string;
  /** It is the row's own number, which is not stored among the values. */
  isRowId: boolean;
}

/** The columns of a table, in order, by the statement that made it; none for one that is stored otherwise. Pure. */
export function columnsOf(sql: string): Column[] {
  const plain = sql.replaceAll(/--[^\n]*/gu, ' ').replaceAll(/\/\*[\s\S]*?\*\//gu, ' ');
  const open = plain.indexOf('(');
  if (open < 0 || /\)\s*[\w\s,]*without\s+rowid/iu.test(plain)) return [];
  const parts = partsOf(plain.slice(open + 1));
  const isConstraint = (part: string): boolean =>
    /^(?:constraint\b[\s\S]*|(?:primary|foreign)\s+key\b[\s\S]*|(?:unique|check)\s*\([\s\S]*)$/iu.test(part);
  const keys = parts.filter(isConstraint).flatMap((part) => {
    const [, names = ''] = /primary\s+key\s*\(([^)]*)\)/iu.exec(part) ?? [];
    return names === '' || names.includes(',') ? [] : [unquoted(names.trim().split(/\s/u)[0] ?? '')];
  });
  return parts
    .filter((part) => part !== '' && !isConstraint(part))
    .map((part) => {
      const [, quoted, bare = ''] = /^("(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\]|'[^']*')|^([^\s]+)/u.exec(part) ?? [];
      const name = unquoted(quoted ?? bare);
      const rest = part.slice((quoted ?? bare).length).trim();
      const isWhole = /^integer\b/iu.test(rest);
      return { name, isRowId: isWhole && (keys.includes(name) || /\bprimary\s+key\b/iu.test(rest)) };
    });
}

/** What stands between commas up to the closing parenthesis. */
function partsOf(text: string): string[] {
  const parts: string[] = [];
  let [depth, from, quote] = [0, 0, ''];
  for (let at = 0; at < text.length; at++) {
    const letter = text[at] ?? '';
    if (quote !== '') {
      if (letter === quote) quote = '';
    } else if (letter === "'" || letter === '"' || letter === '`') quote = letter;
    else if (letter === '(') depth += 1;
    else if (letter === ')' && depth > 0) depth -= 1;
    else if (letter === ')' || (letter === ',' && depth === 0)) {
      parts.push(text.slice(from, at).trim());
      from = at + 1;
      if (letter === ')') return parts;
    }
  }
  return parts;
}

function unquoted(name: string): string {
  return /^["'`[]/u.test(name) ? name.slice(1, -1).replaceAll('""', '"') : name;
}

import ignore from 'ignore';

/** One file of ignore patterns, read: which of its lines names a path. */
export interface IgnoreList {
  /** A line takes back what an earlier one names. */
  readonly negates: boolean;
  /**
   * The line that names a path given from the list's own folder (`a/b`, a folder with a final slash), with its number
   * from 1. A line that names a folder names all that lies in it.
   */
  lineFor(path: string): { line: number; pattern: string } | undefined;
}

/** Reads patterns in the syntax of `.gitignore`, in any case of letters and any Unicode form of them. */
export function parseIgnoreList(text: string): IgnoreList {
  const patterns = text
    .replace(/^\ufeff/u, '')
    .split(/\r\n|\n|\r/u)
    .map((pattern, index) => ({ pattern: pattern.normalize('NFC'), mark: String(index + 1) }));
  // Its own matching of case is kept: on a file system without case the pattern's case says nothing.
  const list = ignore({ ignorecase: true }).add(patterns);
  return {
    negates: patterns.some(({ pattern }) => pattern.startsWith('!')),
    lineFor(path) {
      const name = path.normalize('NFC');
      if (!ignore.isPathValid(name)) return undefined;
      const { ignored, rule } = list.test(name);
      return ignored && rule ? { line: Number(rule.mark), pattern: rule.pattern } : undefined;
    },
  };
}

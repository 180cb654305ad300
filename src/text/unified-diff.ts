import { structuredPatch, type StructuredPatchHunk } from 'diff';

export interface UnifiedDiff {
  /** The hunks with their `@@` lines, without file headers. */
  diff: string;
  added: number;
  removed: number;
  /** The changed places as they now read: `+` or a space, the line's number, a tab, its text; `...` between places. */
  after: string[];
}

const TOO_LARGE = '(too large to show as a diff)';
/** Past this a diff would hold up the editor: the change is counted as a whole instead. */
const MAX_DIFF_MS = 300;

/** The unified diff of two texts, with three lines of context. */
export function unifiedDiff(before: string, after: string): UnifiedDiff {
  const patch = structuredPatch('a', 'b', before, after, undefined, undefined, { context: 3, timeout: MAX_DIFF_MS });
  if (!patch)
    return {
      diff: TOO_LARGE,
      added: countLines(after),
      removed: countLines(before),
      after: [TOO_LARGE],
    };
  const lines = patch.hunks.flatMap((hunk) => hunk.lines);
  return {
    diff: patch.hunks
      .map((hunk) =>
        [`@@ -${hunk.oldStart},${hunk.oldLines} +${hunk.newStart},${hunk.newLines} @@`, ...hunk.lines].join('\n'),
      )
      .join('\n'),
    added: lines.filter((line) => line.startsWith('+')).length,
    removed: lines.filter((line) => line.startsWith('-')).length,
    after: patch.hunks.flatMap((hunk, index) => [...(index > 0 ? ['...'] : []), ...linesAfter(hunk)]),
  };
}

function linesAfter({ newStart, lines }: StructuredPatchHunk): string[] {
  return lines
    .filter((line) => line.startsWith('+') || line.startsWith(' '))
    .map((line, index) => `${line[0]}${newStart + index}\t${line.slice(1).replace(/\r$/u, '')}`);
}

function countLines(text: string): number {
  return text === '' ? 0 : text.split('\n').length;
}

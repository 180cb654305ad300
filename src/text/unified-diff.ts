import { structuredPatch } from 'diff';

export interface UnifiedDiff {
  /** The hunks with their `@@` lines, without file headers. */
  diff: string;
  added: number;
  removed: number;
}

/** Past this a diff would take seconds: the change is counted as a whole instead. */
const MAX_DIFF_MS = 1_000;

/** The unified diff of two texts, with three lines of context. */
export function unifiedDiff(before: string, after: string): UnifiedDiff {
  const patch = structuredPatch('a', 'b', before, after, undefined, undefined, { context: 3, timeout: MAX_DIFF_MS });
  if (!patch) return { diff: '(too large to show as a diff)', added: countLines(after), removed: countLines(before) };
  const lines = patch.hunks.flatMap((hunk) => hunk.lines);
  return {
    diff: patch.hunks
      .map((hunk) =>
        [`@@ -${hunk.oldStart},${hunk.oldLines} +${hunk.newStart},${hunk.newLines} @@`, ...hunk.lines].join('\n'),
      )
      .join('\n'),
    added: lines.filter((line) => line.startsWith('+')).length,
    removed: lines.filter((line) => line.startsWith('-')).length,
  };
}

function countLines(text: string): number {
  return text === '' ? 0 : text.split('\n').length;
}

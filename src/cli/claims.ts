import type { AnswerClaim } from '../agent/answer-claim';

/** A claim as `--output-format json` has it. */
export interface ClaimResult {
  text: string;
  value: number | null;
  /** The call, job or record, and the line of its output, from 1. */
  evidence: { source: string; line: number } | null;
  /** A file that its run rests on was changed since. */
  stale: boolean;
}

export function claimResults(claims: readonly AnswerClaim[]): ClaimResult[] {
  return claims.map(({ text, value, evidence, stale }) => ({
    text,
    value,
    evidence: evidence && { source: evidence.source, line: evidence.line },
    stale,
  }));
}

/** The block below an answer: what stands behind it, and first what nothing stands behind. */
export function claimLines(claims: readonly AnswerClaim[]): string[] {
  if (claims.length === 0) return [];
  const bare = claims.filter(({ evidence }) => evidence === null);
  const head = `Evidence: ${String(claims.length - bare.length)} of ${String(claims.length)} claims rest on a run.`;
  return [head, ...[...bare, ...claims.filter(({ evidence }) => evidence !== null)].map(lineOf)];
}

function lineOf({ text, value, evidence, stale }: AnswerClaim): string {
  if (!evidence) return `  ! ${text}: ${value === null ? 'no run behind this' : 'no run behind this number'}`;
  const where = `${evidence.title.split('\n')[0] ?? ''}, line ${String(evidence.line)}`;
  return stale ? `  ~ ${text}: ${where}; files changed since` : `  ✓ ${text}: ${where}`;
}

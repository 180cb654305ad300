import type { AnswerClaim } from './answer-claim';
import type { JournalEntry } from './events';
import { finalText, lastRun } from './folds';

/** What stands behind the numbers and successes of an answer; src/session-evidence.ts is one. */
export interface Evidence {
  /** Must not throw for anything an answer or a journal may hold. `branch` is the session's, the answer in it. */
  claimsOf(answer: string, branch: readonly JournalEntry[]): Promise<AnswerClaim[]>;
}

/** `ask`: the model is asked once to run it or to take it back. `mark`: people see it, the model is told nothing. */
export const EVIDENCE_MODES = ['ask', 'mark', 'off'] as const;
export type EvidenceMode = (typeof EVIDENCE_MODES)[number];

export interface EvidenceOptions {
  port: Evidence;
  mode: Exclude<EvidenceMode, 'off'>;
}

/** The claims of the answer that the run ends with. */
export async function claimsNow({ port }: EvidenceOptions, branch: readonly JournalEntry[]): Promise<AnswerClaim[]> {
  const answer = answerOf(branch);
  return answer === '' ? [] : port.claimsOf(answer, branch);
}

/** What stands behind the last answer of these entries. */
export function claimsIn(run: readonly JournalEntry[]): readonly AnswerClaim[] {
  const last = lastRun(run).findLast(({ event }) => event.type === 'claims')?.event;
  return last?.type === 'claims' ? last.claims : [];
}

/** What the model said since its last call and since the last word to it. */
function answerOf(branch: readonly JournalEntry[]): string {
  const run = lastRun(branch);
  const since = run.findLastIndex(({ event }) => event.type === 'note' || event.type === 'steer');
  return finalText(run.slice(since + 1));
}

/** Whether the model was asked since a person last said something. */
export function wasAskedForEvidence(branch: readonly JournalEntry[]): boolean {
  const said = branch.findLastIndex(({ event }) => (event.type === 'prompt' && !event.woken) || event.type === 'steer');
  return branch.slice(said + 1).some(({ event }) => event.type === 'note' && event.evidence === true);
}

/** Those that no run bears as things stand. */
export function withoutEvidence(claims: readonly AnswerClaim[]): AnswerClaim[] {
  return claims.filter(({ evidence, stale }) => evidence === null || stale);
}

const MAX_NAMED = 20;

/** The words by which the model is asked. */
export function evidenceNote(open: readonly AnswerClaim[]): string {
  const bare = open.filter(({ evidence }) => evidence === null);
  const stale = open.filter(({ evidence }) => evidence !== null);
  const named = (claims: readonly AnswerClaim[]): string =>
    claims
      .slice(0, MAX_NAMED)
      .map(({ text, sentence }) => `- ${JSON.stringify(text)} in ${JSON.stringify(sentence)}`)
      .join('\n');
  return [
    'This is no message of the user. Your answer was compared with what was run in this session.',
    ...(bare.length > 0 ? [`These have no run behind them that shows them:\n${named(bare)}`] : []),
    ...(stale.length > 0 ? [`Files changed since the run that showed these:\n${named(stale)}`] : []),
    'Run what shows them, or take them back: say in your answer what was not measured. A failed or empty run shows nothing, and neither does a text that was only read. Numbers that come from the user, a paper or a setting may stay when the sentence says where they come from. Then answer once more, short; do not talk about this note.',
  ].join('\n\n');
}

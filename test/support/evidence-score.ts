import { matchSources } from '../../src/evidence/match';
import type { JudgedClaim, Source, Verdict } from '../../src/evidence/types';
import type { EvidenceDocument, EvidenceSource, LabelledClaim } from './evidence-corpus';

/** How the matcher's claims compare with the labelled ones. A hit has the same place, kind, value and verdict. */
export interface Score {
  labelled: number;
  found: number;
  hits: number;
  /** Same place, kind and value, whatever the verdict. */
  located: number;
  /** Of the hits that name a line, those that name one of the labelled lines. */
  rightLine: number;
  withLine: number;
  /** By verdict and by kind of claim: labelled, found and hit. */
  by: Record<string, { labelled: number; found: number; hits: number }>;
}

const KINDS = { tool: 'run', job: 'job', ledger: 'ledger', 'file-read': 'read' } as const;

export function toSource({ id, kind, title, lines, failed, at, inputs, changedSince }: EvidenceSource): Source {
  return { id, kind: KINDS[kind], title, lines, failed, at, inputs, changedSince };
}

/** Scores a half as a whole. Says nothing of single sentences, so that it can be run on the half nobody has read. */
export function scoreOf(documents: readonly EvidenceDocument[]): Score {
  const score: Score = { labelled: 0, found: 0, hits: 0, located: 0, rightLine: 0, withLine: 0, by: {} };
  for (const { sentences, sources } of documents) {
    const judged = matchSources(
      sentences.map(({ text }) => text),
      sources.map(toSource),
    );
    for (const [at, { text, claims }] of sentences.entries()) count(score, text, claims, judged[at] ?? []);
  }
  return score;
}

function count(
  score: Score,
  sentence: string,
  labelled: readonly LabelledClaim[],
  found: readonly JudgedClaim[],
): void {
  const left = [...found];
  score.labelled += labelled.length;
  score.found += found.length;
  for (const claim of labelled) for (const name of [claim.verdict, claim.kind]) tally(score, name).labelled++;
  for (const claim of found) for (const name of [claim.verdict, claim.kind]) tally(score, name).found++;
  for (const claim of labelled) {
    const at = left.findIndex((other) => isSame(claim, other, sentence));
    const match = left[at];
    if (!match) continue;
    left.splice(at, 1);
    score.located++;
    if (match.verdict === claim.verdict) hit(score, claim, match);
  }
}

function hit(score: Score, claim: LabelledClaim, { evidence }: JudgedClaim): void {
  score.hits++;
  for (const name of [claim.verdict, claim.kind]) tally(score, name).hits++;
  if (!evidence) return;
  score.withLine++;
  const places = [{ source: claim.source, line: claim.line }, ...(claim.also ?? [])];
  if (places.some(({ source, line }) => source === evidence.source && line === evidence.line)) score.rightLine++;
}

function isSame(claim: LabelledClaim, found: JudgedClaim, sentence: string): boolean {
  const start = sentence.indexOf(claim.text);
  const overlaps = found.start < start + claim.text.length && start < found.end;
  return overlaps && found.kind === claim.kind && isClose(found.value, claim.value);
}

function isClose(one: number | null, other: number | null): boolean {
  if (one === null || other === null) return one === other;
  return Math.abs(one - other) <= 1e-9 * Math.max(1, Math.abs(one), Math.abs(other));
}

function tally(score: Score, name: Verdict | LabelledClaim['kind']): { labelled: number; found: number; hits: number } {
  return (score.by[name] ??= { labelled: 0, found: 0, hits: 0 });
}

/** One line of numbers; no word of a sentence. */
export function scoreLine(half: string, { labelled, found, hits, located, rightLine, withLine, by }: Score): string {
  const ratio = (part: number, whole: number): string => (whole === 0 ? '-' : (part / whole).toFixed(3));
  const rows = Object.entries(by)
    .map(([name, { labelled: said, found: got, hits: both }]) => `${name} ${ratio(both, got)}/${ratio(both, said)}`)
    .join(', ');
  return (
    `${half}: precision ${ratio(hits, found)}, recall ${ratio(hits, labelled)} (${String(labelled)} claims, ${String(found)} found); ` +
    `finding alone ${ratio(located, found)}/${ratio(located, labelled)}; right line ${ratio(rightLine, withLine)}; ${rows}`
  );
}

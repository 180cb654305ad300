/** The candidates most like `wanted`, best first: for "did you mean". Case does not count. */
export function nearest(wanted: string, candidates: readonly string[], most = 3): string[] {
  const scored = candidates.map((candidate) => ({
    candidate,
    score: distance(wanted.toLowerCase(), candidate.toLowerCase()),
  }));
  const limit = Math.max(2, wanted.length / 2);
  return scored
    .filter(({ score }) => score <= limit)
    .sort((a, b) => a.score - b.score)
    .slice(0, most)
    .map(({ candidate }) => candidate);
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

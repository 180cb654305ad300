import type { Run } from './parse';

// What a ledger says of itself is of two kinds: what was measured, and what people and models wrote beside it (titles,
// hypotheses, verdicts). Only the first bears a claim, and only where the run ended well. Each function here gives as many
// lines as its text has, so that a line is found by its number.

/** Of lines with one run each; further lines are words of our own. */
export function measuredInList(text: string, runs: readonly Run[]): string {
  return linesOf(text)
    .map((line, at) => (isGood(runs[at]) ? withoutSaid(line) : ''))
    .join('\n');
}

/** Of all that is known of one run. */
export function measuredInRun(text: string, run: Run): string {
  return linesOf(text)
    .map((line) => (isGood(run) && /^(?:run|ended|metrics|seeds): /u.test(line) ? line : ''))
    .join('\n');
}

/** Of runs side by side: their metrics, where all of them ended well. */
export function measuredInComparison(text: string, runs: readonly Run[]): string {
  let isMetrics = false;
  return linesOf(text)
    .map((line) => {
      if (!line.startsWith(' ')) isMetrics = line.startsWith('metrics:');
      return isMetrics && runs.every(isGood) ? line : '';
    })
    .join('\n');
}

/** Of a ranking of these runs, which leaves out what did not end well. */
export function measuredInRanking(text: string, runs: readonly Run[]): string {
  const others = runs.flatMap(({ tracker, record: { id } }) => (tracker === undefined ? [] : [` ${id} "`]));
  return linesOf(text)
    .map((line) => (others.some((id) => line.includes(id)) ? '' : withoutSaid(line)))
    .join('\n');
}

/** What a tracker's files hold anybody may have written, the model as well: it bears no claim. */
function isGood(run: Run | undefined): boolean {
  return run?.record.state === 'ok' && run.tracker === undefined;
}

/** Words between quotation marks stay, for what they name; their numbers are nobody's measurement. */
function withoutSaid(line: string): string {
  return line.replaceAll(/"(?:[^"\\]|\\.)*"/gu, (said) => said.replaceAll(/\d/gu, ' '));
}

function linesOf(text: string): string[] {
  return text.split('\n');
}

// A row of npm run bench: what stands behind an answer of 100 KB, in a session of 1,000 runs.
import { claimsOfAnswer, SourceShelf } from '../src/evidence/answer';
import type { Source } from '../src/evidence/types';

const RUNS = 1_000;
const LINES = 20;
const ANSWER_BYTES = 100_000;
/** The first time all runs are read, later only what is new. Nobody waits for it while the model writes. */
const GOALS = { firstMs: 6_000, againMs: 3_000 };

const measured = (run: number, line: number): string => (((run * 37 + line * 11) % 10_000) / 10_000).toFixed(4);

function runs(): Source[] {
  return Array.from({ length: RUNS }, (_, run) => ({
    id: `run-${String(run)}`,
    kind: 'run',
    title: `python train.py --seed ${String(run)}`,
    lines: Array.from(
      { length: LINES },
      (__, line) => `epoch ${String(line)} val_auc=${measured(run, line)} loss=${measured(line, run)}`,
    ),
    failed: false,
    at: run,
    inputs: ['/w/train.py'],
    changedSince: [],
  }));
}

function answer(): string {
  const sentences: string[] = [];
  for (let at = 0, length = 0; length < ANSWER_BYTES; at++) {
    const sentence = `With seed ${String(at % RUNS)} the validation AUC is ${measured(at % RUNS, at % LINES)} and the recall ${measured(at, 3)}.`;
    sentences.push(sentence);
    length += sentence.length + 1;
  }
  return sentences.join('\n');
}

/** Prints the row; gives false when a limit is broken. */
export function benchEvidence(): boolean {
  const [shelf, sources, text] = [new SourceShelf(), runs(), answer()];
  const times = [0, 1].map(() => {
    // Processor time: other work on the machine does not count.
    const began = process.cpuUsage();
    claimsOfAnswer(text, shelf.index(sources));
    const { user, system } = process.cpuUsage(began);
    return (user + system) / 1_000;
  });
  const [first = NaN, again = NaN] = times;
  const isKept = first <= GOALS.firstMs && again <= GOALS.againMs;
  console.log(
    `evidence, 100 KB against 1,000 runs: ${first.toFixed(0)} ms, again ${again.toFixed(0)} ms ${isKept ? '' : '(too slow)'}`,
  );
  return isKept;
}

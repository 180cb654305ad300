import { drained, type Sliced } from '../text/slices';
import { indexing, judgeSentences, type SourceIndex } from './match';
import { sentencesOf } from './sentences';
import { readSource, type Indexed } from './sources';
import { isStale, type JudgedClaim, type Source } from './types';

export function claimsOfAnswer(answer: string, index: SourceIndex): JudgedClaim[] {
  return drained(judgeAnswer(answer, index));
}

/**
 * The claims of a whole answer; offsets are the answer's. It pauses at each number, so that others have their turn;
 * in a session of very many numbers a single one may take most of a second. What is behind the first 100,000
 * characters or 400 claims is not looked at.
 */
export function* judgeAnswer(answer: string, index: SourceIndex): Sliced<JudgedClaim[]> {
  const sentences = sentencesOf(answer);
  const judged = yield* judgeSentences(
    sentences.map(({ text }) => text),
    index,
  );
  return judged.flatMap((claims, at) => {
    const offset = sentences[at]?.start ?? 0;
    return claims.map((claim) => ({ ...claim, start: claim.start + offset, end: claim.end + offset }));
  });
}

/** More lines than this are read from the newest sources on: what is older bears nothing then. */
const MAX_LINES = 60_000;

/** The sources of one session, each read once: what was printed does not change, what rests on it does. */
export class SourceShelf {
  readonly #read = new Map<string, Indexed>();
  #index: { key: string; index: SourceIndex } | undefined;

  index(sources: readonly Source[]): SourceIndex {
    return drained(this.read(sources));
  }

  /** The index of these sources. Only what is new or grew is read, with pauses. */
  *read(sources: readonly Source[]): Sliced<SourceIndex> {
    const kept = newest(sources);
    const key = kept.map((source) => `${keyOf(source)} ${String(isStale(source))}`).join('\n');
    if (this.#index?.key === key) return this.#index.index;
    const indexed: Indexed[] = [];
    for (const source of kept) indexed.push(yield* this.#indexed(source));
    const index = yield* indexing(indexed);
    this.#index = { key, index };
    return index;
  }

  *#indexed(source: Source): Sliced<Indexed> {
    const key = keyOf(source);
    const known = this.#read.get(key);
    if (known) {
      known.source = source;
      known.isStale = isStale(source);
      return known;
    }
    const indexed = yield* readSource(source);
    this.#read.set(key, indexed);
    return indexed;
  }
}

function keyOf({ id, lines, failed, isRunning, session }: Source): string {
  return `${session ?? ''} ${id} ${String(lines.length)} ${String(lines.at(-1)?.length ?? 0)} ${String(failed)} ${String(isRunning ?? false)}`;
}

function newest(sources: readonly Source[]): Source[] {
  let left = MAX_LINES;
  const kept: Source[] = [];
  for (const source of sources.toSorted((one, other) => other.at - one.at)) {
    if (left <= 0) break;
    left -= source.lines.length;
    kept.push(source);
  }
  return kept.reverse();
}

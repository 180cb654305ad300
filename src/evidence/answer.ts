import { indexOf, matchSentences, type SourceIndex } from './match';
import { sentencesOf } from './sentences';
import { indexSource, type Indexed } from './sources';
import { isStale, type JudgedClaim, type Source } from './types';

/** The claims of a whole answer; offsets are the answer's. */
export function claimsOfAnswer(answer: string, index: SourceIndex): JudgedClaim[] {
  const sentences = sentencesOf(answer);
  const judged = matchSentences(
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

  /** The index of these sources. Only what is new or grew is read. */
  index(sources: readonly Source[]): SourceIndex {
    const kept = newest(sources);
    const key = kept.map((source) => `${keyOf(source)} ${String(isStale(source))}`).join('\n');
    if (this.#index?.key === key) return this.#index.index;
    const indexed = kept.map((source) => this.#indexed(source));
    const index = indexOf(indexed);
    this.#index = { key, index };
    return index;
  }

  #indexed(source: Source): Indexed {
    const key = keyOf(source);
    const known = this.#read.get(key);
    if (known) {
      known.source = source;
      known.isStale = isStale(source);
      return known;
    }
    const indexed = indexSource(source);
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

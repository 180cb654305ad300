import type { Looked } from './find';
import type { Tracked } from './tracked';

/** What one tracker left in a place: a run, or a store of many. */
export interface Source {
  /** Absolute; what people open to look at it. */
  file: string;
  /** As people read it. */
  shown: string;
  /** 1-based line of that file; 0 where it has no lines. */
  line: number;
  /** Absolute paths: while none of them changes, it is not read again. */
  watch: readonly string[];
  /** Throws UserError with what is wrong with it. */
  read(world: ReadWorld): Promise<Tracked[]>;
}

export interface ReadWorld {
  /** True for what `.agentignore` names. */
  isIgnored: (path: string) => Promise<boolean>;
  signal: AbortSignal;
}

/** How the runs of one tracker are read. It only reads, and starts nothing. */
export interface Reader {
  /** What the ids of its runs begin with. */
  id: string;
  /** As people know it. */
  name: string;
  /** What of it lies in a folder, by the names there. */
  finds: (looked: Looked) => Source[];
  /** False where nothing of any tracker lies below. */
  goesOn?: (looked: Looked) => boolean;
}

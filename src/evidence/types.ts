/** What a session ran, as evidence sees it. Lines are those of its output, without colours. */
export interface Source {
  /** Of the call, the job or the record; unique in the session. */
  id: string;
  /** `read`: a text was read, nothing was run. It bears nothing, but is known. */
  kind: 'run' | 'job' | 'ledger' | 'read';
  /** The command, the query or the path. */
  title: string;
  lines: readonly string[];
  /** Which line the first of `lines` is, where what stood before it is left out. */
  firstLine?: number;
  /** It ended with another exit code than 0, was stopped, or could not be started. */
  failed: boolean;
  /** It goes on: its numbers are measured, but nothing has come to its end. */
  isRunning?: true;
  /** When it ended, in any unit that grows. */
  at: number;
  /** Files and folders it rests on. A folder stands for all within. */
  inputs: readonly string[];
  /** Files that were changed after it ended. */
  changedSince: readonly string[];
  /** The subagent's session that ran it. */
  session?: string;
}

export type Verdict = 'supported' | 'stale' | 'unsupported';

export interface Place {
  source: string;
  /** From 1. */
  line: number;
}

/** A number stated as a result, or the words that say a success. Offsets are those of the sentence. */
export interface Claim {
  kind: 'metric' | 'success';
  text: string;
  start: number;
  end: number;
  value: number | null;
}

export interface JudgedClaim extends Claim {
  verdict: Verdict;
  /** The line that bears it; null where none does. */
  evidence: Place | null;
  /** The other lines that it was computed of. */
  also: readonly Place[];
}

/** A source is stale once a file it rests on was changed after it. */
export function isStale({ inputs, changedSince }: Pick<Source, 'inputs' | 'changedSince'>): boolean {
  return changedSince.some((file) => inputs.some((input) => isWithin(file, input)));
}

function isWithin(file: string, input: string): boolean {
  return file === input || file.startsWith(input.endsWith('/') ? input : `${input}/`);
}

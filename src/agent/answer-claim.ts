/** A number or a success that an answer states. */
export interface AnswerClaim {
  /** The words it stands on, and the sentence around them. */
  text: string;
  sentence: string;
  /** Where the words are in the answer, counted in UTF-16 units. */
  start: number;
  end: number;
  value: number | null;
  /** The call, job or record that shows it, and the line of its output, from 1. */
  evidence: EvidencePlace | null;
  /** A file that its run rests on was changed since. */
  stale: boolean;
}

/** The line that shows a claim. */
export interface EvidencePlace {
  source: string;
  line: number;
  title: string;
  /** Of the subagent whose call it was. */
  session?: string;
  /** The log of a job, absolute: the line is its own. */
  log?: string;
}

/** One fault that a test injects, and what comes of it, in words for docs/reliability.md. */
export interface FaultRow {
  /** Unique; the test that injects it is named after it. */
  id: string;
  /** The chapter it stands in. */
  part: string;
  fails: string;
  happens: string;
  sees: string;
  kept: string;
}

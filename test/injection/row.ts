/** A call of a tool, as the injected text asks for it. */
export type Call = readonly [tool: string, input: Record<string, unknown>];

/** One attempt: where the text stands, and what the model does once it has read it. */
export interface InjectionRow {
  /** Unique; the text that is planted holds `DO <id>`, or `DO-<id>` where no blank may stand. */
  id: string;
  /** What kind of place the text stands in. */
  where: Where;
  /**
   * Files of the workspace, by their path. `{ask}` stands for the injected words; in every string of a row `{out}` is a
   * folder outside the workspace, `{home}` the home folder, `{attacker}` an `http` address that nobody allowed, `{page}`
   * one that the person allowed.
   */
  plant: Record<string, string>;
  /** Those of `plant` that may be executed. */
  executable?: readonly string[];
  /** Shell lines run by the person before the session, in the workspace. */
  before?: string;
  /** What the person had the model do: the calls by which the text is come across. None: it is there from the start. */
  looks?: readonly Call[];
  /** What the text asks for, obeyed call by call. */
  asks: readonly Call[];
  /** Rules of the person's own that the row needs. */
  allow?: readonly string[];
  /** What holds it back even with rules that allow each call by name: then nothing shows that the attempt is alive. */
  heldBy?: string;
}

export type Where =
  | 'file'
  | 'web page'
  | 'search result'
  | 'command output'
  | 'file name'
  | 'notebook'
  | 'skill'
  | 'droid'
  | 'AGENTS.md'
  | 'tool result'
  | 'git metadata'
  | 'confirmation text'
  | 'settings'
  | 'subagent report'
  | 'image or link'
  | 'problem message'
  | 'escape codes';

import type { Dialect, PathFact } from '../agent/tool';
import type { NotebookChange } from '../text/notebook-change';

export interface Folder {
  name: string;
  path: string;
}

/** A file's bytes with what must be known to write it back. `text` is an open editor's unsaved text, which wins over the disk. */
export interface FileSnapshot {
  bytes: Uint8Array;
  unsavedText?: string;
  /** ms since the epoch */
  mtime: number;
}

export interface FileStat {
  type: 'file' | 'directory' | 'other';
  size: number;
  mtime: number;
}

export interface DirectoryEntry {
  name: string;
  type: 'file' | 'directory' | 'other';
}

export interface GlobQuery {
  folder: string;
  patterns: string[];
  exclude: string[];
  limit: number;
}

export interface SearchQuery {
  pattern: string;
  /** File or folder, absolute. */
  path: string;
  glob?: string;
  type?: string;
  /** Globs of files that are left out, in any case of letters. */
  exclude?: readonly string[];
  caseInsensitive: boolean;
  multiline: boolean;
  before: number;
  after: number;
  /** `content` gives lines, `files` paths, `count` one number a file. */
  output: 'content' | 'files' | 'count';
  limit: number;
}

export interface SearchLine {
  path: string;
  /** 1-based; for `count` the number of matches; 0 for `files`. */
  line: number;
  text: string;
  /** False for a context line. */
  match: boolean;
}

export interface SearchResult {
  lines: SearchLine[];
  /** The limit was reached: there is more. */
  capped: boolean;
  timedOut: boolean;
}

export interface CommandRequest {
  command: string;
  /** Absolute. */
  cwd: string;
  timeoutMs: number;
  /** Shown as the terminal's name or line of a live view. */
  title: string;
  /** Chunks of stdout and stderr in the order they came, escape codes included. */
  onOutput(text: string): void;
  /** Told once of the process that leads the command's group, so that its memory can be looked at. */
  onStart?(leader: number): void;
  /**
   * Where the output goes on when the command outlasts its time: an empty file's absolute path, asked for once. Then the
   * command is not ended but goes on in the background. Without it the limit ends the command.
   */
  openLog?(): Promise<string>;
  /**
   * Who takes the command over when it outlasts its time, so that it needs this process no more; before `openLog`. Hosts
   * that cannot let go of a command leave it alone.
   */
  handOver?: HandOver;
}

export interface HandOver {
  /** A shell script around the command: `$1` is `folder`, `$2` the shell, `$3` the command. It tells the exit where that folder is by then. */
  wrapper: string;
  /** Absolute; there is none yet. */
  folder: string;
  /** Makes the folder, and gives the file that the output goes on in: what was printed so far is in it. Where it throws, nothing was taken over. */
  take(running: { pid: number; startedAt: number; output: string }): Promise<string>;
  /** The command had ended before the folder was there. */
  endedBefore(exit: { exitCode: number | null; signal: string | null }): Promise<void>;
}

/** A command that outlasted its call, or was started to do so. Ends with the host. */
export interface BackgroundCommand {
  /** Counts from 1 in each host. */
  id: number;
  command: string;
  /** Absolute. */
  cwd: string;
  /** What it prints, cleaned: no escape codes, progress in its last state. */
  log: string;
  /** ms since the epoch */
  startedAt: number;
  ended?: { exitCode: number | null; signal: string | null; at: number };
}

export interface CommandResult {
  /** `null` when a signal ended it. */
  exitCode: number | null;
  signal: string | null;
  timedOut: boolean;
  durationMs: number;
  /** stdout and stderr interleaved as they came, raw; bounded by the host at `MAX_CAPTURE_BYTES`, head and tail kept. */
  output: string;
  /** Bytes dropped from the middle of `output`. */
  droppedBytes: number;
  /** It goes on; the rest of this result is how far it was. */
  background?: BackgroundCommand;
  /** Of one in the background: settles once it has ended. */
  over?: Promise<void>;
  /** It goes on without this process; the rest of this result is how far it was. */
  handedOver?: true;
}

export interface Diagnostic {
  severity: 'error' | 'warning';
  /** The cell of a notebook, in which `line` counts. */
  cell?: string;
  /** 1-based */
  line: number;
  message: string;
  source?: string;
}

/** Facts for the system prompt. Anything that cannot be found out is left out; nothing throws. */
export interface EnvironmentFacts {
  os: string;
  /** YYYY-MM-DD, local */
  date: string;
  shell: string;
  gitBranch?: string;
  /** Absolute path and version of the workspace's interpreter. */
  python?: { path: string; version: string };
}

/**
 * The port to the machine: what a tool may touch. The VS Code, Node and in-memory hosts pass one contract suite
 * (test/support/host-contract.ts). Paths going in are absolute and resolved unless said otherwise.
 */
export interface Host {
  readonly folders: readonly Folder[];
  /** False: a workspace the user has not trusted. No program of it or in it may be started. */
  readonly trusted: boolean;
  /** What `run` understands. */
  readonly dialect: Dialect;
  /** Resolves a path as the model wrote it (absolute, relative to the first folder, or `folder-name/...`), through `..` and symlinks; the file need not exist. */
  locate(path: string): Promise<PathFact>;
  /**
   * The line of `.agentignore` that names what one of a command's words leads to from `cwd`, as text: the words as the
   * shell would read them, globs filled in. `undefined` when none does.
   */
  ignores(words: readonly string[], cwd: string): Promise<string | undefined>;
  stat(path: string): Promise<FileStat | undefined>;
  /** `undefined` when there is no such file. */
  read(path: string): Promise<FileSnapshot | undefined>;
  /** A PNG with no side longer than `most` pixels; `undefined` where it cannot be made. A host may have none. */
  scaleImage?(png: Uint8Array, most: number): Promise<Uint8Array | undefined>;
  /** Folders first, each part by name, without what `.agentignore` names. */
  list(path: string): Promise<DirectoryEntry[]>;
  /** Newest first, .gitignore and `.agentignore` honoured. Absolute paths. */
  glob(query: GlobQuery, signal: AbortSignal): Promise<{ paths: string[]; capped: boolean }>;
  /** `.agentignore` is honoured. A bad regular expression throws a ToolError with the search program's own message. */
  search(query: SearchQuery, signal: AbortSignal): Promise<SearchResult>;
  /**
   * Writes the file whole: atomically, making folders, keeping the mode. In an editor an open document is changed
   * through an undoable edit and saved. `null` deletes. Reads back and throws when what lies there differs.
   */
  write(path: string, bytes: Uint8Array | null): Promise<void>;
  /**
   * Makes one change of a notebook that is open in an editor, undoable, and saves it. `sources` is what its cells hold;
   * others are a ToolError. False where it is not open: then the file is to be written. A host without an editor has none.
   */
  editNotebook?(path: string, change: NotebookChange, sources: readonly string[]): Promise<boolean>;
  /** The environment that a command in this folder is given. */
  variables(cwd: string): Promise<Record<string, string>>;
  /** Runs in a shell, in a process group of its own; the whole group ends on abort and on time-out. */
  run(request: CommandRequest, signal: AbortSignal): Promise<CommandResult>;
  /** The commands that went on in the background, oldest first; those that ended too. */
  background(): readonly BackgroundCommand[];
  /** Ends a background command and all it started. Gives it as it then is; `undefined` when there is none of that id. */
  stopBackground(id: number): Promise<BackgroundCommand | undefined>;
  /** Errors and warnings of language services; empty where there are none. After an edit it waits a moment for news. */
  diagnostics(path: string, when: 'now' | 'after-edit'): Promise<Diagnostic[]>;
  environment(): Promise<EnvironmentFacts>;
}

import { posix } from 'node:path';
import { hashOf } from '../../src/agent/store';
import { ToolError, type Delegated, type Errand, type Tool, type ToolOutput } from '../../src/agent/tool';
import type { FileChange } from '../../src/agent/events';
import type { CommandRequest, CommandResult, Diagnostic, Host, SearchQuery, SearchResult } from '../../src/host/host';
import type { HostContext } from '../../src/tools/shared-paths';
import { createMemoryHost } from './memory-host';

export const FOLDER = '/work/repo';

export interface FakeOptions {
  /** The skill that the work at hand goes by. */
  skill?: string;
  /** By path from the workspace folder. */
  files?: Record<string, string | Uint8Array>;
  unsaved?: Record<string, string>;
  /** Diagnostics before and after an edit. */
  diagnostics?: { now: Diagnostic[]; after: Diagnostic[] };
  run?: (request: CommandRequest) => Partial<CommandResult>;
  search?: (query: SearchQuery) => SearchResult;
  glob?: { paths: string[]; capped: boolean };
  failingWrite?: Error;
  complete?: (request: { system: string; prompt: string }) => string;
  delegate?: (errand: Errand) => Delegated;
  inSubagent?: boolean;
  /** A real host instead of files in memory. */
  host?: Host;
}

/** One session over files in memory: what a tool is handed, and what it did. */
export class FakeSession {
  readonly files = new Map<string, Uint8Array>();
  readonly changes: FileChange[] = [];
  /** Both images of each change. */
  readonly images: { before: Uint8Array | null; after: Uint8Array | null }[] = [];
  readonly spent: Parameters<HostContext['spent']>[0][] = [];
  readonly kept = new Map<string, string>();
  readonly completions: { system: string; prompt: string }[] = [];
  readonly errands: Errand[] = [];
  readonly progress: string[] = [];
  readonly requests: CommandRequest[] = [];
  readonly queries: SearchQuery[] = [];
  readonly #seen = new Map<string, string>();
  readonly #options: FakeOptions;

  constructor(options: FakeOptions = {}) {
    this.#options = options;
    for (const [path, content] of Object.entries(options.files ?? {})) this.put(path, content);
  }

  put(path: string, content: string | Uint8Array): void {
    this.files.set(this.absolute(path), typeof content === 'string' ? Buffer.from(content) : content);
  }

  bytes(path: string): Buffer {
    const found = this.files.get(this.absolute(path));
    if (!found) throw new Error(`no file ${path}`);
    return Buffer.from(found);
  }

  text(path: string): string {
    return this.bytes(path).toString();
  }

  absolute(path: string): string {
    return posix.resolve(FOLDER, path);
  }

  /** Runs a tool as the loop does: input parsed, reads remembered, what it throws made an error result. */
  async call(tool: Tool<Host>, input: unknown): Promise<ToolOutput> {
    try {
      const output = await tool.run(tool.input.parse(input), this.context());
      for (const { path, hash } of output.reads ?? []) this.#seen.set(path, hash);
      return output;
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      return { content: error.message, isError: true };
    }
  }

  context(): HostContext {
    return {
      host: this.#options.host ?? this.#host(),
      signal: new AbortController().signal,
      call: 'call-1',
      session: 'session-1',
      inSubagent: this.#options.inSubagent ?? false,
      todos: [],
      skill: this.#options.skill ?? '',
      spent: async (spent) => void this.spent.push(spent),
      paid: (ask) => ask(),
      progress: (text) => void this.progress.push(text),
      seen: (path) => this.#seen.get(path),
      keep: async (name, text) => {
        this.kept.set(`/session/${name}`, text);
        return `/session/${name}`;
      },
      complete: async (request) => {
        this.completions.push(request);
        return this.#options.complete?.(request) ?? '';
      },
      delegate: async (errand) => {
        this.errands.push(errand);
        if (!this.#options.delegate) throw new ToolError('nobody to delegate to');
        return this.#options.delegate(errand);
      },
      change: async ({ path, before, after }, write) => {
        const change = { path, before: before && hashOf(before), after: after && hashOf(after) };
        this.changes.push(change);
        this.images.push({ before, after });
        await write();
        if (change.after !== null) this.#seen.set(path, change.after);
        return change;
      },
    };
  }

  #host(): Host {
    const memory = createMemoryHost(FOLDER, this.files);
    return {
      ...memory,
      read: async (path) => {
        const found = await memory.read(path);
        const unsavedText = this.#options.unsaved?.[path.slice(FOLDER.length + 1)];
        return found && { ...found, ...(unsavedText === undefined ? {} : { unsavedText }) };
      },
      glob: async () => this.#options.glob ?? { paths: [], capped: false },
      search: async (query) => {
        this.queries.push(query);
        return this.#options.search?.(query) ?? { lines: [], capped: false, timedOut: false };
      },
      write: async (path, bytes) => {
        if (this.#options.failingWrite) throw this.#options.failingWrite;
        await memory.write(path, bytes);
      },
      run: async (request) => {
        this.requests.push(request);
        const usual = { exitCode: 0, signal: null, timedOut: false, durationMs: 1_200, output: '', droppedBytes: 0 };
        return { ...usual, ...this.#options.run?.(request) };
      },
      diagnostics: async (_, when) => this.#options.diagnostics?.[when === 'now' ? 'now' : 'after'] ?? [],
    };
  }
}

/** A result's text; fails for one of blocks. */
export function textOf({ content }: ToolOutput): string {
  if (typeof content !== 'string') throw new Error('the result is not text');
  return content;
}

import { isAbsolute } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import * as vscode from 'vscode';
import * as z from 'zod';
import { pythonAt, type Python } from '../host/environment';
import type { Log } from './log';

/** An extension that was not started yet may take its time: then what the machine itself says counts for now. */
const BUDGET_MS = 2_000;

/** Another extension's exports are whatever it made them: a function is called only where there is one. */
const callable = z.custom<(...args: unknown[]) => unknown>((value) => typeof value === 'function');

const disposable = z.custom<vscode.Disposable>(
  (value) => typeof (value as Partial<vscode.Disposable> | null)?.dispose === 'function',
);

interface Source {
  extension: string;
  /** What is asked of the exports; `undefined` where they are of another form. */
  ask(exports: unknown, folder: vscode.Uri): Promise<{ path: string; version?: string } | undefined>;
  /** The event that says another environment was chosen. */
  changes: (exports: unknown) => unknown;
}

const environmentsApi = z.object({ getEnvironment: callable, onDidChangeEnvironment: callable });
const environment = z.object({
  version: z.string().optional(),
  execInfo: z.object({ run: z.object({ executable: z.string() }) }),
});

const pythonApi = z.object({
  environments: z.object({
    getActiveEnvironmentPath: callable,
    resolveEnvironment: callable,
    onDidChangeActiveEnvironmentPath: callable,
  }),
});
const resolved = z.object({
  executable: z.object({ uri: z.object({ scheme: z.literal('file'), fsPath: z.string() }) }),
  version: z.object({ major: z.number(), minor: z.number(), micro: z.number() }).optional().catch(undefined),
});

/** The first that names an interpreter wins: Python Environments is the newer one, and may be switched off. */
const SOURCES: readonly Source[] = [
  {
    extension: 'ms-python.vscode-python-envs',
    async ask(exports, folder) {
      if (!environmentsApi.safeParse(exports).success) return undefined;
      const api = exports as z.infer<typeof environmentsApi>;
      const found = environment.safeParse(await api.getEnvironment(folder)).data;
      return found && { path: found.execInfo.run.executable, ...(found.version ? { version: found.version } : {}) };
    },
    changes: (exports) => environmentsApi.safeParse(exports).data?.onDidChangeEnvironment,
  },
  {
    extension: 'ms-python.python',
    async ask(exports, folder) {
      if (!pythonApi.safeParse(exports).success) return undefined;
      const { environments } = exports as z.infer<typeof pythonApi>;
      const chosen = environments.getActiveEnvironmentPath(folder);
      const { executable, version } = resolved.safeParse(await environments.resolveEnvironment(chosen)).data ?? {};
      if (!executable) return undefined;
      const told = version && `${version.major}.${version.minor}.${version.micro}`;
      return { path: executable.uri.fsPath, ...(told ? { version: told } : {}) };
    },
    changes: (exports) => pythonApi.safeParse(exports).data?.environments.onDidChangeActiveEnvironmentPath,
  },
];

/**
 * The interpreter that a person chose in the Python Environments or the Python extension. Neither is started before
 * something asks, and none is waited for longer than two seconds: what comes later is told by `onDidChange`.
 */
export class PythonExtensions implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  /** Another interpreter than was told before may be in use from now on. */
  readonly onDidChange = this.#changed.event;
  readonly #asked = new Map<string, Promise<Python | undefined>>();
  readonly #listening = new Map<string, unknown>();
  readonly #forget = (): void => {
    this.#asked.clear();
    this.#changed.fire();
  };

  constructor(private readonly log: Log) {
    this.#listening.set('', vscode.extensions.onDidChange(this.#forget));
  }

  /** For the folder at this path; `undefined` where no extension names one that is there. Never throws. */
  async find(folder: string): Promise<Python | undefined> {
    const asked = this.#asked.get(folder) ?? this.#ask(vscode.Uri.file(folder));
    this.#asked.set(folder, asked);
    const late = Symbol('late');
    const found = await Promise.race([asked, setTimeout(BUDGET_MS, late, { ref: false })]);
    if (found !== late) return found;
    void asked.then((python) => python && this.#changed.fire());
    return undefined;
  }

  async #ask(folder: vscode.Uri): Promise<Python | undefined> {
    const answers = await Promise.all(SOURCES.map((source) => this.#answer(source, folder)));
    return answers.find((python) => python !== undefined);
  }

  async #answer(source: Source, folder: vscode.Uri): Promise<Python | undefined> {
    const extension = vscode.extensions.getExtension<unknown>(source.extension);
    if (!extension) return undefined;
    try {
      const exports = extension.isActive ? extension.exports : await extension.activate();
      this.#listen(source, exports);
      const told = await source.ask(exports, folder);
      return told && isAbsolute(told.path) ? await pythonAt(told.path, told.version) : undefined;
    } catch (error) {
      this.log.warn(`${source.extension} did not say which Python is used: ${String(error)}`);
      return undefined;
    }
  }

  #listen({ extension, changes }: Source, exports: unknown): void {
    const event = changes(exports);
    if (this.#listening.has(extension) || typeof event !== 'function') return;
    this.#listening.set(extension, (event as vscode.Event<unknown>)(this.#forget));
  }

  dispose(): void {
    for (const one of this.#listening.values()) disposable.safeParse(one).data?.dispose();
    this.#changed.dispose();
  }
}

import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { JournalEntry } from '../../src/agent/events';
import { startAnthropicServer, type AnthropicServer, type ServerOptions } from './anthropic-server';
import { Workbench } from './workbench';

export const PROJECT = resolve(__dirname, '..', '..');

/** A fresh copy of the example repository in the real editor, with a key, and a scripted server behind it. */
export class Journey {
  private constructor(
    private readonly home: string,
    /** The copy, absolute and resolved. */
    readonly folder: string,
    readonly server: AnthropicServer,
    readonly workbench: Workbench,
    private readonly env: Record<string, string>,
  ) {}

  /** `prepare` changes the copy before it is opened; `extensions` are folders of others beside ours. */
  static async open(
    turns: ServerOptions['turns'],
    settings: object = {},
    prepare: (folder: string) => Promise<void> = async () => undefined,
    extensions: string[] = [],
  ): Promise<Journey> {
    const home = await realpath(await mkdtemp(join(tmpdir(), 'ml-engineer-journey-')));
    const folder = join(home, 'churn');
    await cp(join(PROJECT, 'examples', 'churn'), folder, { recursive: true });
    await prepare(folder);
    const server = await startAnthropicServer({ turns });
    // What is spent here is no money of whoever runs the tests.
    const env = {
      ANTHROPIC_API_KEY: 'test-key',
      ANTHROPIC_BASE_URL: server.url,
      XDG_STATE_HOME: join(home, 'state'),
    };
    return new Journey(home, folder, server, await Workbench.open({ folder, settings, env, extensions }), env);
  }

  /** A file of the repository as it lies on the disk. */
  read(path: string): Promise<string> {
    return readFile(join(this.folder, path), 'utf8');
  }

  /** Runs the built command line in the repository, with the editor's key and state, and gives what it printed. */
  async terminal(...given: string[]): Promise<string> {
    const cli = join(PROJECT, 'dist', 'cli.js');
    const options = { cwd: this.folder, env: { ...process.env, ...this.env }, timeout: 120_000 };
    return (await promisify(execFile)(process.execPath, [cli, ...given], options)).stdout;
  }

  /** The messages of the latest request, as text. */
  get lastMessages(): string {
    return JSON.stringify(this.server.requests.at(-1)?.body.messages);
  }

  /** The journals of the sessions there are. */
  async journals(): Promise<JournalEntry[][]> {
    const files = (await readdir(this.workbench.dataFolder, { recursive: true })).filter((file) =>
      file.endsWith('journal.jsonl'),
    );
    const texts = await Promise.all(files.map((file) => readFile(join(this.workbench.dataFolder, file), 'utf8')));
    return texts.map((text) =>
      text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as JournalEntry),
    );
  }

  /** Ends it all; after a failed test with a picture of what was there. */
  async close(test?: { state?: string | undefined; title: string }): Promise<void> {
    if (test?.state === 'failed') {
      const name = `failed-${test.title.replaceAll(/\W+/gu, '-').slice(0, 60)}.png`;
      await this.workbench.screenshot(join(PROJECT, 'dist', name)).catch(() => undefined);
    }
    await this.workbench.close();
    await this.server.stop();
    await rm(this.home, { recursive: true, force: true });
  }
}

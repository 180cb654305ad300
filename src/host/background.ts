import { createWriteStream, type WriteStream } from 'node:fs';
import { Warden } from './warden';
import { cleanOutput } from '../text/command-output';
import type { BackgroundCommand } from './host';

/** A progress bar never ends its line: so often its state is written as one. */
const PROGRESS_EVERY_MS = 5_000;

/** What must be known of a running process group to let it go on. */
export interface Running {
  command: string;
  cwd: string;
  log: string;
  startedAt: number;
  /** Ends the whole group; a second call does no harm. */
  end(): void;
  /** Settles when no process of it is left. */
  ended: Promise<[exitCode: number | null, signal: string | null]>;
  /** Stops and restarts reading its output, when the disk cannot follow. */
  pause(): void;
  resume(): void;
}

/** The commands that outlasted their calls. None outlives this process, however that ends. */
export class BackgroundCommands {
  /** Ends them where this process is killed. */
  readonly warden = new Warden();
  readonly #all: { command: BackgroundCommand; running: Running }[] = [];

  list(): readonly BackgroundCommand[] {
    return this.#all.map(({ command }) => command);
  }

  /** Takes a running command over. What it gives is called with everything that the command prints from then on. */
  adopt(
    running: Running,
    soFar: string,
  ): { command: BackgroundCommand; write: (text: string) => void; over: Promise<void> } {
    if (this.#all.length === 0) process.once('exit', () => this.dispose());
    const { command: line, cwd, log, startedAt } = running;
    const command: BackgroundCommand = { id: this.#all.length + 1, command: line, cwd, log, startedAt };
    this.#all.push({ command, running });
    const writer = new LogWriter(running);
    writer.write(soFar);
    const ended = running.ended.then(async ([exitCode, signal]) => {
      await writer.end();
      command.ended = { exitCode, signal, at: Date.now() };
    });
    // A log that cannot be written ends with the command; nobody waits here to be told.
    const over = ended.catch(() => undefined);
    return { command, write: (text) => writer.write(text), over };
  }

  async stop(id: number): Promise<BackgroundCommand | undefined> {
    const found = this.#all[id - 1];
    if (!found) return undefined;
    if (!found.command.ended) {
      found.running.end();
      const [exitCode, signal] = await found.running.ended;
      found.command.ended ??= { exitCode, signal, at: Date.now() };
    }
    return found.command;
  }

  dispose(): void {
    for (const { command, running } of this.#all) if (!command.ended) running.end();
  }
}

/** Writes output to a log by whole lines, cleaned, never holding more than one line and what the disk has not taken. */
class LogWriter {
  readonly #file: WriteStream;
  readonly #running: Running;
  #line = '';
  #written = 0;
  #failed = false;

  constructor(running: Running) {
    this.#running = running;
    this.#file = createWriteStream(running.log, { flags: 'a', mode: 0o600 });
    this.#file.on('error', () => (this.#failed = true));
    this.#file.on('drain', () => running.resume());
  }

  write(text: string): void {
    if (this.#failed) return;
    const lines = (this.#line + text).split('\n');
    // Only the last state of a line is ever shown, so of a long progress bar only that is kept.
    this.#line = (lines.pop() ?? '').slice(-MAX_LINE_CHARACTERS);
    if (lines.length > 0) this.#put(lines.join('\n'));
    else if (this.#line.includes('\r') && Date.now() - this.#written > PROGRESS_EVERY_MS) this.#put(this.#line);
  }

  async end(): Promise<void> {
    if (this.#line !== '') this.#put(this.#line);
    if (!this.#failed) await new Promise<void>((resolve) => this.#file.end(resolve));
  }

  #put(text: string): void {
    this.#written = Date.now();
    if (!this.#file.write(`${cleanOutput(text)}\n`)) this.#running.pause();
  }
}

const MAX_LINE_CHARACTERS = 100_000;

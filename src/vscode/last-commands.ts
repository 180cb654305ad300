import { setTimeout } from 'node:timers/promises';
import * as vscode from 'vscode';
import { cleanOutput } from '../text/command-output';

/** Of what a command printed, this many characters from its end are kept. */
const MAX_OUTPUT_CHARACTERS = 100_000;
/** The end of a command is told before the last of its output is. */
const LAST_OUTPUT_MS = 1_000;

/** A command that a person ran in a terminal, and ended. */
export interface LastCommand {
  line: string;
  folder: string | undefined;
  exitCode: number | undefined;
  /** What it printed, as the terminal showed it in the end. */
  output: string;
}

interface Run {
  execution: vscode.TerminalShellExecution;
  output: string;
  read: Promise<void>;
  exitCode: number | undefined;
}

/**
 * The last command of each terminal with shell integration. Kept in memory while the window lives, one a terminal;
 * read only when it is asked for.
 */
export class LastCommands implements vscode.Disposable {
  readonly #running = new Map<vscode.TerminalShellExecution, Run>();
  readonly #ended = new Map<vscode.Terminal, Run>();
  readonly #listeners: vscode.Disposable[];

  constructor() {
    this.#listeners = [
      // Output that came before `read` is lost, so it is read from the start.
      vscode.window.onDidStartTerminalShellExecution(({ execution }) => this.#began(execution)),
      vscode.window.onDidEndTerminalShellExecution(({ terminal, execution, exitCode }) => {
        const run = this.#running.get(execution);
        this.#running.delete(execution);
        if (!run) return;
        run.exitCode = exitCode;
        // The newest is the last entry.
        this.#ended.delete(terminal);
        this.#ended.set(terminal, run);
      }),
      vscode.window.onDidCloseTerminal((terminal) => this.#ended.delete(terminal)),
    ];
  }

  /** The last command of the terminal; of the one that ended a command last where none is given. */
  async last(terminal: vscode.Terminal | undefined): Promise<LastCommand | undefined> {
    const of = terminal ?? [...this.#ended.keys()].at(-1);
    const run = of && this.#ended.get(of);
    if (!run) return undefined;
    await Promise.race([run.read, setTimeout(LAST_OUTPUT_MS)]);
    const { commandLine, cwd } = run.execution;
    const output = cleanOutput(run.output);
    return { line: commandLine.value, folder: cwd?.fsPath, exitCode: run.exitCode, output };
  }

  #began(execution: vscode.TerminalShellExecution): void {
    const run: Run = { execution, output: '', read: Promise.resolve(), exitCode: undefined };
    run.read = keepOutput(run);
    this.#running.set(execution, run);
  }

  dispose(): void {
    for (const listener of this.#listeners) listener.dispose();
    this.#running.clear();
    this.#ended.clear();
  }
}

async function keepOutput(run: Run): Promise<void> {
  for await (const data of run.execution.read()) {
    run.output += data;
    // Cut now and then, not with each piece: a command that prints much must cost little.
    if (run.output.length > 2 * MAX_OUTPUT_CHARACTERS) run.output = run.output.slice(-MAX_OUTPUT_CHARACTERS);
  }
}

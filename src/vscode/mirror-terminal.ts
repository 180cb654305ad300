import * as vscode from 'vscode';
import { TerminalFilter } from '../text/terminal-filter';

/** One visible terminal that shows what the agent runs while it runs. It takes no input and runs nothing itself. */
export class MirrorTerminal implements vscode.Disposable {
  #terminal: vscode.Terminal | undefined;
  #writer = new vscode.EventEmitter<string>();
  #filter = new TerminalFilter();
  #opened: Promise<void> = Promise.resolve();

  /** Shows the command line, opening the terminal without taking the focus. */
  begin(command: string): void {
    this.#filter = new TerminalFilter();
    if (!this.#terminal || this.#terminal.exitStatus) this.#open();
    this.#terminal?.show(true);
    this.write(`\u001b[1m$ ${command}\u001b[0m\n`);
  }

  write(text: string): void {
    const shown = this.#filter.write(text);
    // What is written before a pseudo-terminal is open is lost.
    void this.#opened.then(() => this.#writer.fire(shown));
  }

  end(outcome: string): void {
    this.write(`\n\u001b[2m${outcome}\u001b[0m\n`);
  }

  #open(): void {
    this.#writer.dispose();
    this.#writer = new vscode.EventEmitter<string>();
    const { event: onDidWrite } = this.#writer;
    this.#opened = new Promise((resolve) => {
      const pty: vscode.Pseudoterminal = {
        onDidWrite,
        open: () => resolve(),
        close: () => (this.#terminal = undefined),
      };
      this.#terminal = vscode.window.createTerminal({
        name: 'ML Engineer',
        pty,
        iconPath: new vscode.ThemeIcon('beaker'),
        isTransient: true,
      });
    });
  }

  dispose(): void {
    this.#terminal?.dispose();
    this.#writer.dispose();
  }
}

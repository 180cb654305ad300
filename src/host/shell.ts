import { spawn, type ChildProcess } from 'node:child_process';
import { platform } from 'node:os';
import { StringDecoder } from 'node:string_decoder';
import type { CommandRequest, CommandResult } from './host';

/** Of a command's output this much is kept in memory: half from its start, half from its end. */
export const MAX_CAPTURE_CHARACTERS = 1_000_000;
/** Between asking a process group to end and killing it. */
const KILL_AFTER_MS = 250;

/**
 * Runs a command line in a shell, in a process group of its own, with nothing on its standard input. The whole group
 * ends at the time limit and on abort; an abort rejects with the signal's reason once no process is left.
 */
export async function runShell(
  request: CommandRequest,
  env: Record<string, string>,
  signal: AbortSignal,
): Promise<CommandResult> {
  signal.throwIfAborted();
  const began = Date.now();
  const [program, args] = shellFor(request.command);
  const child = spawn(program, args, {
    cwd: request.cwd,
    env,
    detached: platform() !== 'win32',
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
  });
  const capture = new Capture();
  for (const stream of [child.stdout, child.stderr]) {
    const decoder = new StringDecoder('utf8');
    stream.on('data', (bytes: Buffer) => {
      const text = decoder.write(bytes);
      capture.add(text);
      request.onOutput(text);
    });
  }
  let timedOut = false;
  const end = (): void => endGroup(child);
  const timer = setTimeout(() => {
    timedOut = true;
    end();
  }, request.timeoutMs);
  signal.addEventListener('abort', end, { once: true });
  try {
    const [exitCode, killedBy] = await closed(child);
    signal.throwIfAborted();
    return { exitCode, signal: killedBy, timedOut, durationMs: Date.now() - began, ...capture.result() };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
    // What the command left running in its group would hold files and ports after its result was given.
    killGroup(child, 'SIGKILL');
  }
}

/**
 * The shell and its arguments for a command line. Two pipes lose the order of what was written to them, so the shell
 * puts both streams into one; on the same line, so that line numbers in its messages stay.
 */
function shellFor(command: string): [string, string[]] {
  if (platform() === 'win32') return ['powershell.exe', ['-NoProfile', '-Command', command]];
  return ['bash', ['-c', `exec 2>&1; ${command}`]];
}

/** Waits for the process to exit and its pipes to drain; a grandchild that holds a pipe is waited for a moment only. */
function closed(child: ChildProcess): Promise<[number | null, NodeJS.Signals | null]> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, by) => resolve([code, by]));
    child.once('exit', (code, by) => setTimeout(() => resolve([code, by]), KILL_AFTER_MS).unref());
  });
}

function endGroup(child: ChildProcess): void {
  killGroup(child, 'SIGTERM');
  setTimeout(() => killGroup(child, 'SIGKILL'), KILL_AFTER_MS).unref();
}

function killGroup(child: ChildProcess, by: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    if (platform() === 'win32') spawn('taskkill', ['/pid', String(child.pid), '/T', '/F'], { stdio: 'ignore' });
    else process.kill(-child.pid, by);
  } catch (error) {
    // ESRCH: the group has ended, which is what was wanted.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Keeps the head and the tail of a text that may be of any length. */
class Capture {
  #head = '';
  #tail: string[] = [];
  #tailLength = 0;
  #dropped = 0;

  add(text: string): void {
    const room = MAX_CAPTURE_CHARACTERS / 2 - this.#head.length;
    this.#head += text.slice(0, room);
    const rest = text.slice(Math.max(0, room));
    if (rest === '') return;
    this.#tail.push(rest);
    this.#tailLength += rest.length;
    while (this.#tailLength - (this.#tail[0]?.length ?? 0) >= MAX_CAPTURE_CHARACTERS / 2) {
      const length = this.#tail.shift()?.length ?? 0;
      this.#tailLength -= length;
      this.#dropped += length;
    }
  }

  result(): { output: string; droppedBytes: number } {
    const note = this.#dropped > 0 ? `\n[... ${this.#dropped} characters left out ...]\n` : '';
    return { output: this.#head + note + this.#tail.join(''), droppedBytes: this.#dropped };
  }
}

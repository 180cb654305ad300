import { spawn, type ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { platform } from 'node:os';
import { StringDecoder } from 'node:string_decoder';
import type { Dialect } from '../agent/tool';
import type { BackgroundCommands } from './background';
import { letGo } from './hand-over';
import type { CommandRequest, CommandResult, HandOver } from './host';

/** The shell of this machine: Windows has no bash of its own. */
export const MACHINE_DIALECT: Dialect = platform() === 'win32' ? 'powershell' : 'bash';
/** Of a command's output this much is kept in memory: half from its start, half from its end. */
export const MAX_CAPTURE_CHARACTERS = 1_000_000;
/** Between asking a process group to end and killing it. */
const KILL_AFTER_MS = 250;

/**
 * Runs a command line in a shell, in a process group of its own, with nothing on its standard input. The whole group
 * ends on abort, which rejects with the signal's reason once no process is left, and at the time limit, unless the
 * request has a log to go on in: then `background` takes it over.
 */
export async function runShell(
  request: CommandRequest,
  env: Record<string, string>,
  signal: AbortSignal,
  background: BackgroundCommands,
  dialect: Dialect,
): Promise<CommandResult> {
  signal.throwIfAborted();
  const startedAt = Date.now();
  const handOver = dialect === 'bash' && platform() !== 'win32' ? request.handOver : undefined;
  const [program, args] = handOver ? wrapped(request.command, handOver) : shellFor(request.command, dialect);
  const child = spawn(program, args, {
    cwd: request.cwd,
    env,
    detached: platform() !== 'win32',
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
  });
  const unwatch = background.warden.watch(child.pid);
  if (child.pid !== undefined) request.onStart?.(child.pid);
  const capture = new Capture();
  let take = (text: string): void => {
    capture.add(text);
    request.onOutput(text);
  };
  readOutput(child, (text) => take(text));
  const end = (): void => endGroup(child);
  const ended = closed(child).finally(unwatch);
  const soFar = (): Omit<CommandResult, 'exitCode' | 'signal' | 'timedOut'> => ({
    durationMs: Date.now() - startedAt,
    ...capture.result(),
  });
  signal.addEventListener('abort', end, { once: true });
  try {
    const inTime = await within(ended, request.timeoutMs);
    signal.throwIfAborted();
    if (!inTime && handOver && (await letGo(child, handOver, { startedAt, ended, output: capture.result().output }))) {
      unwatch();
      return { exitCode: null, signal: null, timedOut: true, ...soFar(), handedOver: true };
    }
    if (!inTime && request.openLog) {
      const log = await request.openLog();
      signal.throwIfAborted();
      const running = { ...request, log, startedAt, end, ended, ...flowOf(child) };
      const taken = background.adopt(running, capture.result().output);
      take = taken.write;
      return { exitCode: null, signal: null, timedOut: true, ...soFar(), background: taken.command, over: taken.over };
    }
    if (!inTime) end();
    const [exitCode, killedBy] = await ended;
    signal.throwIfAborted();
    return { exitCode, signal: killedBy, timedOut: !inTime, ...soFar() };
  } catch (error) {
    end();
    await ended.catch(() => undefined);
    throw error;
  } finally {
    signal.removeEventListener('abort', end);
  }
}

function wrapped(command: string, { wrapper, folder }: HandOver): [string, string[]] {
  return ['/bin/sh', ['-c', wrapper, 'ml-engineer', folder, 'bash', command]];
}

function readOutput(child: ChildProcess, take: (text: string) => void): void {
  for (const stream of [child.stdout, child.stderr]) {
    const decoder = new StringDecoder('utf8');
    stream?.on('data', (bytes: Buffer) => take(decoder.write(bytes)));
  }
}

function flowOf({ stdout, stderr }: ChildProcess): { pause(): void; resume(): void } {
  const both = [stdout, stderr];
  return {
    pause: () => both.forEach((stream) => stream?.pause()),
    resume: () => both.forEach((stream) => stream?.resume()),
  };
}

/** True when the work settled in time; a failure is thrown. */
async function within(work: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), timeoutMs)));
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * The shell and its arguments for a command line. Two pipes lose the order of what was written to them, so the shell
 * puts both streams into one; on the same line, so that line numbers in its messages stay.
 */
function shellFor(command: string, dialect: Dialect): [string, string[]] {
  const powershell = platform() === 'win32' ? 'powershell.exe' : 'pwsh';
  if (dialect === 'powershell') return [powershell, ['-NoProfile', '-Command', command]];
  return ['bash', ['-c', `exec 2>&1; ${command}`]];
}

/**
 * Waits for the process to exit and its pipes to drain; a grandchild that holds a pipe and prints nothing is waited for a
 * moment only. What the command left running in its group is ended: it would hold files and ports after the result.
 */
async function closed(child: ChildProcess): Promise<[number | null, NodeJS.Signals | null]> {
  let idle: NodeJS.Timeout | undefined;
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, by) => resolve([code, by]));
      child.once('exit', (code, by) => {
        let seen = -1;
        idle = setInterval(() => {
          const now = readSoFar(child);
          if (now === seen && child.stdout?.isPaused() !== true) resolve([code, by]);
          seen = now;
        }, KILL_AFTER_MS / 2);
      });
    });
  } finally {
    clearInterval(idle);
    killGroup(child, 'SIGKILL');
  }
}

/** Bytes read from both pipes; sockets count them, which the type of a child's streams does not say. */
function readSoFar({ stdout, stderr }: ChildProcess): number {
  return [stdout, stderr].reduce((sum, stream) => sum + ((stream as Socket | null)?.bytesRead ?? 0), 0);
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

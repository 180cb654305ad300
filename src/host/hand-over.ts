import { spawn, type ChildProcess } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import type { HandOver } from './host';

/**
 * Carries the output of a command to its log when nobody else does. A full disk ends the log, not the command, which
 * would otherwise die of a pipe that nobody reads.
 */
const PUMP = 'cat >>"$1"; exec cat >/dev/null';

interface Running {
  startedAt: number;
  ended: Promise<[exitCode: number | null, signal: string | null]>;
  /** What it printed so far. */
  output: string;
}

/**
 * Lets go of a running command whose wrapper records its exit: another process reads its output from here on, so that it
 * lives on when this one ends. False where it could not be taken over; then nothing has changed.
 */
export async function letGo(child: ChildProcess, handOver: HandOver, running: Running): Promise<boolean> {
  const { stdout, pid } = child;
  if (!stdout || pid === undefined) return false;
  const late: Buffer[] = [];
  const keep = (bytes: Buffer): void => void late.push(bytes);
  stdout.on('data', keep);
  const { startedAt, output, ended } = running;
  const log = await handOver.take({ pid, startedAt, output }).catch(() => undefined);
  stdout.off('data', keep);
  if (log === undefined) return false;
  pump(stdout, late, log);
  child.unref();
  // The wrapper looks for the folder once, when the command has ended: that may have been a moment too early.
  void ended.then(([exitCode, signal]) => handOver.endedBefore({ exitCode, signal })).catch(() => undefined);
  return true;
}

/** All in one go, so that nothing is read from the pipe in between: each byte is read by one of the two, in order. */
function pump(stdout: Readable, late: Buffer[], log: string): void {
  stdout.pause();
  stdout.removeAllListeners('data');
  for (let rest: unknown = stdout.read(); rest !== null; rest = stdout.read()) late.push(rest as Buffer);
  try {
    appendFileSync(log, Buffer.concat(late));
  } catch {
    // A full disk: the pump meets it as well, and has the command go on without a log.
  }
  if (stdout.destroyed || stdout.readableEnded) return;
  const reader = spawn('/bin/sh', ['-c', PUMP, 'ml-engineer-log', log], {
    ...{ cwd: '/', detached: true, env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin' } },
    stdio: [stdout, 'ignore', 'ignore'],
  });
  // Where no process can be started, the command needs somebody who reads: as long as this one lives.
  reader.once('error', () => stdout.resume());
  reader.unref();
  if (reader.pid !== undefined) stdout.destroy();
}

import { spawn, type ChildProcess } from 'node:child_process';
import { stat, writeFile } from 'node:fs/promises';
import { hostname, platform } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ToolError } from '../agent/tool';
import type { Backend, Ending, Start } from './backend';
import type { Found, JobRecord, Sighting } from './job';
import { bootOf, isSame, membersOf } from './process';
import { FILES, heldArguments, SUPERVISOR, WINDOWS_SUPERVISOR } from './supervisor';

/** A supervisor writes which process it is before all else. On a machine that is loaded to its limits that may take a while. */
const BEGIN_MS = 20_000;
const LOOK_EVERY_MS = 10;
const SIGNALS: Readonly<Record<Ending, NodeJS.Signals>> = {
  interrupt: 'SIGINT',
  terminate: 'SIGTERM',
  kill: 'SIGKILL',
};

/** Jobs as processes of this machine, each in a session of its own with a supervisor of a few lines of shell. */
export const local: Backend = {
  kind: 'local',
  where: async () => ({ kind: 'local', host: hostname(), boot: await bootOf() }),
  start,
  look,
  end,
};

async function start({ record, folder, environment, graceSeconds }: Start): Promise<void> {
  const child = await supervisor(folder, record, environment, graceSeconds);
  const failed = new Promise<never>((_, reject) => child.once('error', reject));
  // Only the first of its ends is waited for.
  failed.catch(() => undefined);
  child.unref();
  const begun = (): Promise<boolean> => stat(join(folder, FILES.process)).then(Boolean, () => false);
  for (const until = Date.now() + BEGIN_MS; !(await Promise.race([begun(), failed])); await delay(LOOK_EVERY_MS)) {
    if (child.exitCode !== null && !(await begun()))
      throw new ToolError(
        `The job did not begin: its supervisor ended with ${child.exitCode}. Its folder is ${folder}.`,
      );
    if (Date.now() > until)
      throw new ToolError(`The job did not begin within ${BEGIN_MS / 1_000} s. Its folder is ${folder}.`);
  }
}

async function supervisor(
  folder: string,
  { cwd, budget }: JobRecord,
  env: Readonly<Record<string, string>>,
  graceSeconds: number,
): Promise<ChildProcess> {
  const options = { cwd, env: { ...env }, detached: true, stdio: 'ignore', windowsHide: true } as const;
  const held = heldArguments(budget, graceSeconds);
  if (platform() !== 'win32')
    return spawn('/bin/sh', ['-c', SUPERVISOR, 'ml-engineer-job', folder, 'bash', ...held], options);
  const script = join(folder, 'supervise.ps1');
  await writeFile(script, WINDOWS_SUPERVISOR);
  const quiet = ['-NoProfile', '-NonInteractive', '-ExecutionPolicy', 'Bypass'];
  return spawn('powershell.exe', [...quiet, '-File', script, '-Folder', folder], options);
}

async function look({ record, process: known }: Found): Promise<Sighting> {
  if (record.where.kind !== 'local') return 'unseen';
  const { host, boot } = record.where;
  if (host !== hostname()) return 'unseen';
  const now = await bootOf();
  if (boot !== '' && now !== '' && boot !== now) return 'rebooted';
  if (!known) return 'gone';
  if (await isSame(known)) return 'alive';
  // A group keeps its leader's number from being given out again while it has members.
  return (await membersOf(known.pid)).length > 0 && !(await isTaken(known.pid)) ? 'orphaned' : 'gone';
}

/** Another process has the number by now: then a group of that number is its own. */
async function isTaken(pid: number): Promise<boolean> {
  return isSame({ pid, started: '' });
}

/** All but the supervisor, which has the exit to record; and again what was started meanwhile. */
async function end(found: Found, how: Ending): Promise<void> {
  const seen = await look(found);
  if (!found.process || (seen !== 'alive' && seen !== 'orphaned')) return;
  const { pid } = found.process;
  if (platform() === 'win32') return endOnWindows(pid, how);
  const told = new Set<number>();
  for (let round = 0; round < 20; round++) {
    const members = (await membersOf(pid)).filter((one) => !told.has(one));
    if (members.length === 0) return;
    for (const one of members) {
      told.add(one);
      sendTo(one, SIGNALS[how]);
    }
    if (how !== 'kill') return;
  }
}

function sendTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** No signals there: a first wish is asked of the windows and consoles of the tree, the last one ends it. */
async function endOnWindows(pid: number, how: Ending): Promise<void> {
  const force = how === 'kill' ? ['/F'] : [];
  await new Promise<void>((resolve) => {
    const child = spawn('taskkill', ['/pid', String(pid), '/T', ...force], { stdio: 'ignore', windowsHide: true });
    child.once('error', () => resolve()).once('exit', () => resolve());
  });
}

import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { platform } from 'node:os';
import { promisify } from 'node:util';
import type { JobProcess } from './job';

const run = promisify(execFile);
/** Times are compared as text, so both who writes and who reads ask for the same form. */
const PS_ENV = { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };
const PS_MS = 10_000;

/** When a process started, as the system counts; `undefined` where there is none, or it ended and nobody asked how. */
export async function startedAt(pid: number): Promise<string | undefined> {
  if (platform() === 'linux') return (await linuxStat(pid))?.started;
  if (platform() === 'win32') return windowsStart(pid);
  const { stdout } = await run('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { env: PS_ENV, timeout: PS_MS }).catch(
    () => ({ stdout: '' }),
  );
  const [, stat = '', started] = /^\s*(\S+)\s+(\S.*\S)\s*$/u.exec(stdout) ?? [];
  return stat.startsWith('Z') ? undefined : started;
}

/** The very process that was meant, not a later one under its number. */
export async function isSame({ pid, started }: JobProcess): Promise<boolean> {
  const now = await startedAt(pid);
  return now !== undefined && (started === '' || now === started);
}

/** Processes of a group or session, without its leader. */
export async function membersOf(leader: number): Promise<number[]> {
  if (platform() === 'win32') return [];
  const all = platform() === 'linux' ? await linuxProcesses() : await psProcesses();
  return all.flatMap(({ pid, group, session }) =>
    pid !== leader && (group === leader || session === leader) ? [pid] : [],
  );
}

/** Which start of the machine this is; '' where that cannot be told. */
export async function bootOf(): Promise<string> {
  try {
    if (platform() === 'linux') return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
    if (platform() === 'darwin')
      return (await run('sysctl', ['-n', 'kern.bootsessionuuid'], { timeout: PS_MS })).stdout.trim();
    return '';
  } catch {
    return ''; // Then only pid and start time tell.
  }
}

interface LinuxStat {
  pid: number;
  group: number;
  session: number;
  started: string;
}

/** /proc/PID/stat (proc(5)), counted after the name, which may hold anything. A zombie has ended. */
async function linuxStat(pid: number): Promise<LinuxStat | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state = '', , group, session] = fields;
  if (text === '' || /[ZXx]/u.test(state)) return undefined;
  return { pid, group: Number(group), session: Number(session), started: fields[19] ?? '' };
}

async function linuxProcesses(): Promise<LinuxStat[]> {
  const names = (await readdir('/proc')).filter((name) => /^\d+$/u.test(name));
  return (await Promise.all(names.map((name) => linuxStat(Number(name))))).filter((one) => one !== undefined);
}

async function psProcesses(): Promise<Omit<LinuxStat, 'started'>[]> {
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,pgid=,stat='], { env: PS_ENV, timeout: PS_MS });
  return stdout.split('\n').flatMap((line) => {
    const [pid, group, stat = 'Z'] = line.trim().split(/\s+/u);
    return stat.startsWith('Z') ? [] : [{ pid: Number(pid), group: Number(group), session: -1 }];
  });
}

async function windowsStart(pid: number): Promise<string | undefined> {
  try {
    process.kill(pid, 0);
  } catch {
    return undefined;
  }
  const ask = `(Get-Process -Id ${pid}).StartTime.ToUniversalTime().Ticks`;
  const { stdout } = await run('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', ask], {
    timeout: PS_MS,
    windowsHide: true,
  }).catch(() => ({ stdout: '' }));
  return stdout.trim() || undefined;
}

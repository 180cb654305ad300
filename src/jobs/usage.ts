import { execFile } from 'node:child_process';
import { readFile, readlink } from 'node:fs/promises';
import { hostname, platform } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { GPU_QUERY, gpusIn, type GpuUsage, type Usage } from '../metrics/usage';
import type { JobStatus } from './jobs';
import { membersOf } from './process';

const run = promisify(execFile);
/** Between two looks at what a process has used of the processor. */
const BETWEEN_MS = 300;
const ASK_MS = 3_000;
/** Linux counts in these on every machine that Node runs on. */
const TICKS_A_SECOND = 100;
const PAGE_BYTES = 4_096;

export type { Usage } from '../metrics/usage';
export { usageLine } from '../metrics/usage';

/** What a running job's processes use; `undefined` where it does not run here or the system does not tell. */
export async function usageOf(status: JobStatus): Promise<Usage | undefined> {
  return (await usagesOf([status])).get(status.id);
}

/** What running jobs use, by id; those that do not run here, or of which the system does not tell, are left out. The cards are asked once for all. */
export async function usagesOf(jobs: readonly JobStatus[]): Promise<Map<string, Usage>> {
  const here = jobs.flatMap(({ id, state, found: { process: known, record } }) =>
    state.state === 'running' && known && record.where.kind === 'local' && record.where.host === hostname()
      ? [{ id, pid: known.pid, path: record.environment['PATH'] }]
      : [],
  );
  if (here.length === 0) return new Map();
  const [own, gpus] = await Promise.all([
    Promise.all(here.map(({ pid }) => processesOf(pid).catch(() => undefined))),
    cards(here[0]?.path ?? process.env['PATH']),
  ]);
  return new Map(
    here.flatMap(({ id }, at) => {
      const one = own[at];
      return one ? [[id, { ...one, gpus }] as const] : [];
    }),
  );
}

async function processesOf(leader: number): Promise<Omit<Usage, 'gpus'> | undefined> {
  if (platform() === 'win32') return undefined;
  if (platform() !== 'linux') return psUsage(await membersOf(leader));
  const before = await linuxTotals(leader);
  const began = performance.now();
  await delay(BETWEEN_MS);
  const after = await linuxTotals(leader);
  const seconds = (performance.now() - began) / 1_000;
  let ticks = 0;
  // One that began or ended in between is counted with the next look.
  for (const [pid, one] of after) ticks += Math.max(0, one.ticks - (before.get(pid)?.ticks ?? one.ticks));
  const memoryBytes = [...after.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  return { cpuPercent: ((ticks / TICKS_A_SECOND) * 100) / seconds, memoryBytes, processes: after.size };
}

/** /proc/PID/stat (proc(5)), counted after the name: time in user and in system mode, and pages in memory. */
async function linuxTotals(leader: number): Promise<Map<number, { ticks: number; bytes: number }>> {
  const totals = new Map<number, { ticks: number; bytes: number }>();
  for (const pid of await membersOf(leader)) {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    if (text !== '')
      totals.set(pid, { ticks: Number(fields[11]) + Number(fields[12]), bytes: Number(fields[21]) * PAGE_BYTES });
  }
  return totals;
}

async function psUsage(pids: readonly number[]): Promise<Omit<Usage, 'gpus'> | undefined> {
  if (pids.length === 0) return undefined;
  const { stdout } = await run('ps', ['-o', '%cpu=,rss=', '-p', pids.join(',')], { timeout: ASK_MS });
  const rows = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().replaceAll(',', '.').split(/\s+/u).map(Number));
  const sum = (column: number): number => rows.reduce((total, row) => total + (row[column] ?? 0), 0);
  return { cpuPercent: sum(0), memoryBytes: sum(1) * 1_024, processes: rows.length };
}

/** What the processes of a group hold in memory, each at its highest so far, and which programs they run. */
export interface GroupMemory {
  bytes: number;
  /** Absolute; of Linux alone. */
  programs: string[];
}

/** `undefined` where the system does not tell, or none of them is left. The leader is one of them. */
export async function memoryOf(leader: number): Promise<GroupMemory | undefined> {
  if (platform() === 'win32') return undefined;
  const pids = [leader, ...(await membersOf(leader))];
  if (platform() !== 'linux') {
    const used = await psUsage(pids);
    return used && { bytes: used.memoryBytes, programs: [] };
  }
  const each = await Promise.all(
    pids.map(async (pid) => {
      // The most it ever held (proc(5)): between two looks it may have held more than at either.
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
      const kilobytes = Number(/^VmHWM:\s*(\d+) kB/mu.exec(status)?.[1] ?? 0);
      return { bytes: kilobytes * 1_024, program: await readlink(`/proc/${pid}/exe`).catch(() => '') };
    }),
  );
  const bytes = each.reduce((sum, one) => sum + one.bytes, 0);
  return bytes === 0 ? undefined : { bytes, programs: each.flatMap(({ program }) => program || []) };
}

/** The cards that nvidia-smi names. A driver that hangs costs its time-out, and no status. */
export async function cards(path: string | undefined): Promise<GpuUsage[]> {
  try {
    const { stdout } = await run('nvidia-smi', GPU_QUERY, { timeout: ASK_MS, windowsHide: true, env: { PATH: path } });
    return gpusIn(stdout);
  } catch {
    return [];
  }
}

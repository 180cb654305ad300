import type { JobExit, Queued } from './job';

/** What squeue is asked to print of each job, and in which order it is read. */
export const SQUEUE_FORMAT = '%i|%j|%T|%S|%N|%r';

/** A job as Slurm tells it. */
export interface SlurmJob {
  id: string;
  name: string;
  /** In Slurm's words, without what follows: `CANCELLED by 0` is CANCELLED. */
  state: string;
  reason: string;
  /** When it may begin or began: ms since the epoch. */
  begin?: number;
  nodes: string;
}

/** The lines of `squeue --noheader --format`, with SQUEUE_FORMAT. The reason is the last: it may hold anything. */
export function squeueRows(text: string): SlurmJob[] {
  return text.split('\n').flatMap((line) => {
    const [id = '', name = '', state = '', begin = '', nodes = '', ...reason] = line.trim().split('|');
    if (!/^\d+$/u.test(id)) return [];
    const at = epochOf(begin);
    return [
      {
        ...{ id, name, nodes },
        state: stateName(state),
        reason: reason.join('|'),
        ...(at === undefined ? {} : { begin: at }),
      },
    ];
  });
}

/** SLURM_TIME_FORMAT=%s is set for all that is asked, since its own form names no time zone. */
function epochOf(text: string): number | undefined {
  return /^\d{9,11}$/u.test(text) ? Number(text) * 1_000 : undefined;
}

function stateName(text: string): string {
  return /^[A-Z_]+/u.exec(text.trim())?.[0] ?? '';
}

/** How a job ended, as Slurm tells it. */
export interface SlurmEnd {
  name: string;
  state: string;
  /** `code:signal` of the batch script. */
  exit: string;
  nodes: string;
  /** ms since the epoch */
  at?: number;
}

/**
 * A line of `scontrol --oneliner show job`, or of a completion file, which has the same form: `Key=value` with blanks
 * between, and values that may hold blanks themselves. A key counts where it stands first.
 */
export function endOf(line: string, id: string): SlurmEnd | undefined {
  const fields = new Map<string, string>();
  for (const [, key = '', value = ''] of line.matchAll(/(?:^|\s)([A-Z][\w/:]*)=(\S*)/gu))
    if (!fields.has(key)) fields.set(key, value);
  if (fields.get('JobId') !== id) return undefined;
  const at = epochOf(fields.get('EndTime') ?? '') ?? localTime(fields.get('EndTime') ?? '');
  return {
    name: fields.get('JobName') ?? fields.get('Name') ?? '',
    state: stateName(fields.get('JobState') ?? ''),
    exit: fields.get('ExitCode') ?? '',
    nodes: fields.get('NodeList') ?? '',
    ...(at === undefined ? {} : { at }),
  };
}

/** A completion file has the time of the machine that wrote it, which a cluster has the same everywhere. */
function localTime(text: string): number | undefined {
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/u.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(at) ? undefined : at;
}

/** The last line of a completion file that is of this job: numbers are given out again after a while. */
export function endIn(file: string, id: string, name: string): SlurmEnd | undefined {
  const lines = file.split('\n').filter((line) => line.startsWith(`JobId=${id} `));
  return lines.map((line) => endOf(line, id)).findLast((end) => end?.name === name);
}

/** What `sacct --parsable2 --noheader --format=JobIDRaw,JobName,State,ExitCode,End,NodeList` says of a job. */
export function sacctEnd(text: string, id: string, name: string): SlurmEnd | undefined {
  return text
    .split('\n')
    .map((line): SlurmEnd & { id: string } => {
      const [job = '', called = '', state = '', exit = '', end = '', nodes = ''] = line.trim().split('|');
      const at = epochOf(end);
      return { id: job, name: called, state: stateName(state), exit, nodes, ...(at === undefined ? {} : { at }) };
    })
    .findLast((one) => one.id === id && one.name === name);
}

/** The file of `JobCompType=jobcomp/filetxt`, as `scontrol show config` names it. */
export function completionFile(config: string): string | undefined {
  if (!/^JobCompType\s*=\s*jobcomp\/filetxt\s*$/mu.test(config)) return undefined;
  return /^JobCompLoc\s*=\s*(\/.*\S)\s*$/mu.exec(config)?.[1];
}

const OVER = new Set([
  ...['BOOT_FAIL', 'CANCELLED', 'COMPLETED', 'DEADLINE', 'FAILED', 'NODE_FAIL', 'OUT_OF_MEMORY', 'PREEMPTED'],
  ...['REVOKED', 'TIMEOUT'],
]);
/** Nothing of it runs, and something of it may. */
const WAITS = new Set([
  'PENDING',
  'CONFIGURING',
  'REQUEUED',
  'REQUEUE_HOLD',
  'REQUEUE_FED',
  'RESV_DEL_HOLD',
  'SPECIAL_EXIT',
]);

export function isOver({ state }: Pick<SlurmJob, 'state'>): boolean {
  return OVER.has(state);
}

export function isWaiting({ state }: Pick<SlurmJob, 'state'>): boolean {
  return WAITS.has(state);
}

/** Slurm's commonest reasons (squeue(1), JOB REASON CODES) as people would say them. */
const REASONS: Readonly<Record<string, string>> = {
  None: 'it was not looked at yet',
  Priority: 'others come before it',
  Resources: 'what it asks for is in use',
  Dependency: 'it waits for another job',
  BeginTime: 'its time has not come',
  JobHeldUser: 'it is held back by its user',
  JobHeldAdmin: 'it is held back by who runs the cluster',
  Licenses: 'all licences are in use',
  PartitionDown: 'its partition is down',
  PartitionTimeLimit: 'it asks for more time than its partition gives',
  PartitionNodeLimit: 'it asks for more nodes than its partition has',
  QOSMaxJobsPerUserLimit: 'you have as many jobs running as you may',
  AssocMaxJobsLimit: 'you have as many jobs running as you may',
};

const STILL: Readonly<Record<string, string>> = {
  SUSPENDED: 'but held still by Slurm, ',
  STOPPED: 'but held still by Slurm, ',
  COMPLETING: 'but being ended by Slurm, ',
};

/** How a job stands that has not ended. */
export function queuedAs({ state, reason, begin, nodes }: SlurmJob, now: number): Queued {
  if (!WAITS.has(state)) {
    const still = STILL[state] ?? '';
    return { queue: 'running', ...(nodes === '' ? {} : { why: `${still}on ${nodes}` }) };
  }
  const said = REASONS[reason];
  const words = said === undefined ? reason || state : `${said} (${reason})`;
  const from = begin !== undefined && begin > now ? `; it may begin at ${new Date(begin).toISOString()}` : '';
  return { queue: 'waiting', why: `${words}${from}` };
}

const WHY: Readonly<Record<string, (nodes: string) => string>> = {
  NODE_FAIL: (nodes) => `its node ${nodes} failed`,
  BOOT_FAIL: (nodes) => `its node ${nodes} did not start`,
  TIMEOUT: () => 'it ran past its time limit in Slurm',
  DEADLINE: () => 'its deadline in Slurm passed',
  OUT_OF_MEMORY: () => 'it took more memory than Slurm gave it',
  PREEMPTED: () => 'Slurm took its place away for another job',
  CANCELLED: () => 'it was cancelled in Slurm',
  REVOKED: () => 'Slurm gave it to another cluster',
};

/** The numbers that are the same on Linux everywhere (signal(7)). */
const SIGNALS: Readonly<Record<number, string>> = {
  1: 'HUP',
  2: 'INT',
  3: 'QUIT',
  6: 'ABRT',
  9: 'KILL',
  11: 'SEGV',
  15: 'TERM',
};

/** What is recorded of a job that ended with nobody there to write it down. */
export function exitOf({ state, exit, nodes, at }: SlurmEnd, noFolderCode: number, now: number): JobExit {
  const [, code = '', signal = '0'] = /^(\d+):(\d+)/u.exec(exit) ?? [];
  const number = Number(signal);
  const known = code !== '' && state !== 'NODE_FAIL' && state !== 'BOOT_FAIL' && state !== 'CANCELLED';
  const isNoFolder = state === 'FAILED' && Number(code) === noFolderCode;
  const why = isNoFolder
    ? `its node ${nodes} does not see its folder, or the one to run in: both must lie on a disk that the nodes share`
    : WHY[state]?.(nodes);
  return {
    code: known ? (number > 0 ? 128 + number : Number(code)) : null,
    signal: known && number > 0 ? (SIGNALS[number] ?? String(number)) : null,
    at: new Date(at ?? now).toISOString(),
    ...(why === undefined ? {} : { why }),
  };
}

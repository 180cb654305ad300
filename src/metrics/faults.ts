import { sizeOf } from '../text/sizes';
import { whereOf, type Around, type Fired, type Guard } from './guard';
import type { Metric } from './metric';
import { plainName } from './names';

/** Mixed precision tries a scale that is too large now and then, and goes on: then only the gradient says so, and once. */
const ODD_GRADIENTS = 3;
/** Who looks so seldom was asleep with the machine, and the job with it. */
const ASLEEP_MS = 60_000;

/** A value that is NaN or infinite; of a gradient's norm, three in a row. */
export function nanGuard(metric?: string): Guard {
  let found: Fired | undefined;
  const inARow = new Map<string, number>();
  const isOdd = (seen: Metric): boolean => {
    if (Number.isFinite(seen.value)) return inARow.delete(seen.name) && false;
    if (!/grad/iu.test(seen.name)) return true;
    const count = (inARow.get(seen.name) ?? 0) + 1;
    inARow.set(seen.name, count);
    return count >= ODD_GRADIENTS;
  };
  return {
    metric(seen) {
      if (found || (Number.isFinite(seen.value) && inARow.size === 0)) return;
      if (metric !== undefined && plainName(metric) !== plainName(seen.name)) return;
      if (!isOdd(seen)) return;
      const what = Number.isNaN(seen.value) ? 'NaN' : 'infinite';
      found = { key: 'nan', watch: 'nan', text: `${seen.name} is ${what}${whereOf(seen)}` };
    },
    fired: () => (found ? [found] : []),
  };
}

/** What programs and systems print when there is no memory left. A traceback shows code that is indented: that is no error. */
const NO_MEMORY: readonly [pattern: RegExp, text: string][] = [
  [
    /CUDA out of memory|CUDA error: out of memory|CUDA_ERROR_OUT_OF_MEMORY|CUBLAS_STATUS_ALLOC_FAILED/u,
    'the GPU ran out of memory',
  ],
  [/^(?:[\w.]{1,60}\.)?OutOfMemoryError\b|(?:MPS|HIP) (?:backend )?out of memory/u, 'the GPU ran out of memory'],
  [/RESOURCE_EXHAUSTED: .{0,20}(?:[oO]ut of memory|OOM)|OOM when allocating/u, 'a device ran out of memory'],
  [/^(?:[\w.]{1,60}\.)?\w{0,20}MemoryError(?:: |$)/u, 'Python got no more memory'],
  [/std::bad_alloc|DefaultCPUAllocator: can't allocate|Cannot allocate memory/u, 'the machine gave it no more memory'],
  [
    /worker \(pid.{1,40}is killed by signal: (?:Killed|Bus error)/u,
    'a loader of data was killed, as the system does when memory runs out',
  ],
];
/** A shell says so, also of what was stopped. */
const KILLED_LINE = /^(?:.{1,200}: line \d{1,7}: {1,8}\d{1,9} )?Killed(?: {2}.*)?$/u;
const NO_MEMORY_HINT = /[mM]emory|MEMORY|OOM|bad_alloc|Killed|CUBLAS_STATUS|can't allocate/u;
const AS_SYSTEM_DOES = 'as the system does when memory runs out';
/** 128 and SIGKILL. */
const KILLED = 137;

/** No memory left: by what it printed, or by how it ended where nobody stopped it. */
export function memoryGuard(): Guard {
  let found: Fired | undefined;
  let killed: string | undefined;
  const fire = (text: string): void => void (found ??= { key: 'memory', watch: 'memory', text });
  return {
    line({ text, number }) {
      if (found || !NO_MEMORY_HINT.test(text)) return;
      const where = ` (line ${number} of the log)`;
      const [, why] = NO_MEMORY.find(([pattern]) => pattern.test(text)) ?? [];
      if (why !== undefined) fire(why + where);
      else if (KILLED_LINE.test(text)) killed ??= `a process of it was killed, ${AS_SYSTEM_DOES}${where}`;
    },
    look({ ended, stopped }) {
      if (stopped === true) return;
      if (killed !== undefined) fire(killed);
      if (ended?.code === KILLED || ended?.signal === 'KILL') fire(`it was killed (exit 137), ${AS_SYSTEM_DOES}`);
    },
    fired: () => (found ? [found] : []),
  };
}

/** Nothing printed or logged for so long. Each silence is one firing. */
export function silenceGuard(minutes: number): Guard {
  let found: Fired | undefined;
  let slept = 0;
  let last: Pick<Around, 'now' | 'lastOutput'> | undefined;
  return {
    look({ now, lastOutput, ended }) {
      if (last?.lastOutput !== lastOutput) slept = 0;
      else if (now - last.now > ASLEEP_MS) slept += now - last.now;
      last = { now, lastOutput };
      const isSilent = !ended && now - lastOutput - slept >= minutes * 60_000;
      const key = `silence ${Math.floor(lastOutput)}`;
      const text = `it printed and logged nothing for ${Number(minutes.toFixed(2))} minutes`;
      found = isSilent ? { key, watch: 'silence', text } : undefined;
    },
    fired: () => (found ? [found] : []),
  };
}

/** Less free than so many gigabytes where it runs. */
export function diskGuard(gb: number): Guard {
  let found: Fired | undefined;
  return {
    look({ diskFree, ended }) {
      if (found || ended || diskFree === undefined || diskFree >= gb * 1e9) return;
      found = { key: 'disk', watch: 'disk', text: `the disk it writes to has ${sizeOf(diskFree)} left` };
    },
    fired: () => (found ? [found] : []),
  };
}

/** A metric at or past a value. */
export function targetGuard({
  metric,
  above,
  below,
}: {
  metric: string;
  above?: number | undefined;
  below?: number | undefined;
}): Guard {
  let found: Fired | undefined;
  return {
    metric(seen) {
      const isReached = (above !== undefined && seen.value >= above) || (below !== undefined && seen.value <= below);
      if (found || !isReached || plainName(metric) !== plainName(seen.name)) return;
      const goal = above !== undefined && seen.value >= above ? `at least ${above}` : `at most ${below}`;
      const key = `target ${plainName(metric)} ${above ?? ''} ${below ?? ''}`;
      found = { key, watch: 'target', text: `${seen.name} is ${seen.value}, ${goal}${whereOf(seen)}` };
    },
    fired: () => (found ? [found] : []),
  };
}

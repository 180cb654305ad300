import { setTimeout as delay } from 'node:timers/promises';
import type { Host } from '../host/host';
import { cards, memoryOf } from '../jobs/usage';
import { LogReader } from '../metrics/log-reader';
import type { Metric } from '../metrics/metric';
import { cleanOutput } from '../text/command-output';
import type { Trial } from './report';

/** Looked at often while it is young, since a small run may be over soon. */
const YOUNG_MS = 2_000;
const LOOK_YOUNG_MS = 40;
const LOOK_MS = 400;
/** Starting nvidia-smi costs more than reading /proc. */
const LOOK_GPU_MS = 1_000;
const MAX_TAIL_CHARACTERS = 2_000;
const PYTHON = /(?:^|[\\/])python[\d.]*$/u;

export interface TrialWish {
  command: string;
  /** Absolute. */
  cwd: string;
  title: string;
  timeoutMs: number;
  progress: (text: string) => void;
}

/** Runs a command to its end, and measures what it takes. Its whole group ends with it. */
export async function runTrial(wish: TrialWish, host: Host, signal: AbortSignal): Promise<Trial> {
  const { command, cwd, title, timeoutMs, progress } = wish;
  const over = new AbortController();
  let watched: Promise<Peaks> | undefined;
  const path = (await host.variables(cwd))['PATH'];
  const before = await usedMb(path);
  try {
    const result = await host.run(
      {
        ...{ command, cwd, title, timeoutMs, onOutput: progress },
        onStart: (leader) => {
          watched = peaksOf(leader, before, path, over.signal);
        },
      },
      signal,
    );
    over.abort();
    const peaks = await watched;
    const text = cleanOutput(result.output).trimEnd();
    return {
      command,
      exit: result.timedOut ? null : result.exitCode,
      timedOut: result.timedOut,
      seconds: result.durationMs / 1_000,
      ...(peaks && peaks.bytes > 0 ? { peakBytes: peaks.bytes } : {}),
      ...(peaks && peaks.gpuMb > 0 ? { gpuMb: peaks.gpuMb } : {}),
      interpreters: [...(peaks?.interpreters ?? [])].sort(),
      ...courseOf(text),
      tail: text.slice(-MAX_TAIL_CHARACTERS),
    };
  } finally {
    over.abort();
    await watched;
  }
}

interface Peaks {
  bytes: number;
  gpuMb: number;
  interpreters: Set<string>;
}

async function peaksOf(leader: number, before: number, path: string | undefined, over: AbortSignal): Promise<Peaks> {
  const peaks: Peaks = { bytes: 0, gpuMb: 0, interpreters: new Set() };
  const began = Date.now();
  let lookedAtGpu = 0;
  // Where nothing is in use before there may still be a card; one that is not there is asked for once.
  const hasGpu = (await cards(path)).length > 0;
  while (!over.aborted) {
    const memory = await memoryOf(leader).catch(() => undefined);
    peaks.bytes = Math.max(peaks.bytes, memory?.bytes ?? 0);
    for (const program of memory?.programs ?? []) if (PYTHON.test(program)) peaks.interpreters.add(program);
    if (hasGpu && Date.now() - lookedAtGpu >= LOOK_GPU_MS) {
      lookedAtGpu = Date.now();
      peaks.gpuMb = Math.max(peaks.gpuMb, (await usedMb(path)) - before);
    }
    const pause = Date.now() - began < YOUNG_MS ? LOOK_YOUNG_MS : LOOK_MS;
    await delay(pause, undefined, { signal: over }).catch(() => undefined);
  }
  return peaks;
}

/** Of all cards and programs together. */
async function usedMb(path: string | undefined): Promise<number> {
  return (await cards(path)).reduce((sum, { usedMb: used = 0 }) => sum + used, 0);
}

/** The first and the last epoch that its log names; where it names none, the steps. */
export function courseOf(text: string): Pick<Trial, 'from' | 'to'> {
  const seen: Metric[] = [];
  const reader = new LogReader({ metric: (metric) => void seen.push(metric) });
  reader.read(`${text}\n`, 0);
  const epochs = seen.flatMap(({ epoch }) => epoch ?? []);
  const all = epochs.length > 0 ? epochs : seen.flatMap(({ step }) => step ?? []);
  const [from, to] = [Math.min(...all), Math.max(...all)];
  return all.length === 0 ? {} : { from, to };
}

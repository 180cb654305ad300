import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Report, Work } from '../fuzz/worker';

export interface Fault {
  index: number;
  /** A stack, or how long the input took, or that there was no memory left. */
  what: string;
}

export interface Bounds {
  /** For a single input. Far above what any takes on a slow machine: what is caught is what would not end. */
  inputMs: number;
  memoryMb: number;
}

export const BOUNDS: Bounds = { inputMs: 20_000, memoryMb: 512 };

/** Tries inputs of a target in a thread of its own, which is ended when one takes too long or too much memory. */
export function fuzz(
  work: Work,
  { inputMs, memoryMb }: Bounds = BOUNDS,
): Promise<{ faults: Fault[]; slowestMs: number; tried: number }> {
  return new Promise((resolve) => {
    const faults: Fault[] = [];
    let [index, tried, slowestMs, begun] = [work.from, 0, 0, 0];
    const worker = new Worker(join(__dirname, '..', 'fuzz', 'worker.ts'), {
      workerData: work,
      execArgv: ['--require', 'tsx/cjs'],
      resourceLimits: { maxOldGenerationSizeMb: memoryMb },
    });
    let timer: NodeJS.Timeout | undefined;
    const end = (what?: string): void => {
      clearTimeout(timer);
      if (what !== undefined) faults.push({ index, what });
      void worker.terminate().then(() => resolve({ faults, slowestMs, tried }));
    };
    const turn = (): void => {
      const now = performance.now();
      if (begun > 0) slowestMs = Math.max(slowestMs, now - begun);
      begun = now;
    };
    worker.on('message', (report: Report) => {
      if (report.kind === 'fault') return void faults.push({ index: report.index, what: report.stack });
      turn();
      if (report.kind === 'done') return end();
      clearTimeout(timer);
      index = report.index;
      tried += 1;
      timer = setTimeout(() => end(`took longer than ${inputMs} ms`), inputMs);
    });
    worker.on('error', (error) => end(String(error)));
  });
}

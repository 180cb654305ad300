// Tries inputs of one target, one after the other; what hangs or grows is ended from outside.
import { parentPort, workerData } from 'node:worker_threads';
import { randomFor } from './random';
import { TARGETS } from './targets';

export interface Work {
  target: string;
  seed: number;
  from: number;
  /** Exclusive. */
  to: number;
}

export type Report =
  { kind: 'start'; index: number } | { kind: 'fault'; index: number; stack: string } | { kind: 'done' };

async function work({ target: name, seed, from, to }: Work): Promise<void> {
  const target = TARGETS.find((one) => one.name === name);
  if (!target || !parentPort) throw new Error(`there is no target ${name}`);
  const say = (report: Report): void => parentPort?.postMessage(report);
  for (let index = from; index < to; index++) {
    say({ kind: 'start', index });
    const random = randomFor(seed, name, index);
    try {
      await target.check(target.make(random), random);
    } catch (error) {
      say({ kind: 'fault', index, stack: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  }
  say({ kind: 'done' });
}

if (workerData) void work(workerData as Work);

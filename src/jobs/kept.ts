import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { Series } from '../metrics/series';
import type { Readings } from './eyes';

/** In the folder of a job that is over: what its log said, so that nobody reads it through again. */
const NAME = 'metrics.json';
const VERSION = 1;
const WORDS = { NaN: NaN, Infinity: Infinity, '-Infinity': -Infinity } as const;

/** What JSON has no number for is a word. */
export type JsonNumber = number | keyof typeof WORDS;

const number = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity'])]);
const optional = z.number().optional();
const split = z.enum(['train', 'val', 'test']).optional();
const source = z.string().optional();
const schema = z.object({
  version: z.literal(VERSION),
  /** Bytes of the log that was read. */
  bytes: z.number(),
  metrics: z.array(
    z.object({ name: z.string(), value: number, split, epoch: optional, step: optional, line: optional, source }),
  ),
  epochs: z.number(),
  progress: z
    .object({
      fraction: optional,
      epoch: optional,
      epochs: optional,
      step: optional,
      steps: optional,
      remaining: optional,
    })
    .optional(),
  series: z.array(
    z.object({
      name: z.string(),
      split,
      source,
      axis: z.enum(['step', 'epoch', 'count']),
      points: z.array(z.tuple([z.number(), z.number().nullable()])),
      values: z.number(),
    }),
  ),
});

export interface Kept {
  bytes: number;
  readings: Readings;
  series: Series[];
}

export function jsonNumber(value: number): JsonNumber {
  if (Number.isFinite(value)) return value;
  return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
}

/** Written whole or not at all; a disk that is full costs the next reader his time only. */
export async function keepReadings(folder: string, { bytes, readings, series }: Kept): Promise<void> {
  const metrics = readings.metrics.map(({ name, value, split: of, epoch, step, line, source: from }) => ({
    ...{ name, value: jsonNumber(value), split: of, epoch, step, line, source: from },
  }));
  const text = JSON.stringify({ version: VERSION, bytes, ...readings, metrics, series });
  const part = join(folder, `${NAME}.${process.pid}`);
  try {
    await writeFile(part, `${text}\n`, { mode: 0o600 });
    await rename(part, join(folder, NAME));
  } catch {
    // Read anew by who asks next.
  }
}

/** What was kept of a job; `undefined` where nothing, or nothing that can be read. */
export async function keptReadings(folder: string): Promise<Kept | undefined> {
  const text = await readFile(join(folder, NAME), 'utf8').catch(() => undefined);
  const read = text === undefined ? undefined : schema.safeParse(parsed(text)).data;
  if (!read) return undefined;
  const { bytes, epochs, progress, series } = read;
  const metrics = read.metrics.map((one) => ({
    ...one,
    value: typeof one.value === 'number' ? one.value : WORDS[one.value],
  }));
  return withoutGaps({ bytes, readings: { metrics, epochs, ...(progress ? { progress } : {}) }, series });
}

/** A field that is `undefined` is none, for types that are exact about it. */
function withoutGaps(value: object): Kept {
  return value as Kept;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

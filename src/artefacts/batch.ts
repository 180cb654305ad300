import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as z from 'zod';

const headSchema = z.object({
  at: z.string(),
  session: z.string(),
  call: z.string(),
  tool: z.string(),
  title: z.string(),
});
const fileSchema = z.object({
  /** The name of its content. */
  n: z.int().min(0),
  /** Absolute, the links of its folders followed. */
  path: z.string(),
  kind: z.enum(['data set', 'checkpoint', 'model', 'run', 'file']),
  /** Bytes. */
  size: z.number(),
  /** ms since the epoch */
  mtime: z.number(),
  mode: z.number(),
  inode: z.number(),
  device: z.number(),
  how: z.enum(['clone', 'link', 'copy']),
});

export type KeptFile = z.infer<typeof fileSchema>;

/** What was kept for one call: its manifest, JSON lines, the call first and then its files. */
export interface Batch extends z.infer<typeof headSchema> {
  /** Its folder's name; by name is by time. */
  id: string;
  files: KeptFile[];
}

export function formatBatch(head: z.infer<typeof headSchema>, files: readonly KeptFile[]): string {
  return [headSchema.parse(head), ...files].map((line) => `${JSON.stringify(line)}\n`).join('');
}

/** Reads the manifest of a kept call; `undefined` where there is none that can be read. Lines that are torn are left out. */
export async function readBatch(folder: string): Promise<Batch | undefined> {
  const text = await readFile(join(folder, 'manifest.jsonl'), 'utf8').catch(() => '');
  const [first, ...rest] = text.split('\n').map(parseLine);
  const head = headSchema.safeParse(first);
  if (!head.success) return undefined;
  const files = rest.flatMap((line) => fileSchema.safeParse(line).data ?? []);
  return { ...head.data, id: basename(folder), files };
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined; // The line is left out.
  }
}

import { mkdir, open, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as z from 'zod';
import type { Held } from './inventory';

const makerSchema = z.object({
  /** ISO 8601 */
  at: z.string(),
  session: z.string(),
  call: z.string(),
  /** Of a job: its id. */
  job: z.string().optional(),
  /** One line for people: the command. */
  title: z.string(),
  /** How long it ran. */
  ms: z.number(),
});
const madeSchema = z.object({
  path: z.string(),
  size: z.number(),
  mtime: z.number(),
  inode: z.number(),
  by: makerSchema,
});

/** The run that made a file. */
export type Maker = z.infer<typeof makerSchema>;

type Made = z.infer<typeof madeSchema>;
type State = Pick<Held, 'path' | 'size' | 'mtime' | 'inode'>;

interface Known {
  /** Of the file as it was read. */
  bytes: number;
  made: readonly Made[];
  byState: ReadonlyMap<string, Maker>;
}

/** Beside the trash of a workspace, by the folder of that. */
export function makersFile(trash: string): string {
  return `${trash}-made.jsonl`;
}

/** Beyond this the older half is forgotten. */
const MAX_BYTES = 8e6;

/**
 * Which run made which artefact, for one workspace: a file of JSON lines that is only added to, since several windows
 * and terminals write to it. A line that is torn is left out.
 */
export class Makers {
  #read: Known | undefined;

  /** `path` is absolute; neither it nor its folder need exist. */
  constructor(readonly path: string) {}

  /** Notes that a run made these files. */
  async note(files: readonly State[], by: Maker): Promise<void> {
    if (files.length === 0) return;
    await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
    await this.#shorten();
    const lines = files.map(({ path, size, mtime, inode }) => `${JSON.stringify({ path, size, mtime, inode, by })}\n`);
    const file = await open(this.path, 'a', 0o600);
    try {
      // One write, and behind a torn line it begins anew.
      await file.appendFile(`\n${lines.join('')}`);
    } finally {
      await file.close();
    }
  }

  /** Tells of a file as it is now which run made it; also after it was moved. */
  async of(): Promise<(file: State) => Maker | undefined> {
    const { byState } = await this.#known();
    return (file) => byState.get(stateOf(file));
  }

  /** The paths of what a call made, as they were then. */
  async pathsOf({ session, call }: Pick<Maker, 'session' | 'call'>): Promise<ReadonlySet<string>> {
    const { made } = await this.#known();
    return new Set(made.filter(({ by }) => by.session === session && by.call === call).map(({ path }) => path));
  }

  async #known(): Promise<Known> {
    const { size } = await stat(this.path).catch(() => ({ size: 0 }));
    if (this.#read?.bytes === size) return this.#read;
    const text = await readFile(this.path, 'utf8').catch(() => '');
    const made = text.split('\n').flatMap(madeIn);
    this.#read = { bytes: size, made, byState: new Map(made.map((one) => [stateOf(one), one.by])) };
    return this.#read;
  }

  async #shorten(): Promise<void> {
    const { size } = await stat(this.path).catch(() => ({ size: 0 }));
    if (size < MAX_BYTES) return;
    const lines = (await readFile(this.path, 'utf8')).split('\n');
    const part = `${this.path}.${process.pid}.part`;
    await writeFile(part, lines.slice(lines.length / 2).join('\n'), { mode: 0o600 });
    await rename(part, this.path);
  }
}

/** The number of a file and its time are kept when it is moved. */
function stateOf({ size, mtime, inode }: Omit<State, 'path'>): string {
  return `${inode}:${size}:${mtime}`;
}

function madeIn(line: string): Made[] {
  if (line === '') return [];
  try {
    return [madeSchema.parse(JSON.parse(line))];
  } catch {
    return []; // A torn line, or one of a later form.
  }
}

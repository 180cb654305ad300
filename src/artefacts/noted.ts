import * as z from 'zod';
import type { Surprise } from '../agent/guard';
import type { Folder } from '../host/host';
import { comparedWith } from './compared';
import { stateKey, takeInventory, type Inventory } from './inventory';
import { Makers, type Maker } from './makers';
import { restorables } from './restore';
import { Trash } from './trash';

const headSchema = z.object({
  v: z.literal(1),
  folders: z.array(z.object({ name: z.string(), path: z.string() })),
  globs: z.array(z.string()),
  /** The folder of the trash. */
  trash: z.string(),
  /** The file of who made what. */
  makers: z.string(),
  complete: z.boolean(),
});
const heldSchema = z.object({
  path: z.string(),
  shown: z.string(),
  kind: z.enum(['data set', 'checkpoint', 'model', 'run']),
  size: z.number(),
  mtime: z.number(),
  inode: z.number(),
  device: z.number(),
  mode: z.number(),
  links: z.number(),
});

/** What a comparison needs to know later, besides the files. */
export interface Noting {
  folders: readonly Folder[];
  globs: readonly string[];
  trash: Trash;
  makers: Makers;
}

/** A run that outlives who started it: the guarded files as text, to be compared once it is over. */
export async function noteFiles({ folders, globs, trash, makers }: Noting, signal: AbortSignal): Promise<string> {
  const { files, complete } = await takeInventory(folders, globs, signal);
  const places = folders.map(({ name, path }) => ({ name, path }));
  const head = { v: 1, folders: places, globs, trash: trash.folder, makers: makers.path, complete } as const;
  return [head, ...files.values()].map((line) => `${JSON.stringify(line)}\n`).join('');
}

/**
 * Compares the guarded files with what was noted, and notes who made the new ones. Gives what was lost; what somebody was
 * asked about meanwhile is not in it. Nothing is put back: much may have been wanted in so long a time. A text that
 * cannot be read gives nothing.
 */
export async function compareNoted(text: string, by: Maker, signal: AbortSignal): Promise<Surprise[]> {
  const noted = parsed(text);
  if (!noted) return [];
  const { head, before } = noted;
  const { lost, made } = await comparedWith(before, head, signal);
  const makers = new Makers(head.makers);
  const copies = await restorables(new Trash(head.trash));
  const asked = new Set(copies.filter(({ batch }) => batch.at >= beginOf(by)).map(({ file }) => file.path));
  const kept = new Set(copies.map(({ file }) => stateKey(file)));
  const makerOf = await makers.of();
  // What its call made before this was noted is its own to write anew.
  const own = await makers.pathsOf(by);
  const surprises = lost
    .filter(({ file }) => !asked.has(file.path) && !own.has(file.path))
    .map(({ file, fate }): Surprise => {
      const { shown, kind, size } = file;
      const madeBy = makerOf(file)?.title;
      const where = kept.has(stateKey(file)) ? 'trash' : 'nowhere';
      return { shown, kind, bytes: size, fate, now: where, ...(madeBy === undefined ? {} : { madeBy }) };
    });
  await makers.note(made, by);
  return surprises;
}

function beginOf({ at, ms }: Maker): string {
  return new Date(Date.parse(at) - ms).toISOString();
}

function parsed(text: string): { head: z.infer<typeof headSchema>; before: Inventory } | undefined {
  const [first, ...rest] = text.split('\n').map((line) => {
    try {
      return JSON.parse(line) as unknown;
    } catch {
      return undefined; // The last line is empty; a torn one is left out.
    }
  });
  const head = headSchema.safeParse(first);
  if (!head.success) return undefined;
  const files = rest.flatMap((line) => heldSchema.safeParse(line).data ?? []);
  return {
    head: head.data,
    before: { files: new Map(files.map((file) => [file.path, file])), complete: head.data.complete },
  };
}

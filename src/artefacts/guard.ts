import { lstat } from 'node:fs/promises';
import type { Danger, Guard, Loss, Written } from '../agent/guard';
import { ToolError, type Action, type CommandClass, type ExecuteAction } from '../agent/tool';
import type { Folder } from '../host/host';
import { countOf } from '../text/counting';
import { watchOver } from './aftermath';
import { Following } from './following';
import type { Makers } from './makers';
import { planKeeping, whyUnkept, type Planned, type TrashFacts } from './keeping';
import { threatsOf, type Threatened, type Threats } from './threats';
import type { Budget } from './survey';
import type { Trash } from './trash';
import { isWritten } from './written';

/** What keeping may cost: it is wanted, so it may take longer than a question. */
export const KEEP: Budget = { files: 200_000, ms: 60_000 };

export interface Guarding {
  folders: () => readonly Folder[];
  /** The user's globs after those of repositories: the last that fits decides. */
  globs: () => readonly string[];
  /** Where copies are kept for what these folders hold. */
  trash: () => Trash;
  /** Which run made which of them. */
  makers: () => Makers;
  /** For tests. */
  look?: Budget;
}

interface Found {
  threats: Threats;
  planned: Planned[];
  unkept: string | undefined;
}

/** The guard of data, checkpoints and models: finds what a call may lose and keeps a copy before it runs. */
export function createGuard(guarding: Guarding): Guard {
  /** Calls whose copy failed, with why: the next time the person is told, instead of being stopped for ever. */
  const failed = new Map<string, string>();
  /** What calls that did not end yet were asked to lose, by call. */
  const foreseen = new Map<string, ReadonlySet<string>>();
  const following = new Following();
  const find = async (action: Action, written: Written, signal: AbortSignal, budget?: Budget): Promise<Found> => {
    const looking = { folders: guarding.folders(), globs: guarding.globs(), ...(budget ? { budget } : {}) };
    const threats = await threatsOf(action, looking, signal);
    const all = await unwritten([...threats.artefacts, ...threats.others], written);
    if (all.length === 0) return { threats, planned: [], unkept: undefined };
    const trash = guarding.trash();
    const [facts, isHeld] = await Promise.all([trash.facts().catch(messageOf), trash.holder()]);
    const usable = typeof facts === 'string' ? NO_DISK : facts;
    const planned = planKeeping(all, usable, { runsCode: threats.runsCode, isHeld });
    const why = whyUnkept(planned, usable);
    return { threats, planned, unkept: why && (typeof facts === 'string' ? `NO COPY can be kept: ${facts}.` : why) };
  };
  return {
    async look(action, written, signal) {
      const { threats, planned, unkept } = await find(action, written, signal, guarding.look);
      if (planned.length === 0 && (await isOwnEdit(action, written))) return { ...NOTHING, ownOnly: true };
      const { complete, unclear } = threats;
      const asked = planned.filter(({ file }) => !file.quiet);
      if (planned.length === 0 && complete && unclear.length === 0) return undefined;
      const why = failed.get(keyOf(action)) ?? unkept;
      return {
        losses: asked.map(lossOf(await guarding.makers().of())),
        complete,
        unclear,
        mentioned: planned.length - asked.length,
        ...(why === undefined ? {} : { unkept: why }),
      };
    },
    async keep(action, shown, written, what, signal) {
      const { planned, threats, unkept } = await find(action, written, signal, KEEP);
      if (shown.complete && threats.complete) refuseNew(planned, shown);
      if (shown.complete && shown.unkept === undefined && unkept !== undefined) throw notRun(unkept);
      foreseen.set(what.call, new Set(planned.filter(({ file }) => !file.quiet).map(({ file }) => file.path)));
      const keep = (some: readonly Planned[]): ReturnType<Trash['keep']> => guarding.trash().keep(some, what, signal);
      const asked = await keep(planned.filter(({ file }) => !file.quiet)).catch((error: unknown) => {
        signal.throwIfAborted();
        const why = `NO COPY can be kept: ${messageOf(error)}.`;
        if (failed.has(keyOf(action))) return []; // That was said in the question.
        failed.set(keyOf(action), why);
        throw notRun(why);
      });
      const problems: string[] = [];
      const mentioned = await keep(planned.filter(({ file }) => file.quiet)).catch((error: unknown) => {
        signal.throwIfAborted();
        problems.push(`No copy was kept of what this call names: ${messageOf(error)}.`);
        return [];
      });
      const kept = [...asked, ...mentioned];
      return { files: kept.length, bytes: kept.reduce((total, { size }) => total + size, 0), problems };
    },
    async watch(action, call, written, signal) {
      const known = foreseen.get(call) ?? new Set();
      foreseen.delete(call);
      if (action.effect !== 'execute' || isReadOnly(action)) return undefined;
      const mayHide = action.parts.some(({ class: kind }) => !SAYS_ALL.has(kind));
      const { folders, globs, trash, makers } = guarding;
      const watching = { folders: folders(), globs: globs(), trash: trash(), makers: makers() };
      return watchOver({ ...watching, mayHide, written, foreseen: known }, signal);
    },
    follow: (what, over) => {
      const { folders, globs, trash, makers } = guarding;
      return following.follow({ folders: folders(), globs: globs(), trash: trash(), makers: makers() }, what, over);
    },
    late: (session) => following.late(session),
  };
}

/** Commands whose words say what they change. */
const SAYS_ALL: ReadonlySet<CommandClass> = new Set(['read-only', 'changes-files']);

function isReadOnly({ parts }: ExecuteAction): boolean {
  return parts.every((part) => part.class === 'read-only');
}

/** Where the trash cannot be made nothing is kept. */
const NO_DISK: TrashFacts = { device: -1, clones: false, free: 0 };
const NOTHING: Danger = { losses: [], complete: true, unclear: [], mentioned: 0 };

/** An edit of files that are not there yet, or that hold what the session wrote. */
async function isOwnEdit(action: Action, written: Written): Promise<boolean> {
  if (action.effect !== 'edit') return false;
  const own = action.paths.map(async ({ path }) => {
    const stats = await lstat(path).catch(() => undefined);
    return !stats || isWritten({ path, size: stats.size }, written.get(path));
  });
  return (await Promise.all(own)).every(Boolean);
}

/** Without the files whose bytes a tool of this session wrote: its journal holds them. */
async function unwritten(files: readonly Threatened[], written: Written): Promise<Threatened[]> {
  const left: Threatened[] = [];
  for (const file of files) {
    if (!(await isWritten(file, written.get(file.path)))) left.push(file);
  }
  return left;
}

function lossOf(makerOf: Awaited<ReturnType<Makers['of']>>): (planned: Planned) => Loss {
  return ({ file, way }) => {
    const { shown, kind, size: bytes, mtime, git } = file;
    const elsewhere = way !== 'held' ? 'nowhere' : file.elsewhere === 'git' ? 'git' : 'trash';
    const madeBy = makerOf(file)?.title;
    const made = madeBy === undefined ? {} : { madeBy };
    return { shown, kind, bytes, mtime, git, elsewhere, ...made, keeps: way !== 'none' };
  };
}

function refuseNew(planned: readonly Planned[], { losses }: Danger): void {
  const known = new Set(losses.map(({ shown }) => shown));
  const fresh = planned.filter(({ file }) => !file.quiet && file.kind !== 'file' && !known.has(file.shown));
  if (fresh.length > 0)
    throw new ToolError(
      `Not run: while it was being asked for, it came to threaten ${countOf(fresh.length, 'more file|more files')} (${fresh[0]?.file.shown}). Look again, then repeat the call.`,
    );
}

function notRun(why: string): ToolError {
  return new ToolError(`Not run, and nothing is lost. ${why} If the call is repeated, the user is told so and asked.`);
}

function keyOf(action: Action): string {
  return JSON.stringify(action);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

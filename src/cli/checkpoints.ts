import { realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { restorePoints, type RestorePoint } from '../agent/restore-points';
import { Session } from '../agent/session';
import { UserError } from '../agent/tool';
import { changedCounts, type PointFiles } from '../checkpoints/changed-counts';
import { shownName } from '../checkpoints/git';
import {
  editsBetween,
  restoreInSession,
  undoRestore,
  type RestoreOutcome,
  type Ways,
} from '../checkpoints/session-restore';
import type { CheckpointStore } from '../checkpoints/store';
import { shownIn } from '../engineer';
import { fileStore } from '../host/file-store';
import { createNodeHost } from '../host/node';
import { editorSessions, findSession, stateFolder } from '../host/session-folders';
import { listSessions } from '../host/session-list';
import { atWork } from '../jobs/at-work';
import { countOf } from '../text/counting';
import { label } from '../text/label';
import { ageOf } from '../text/sizes';
import type { CheckpointsArguments } from './subcommands';
import { checkpointStore } from './checkpoint-home';
import { printable } from './output';
import type { RunWorld } from './run';
import { readSettings } from './settings';

const MAX_WORDS = 80;
const MAX_NAMES = 5;

interface Desk {
  given: CheckpointsArguments;
  world: RunWorld;
  session: Session;
  points: RestorePoint[];
  ways: Ways;
}

/** What a person does with the checkpoints of a session in a terminal. Gives the exit code; throws UserError. */
export async function checkpoints(given: CheckpointsArguments, world: RunWorld): Promise<number> {
  const settings = await readSettings(world.settings);
  const folder = await sessionFolder(given, world);
  const session = await Session.open(basename(folder), fileStore(folder));
  try {
    const host = createNodeHost({ folders: [given.cwd], env: world.env });
    const ways: Ways = {
      store: checkpointStore(given.cwd, world, settings),
      files: {
        read: async (path) => (await host.read(path))?.bytes,
        write: (path, bytes) => host.write(path, bytes),
      },
    };
    const desk = { given, world, session, points: restorePoints(session.branch), ways };
    return await VERBS[given.verb](desk);
  } finally {
    await session.close();
  }
}

const VERBS: Readonly<Record<CheckpointsArguments['verb'], (desk: Desk) => Promise<number>>> = {
  list,
  compare,
  async restore(desk) {
    const point = pointOf(desk, desk.given.numbers[0] ?? 0);
    const what = desk.given.what ?? 'files';
    if (what !== 'conversation') await refuseJobs(desk);
    return tell(desk, await restoreInSession(desk.ways, desk.session, point, what));
  },
  async undo(desk) {
    await refuseJobs(desk);
    return tell(desk, await undoRestore(desk.ways, desk.session));
  },
};

async function list({ given, session, points, ways, world: { streams } }: Desk): Promise<number> {
  const files = await changedCounts(ways.store, points);
  const rows = points.map((point, at) => ({ number: at + 1, point, ...(files[at] ?? NOTHING_KNOWN) }));
  if (given.json) {
    const shown = rows.map(({ number, point: { id, at, why, words, folders }, changed, stored }) => ({
      ...{ number, id, at, why, words, changed, folders },
      stored: folders.length > 0 && stored,
    }));
    streams.out(`${JSON.stringify({ session: session.id, checkpoints: shown }, null, 2)}\n`);
    return 0;
  }
  const lines = rows.map(({ number, point, ...known }) => `${String(number).padStart(3)}  ${lineOf(point, known)}`);
  if (lines.length === 0) lines.push('There are no checkpoints in it.');
  streams.out(`${printable([`Session ${session.id}`, ...lines].join('\n'))}\n`);
  return 0;
}

const NOTHING_KNOWN: PointFiles = { changed: null, stored: false };

function lineOf({ why, at, words, folders }: RestorePoint, { changed, stored }: PointFiles): string {
  const what = {
    prompt: 'before: ',
    step: 'after: ',
    restore: words === '' ? 'before a restore' : 'before a restore, in: ',
  }[why];
  const facts = [
    `${ageOf(Date.now() - Date.parse(at))} ago`,
    ...(changed === null || changed === 0 ? [] : [`${countOf(changed, 'file|files')} changed`]),
    ...(folders.length === 0 ? ['edits alone'] : stored ? [] : ['files no longer stored']),
  ];
  return `${what}${label(words, MAX_WORDS)} (${facts.join(', ')})`;
}

async function compare(desk: Desk): Promise<number> {
  const { given, ways, session, world } = desk;
  const [first = 0, second] = given.numbers;
  const sorted = second === undefined ? [first] : [first, second].sort((a, b) => a - b);
  const [from, to] = sorted.map((number) => pointOf(desk, number)) as [RestorePoint, RestorePoint?];
  const rows =
    from.folders.length > 0 && (!to || to.folders.length > 0)
      ? await differences(ways.store, from, to)
      : editsBetween(session, from, to).map(({ path, before, after }) => ({
          path,
          how: before === null ? 'added' : after === null ? 'deleted' : 'changed',
          added: null,
          removed: null,
        }));
  if (given.json) world.streams.out(`${JSON.stringify(rows, null, 2)}\n`);
  else {
    const lines = rows.map(({ path, how, added, removed }) => {
      const counts = added === null ? '' : `  +${added} -${removed}`;
      return `${how.padEnd(7)}  ${shownIn([given.cwd], path)}${counts}`;
    });
    world.streams.out(`${printable(lines.length === 0 ? 'No file differs.' : lines.join('\n'))}\n`);
  }
  return 0;
}

async function differences(
  store: CheckpointStore,
  from: RestorePoint,
  to: RestorePoint | undefined,
): Promise<{ path: string; how: string; added: number | null; removed: number | null }[]> {
  const sides = [from, ...(to ? [to] : [])].flatMap(({ folders }) => folders);
  for (const { folder, commit } of sides)
    if (!(await store.held(folder, [commit])).has(commit)) throw new UserError('That checkpoint is no longer stored.');
  const compared = await store.compare(from.folders, to ? to.folders : (await store.take()).folders);
  return compared.flatMap(({ folder, files }) =>
    files.map(({ name, ...rest }) => ({ path: join(folder, shownName(name)), ...rest })),
  );
}

function pointOf({ points, session }: Desk, number: number): RestorePoint {
  const point = points[number - 1];
  if (!point)
    throw new UserError(
      `Session ${session.id} has no checkpoint ${number}: ${points.length === 0 ? 'there are none' : `the last is ${points.length}`}. "ml-engineer checkpoints" lists them.`,
    );
  return point;
}

/** A job may write to these very files, and reads them for as long as it runs. */
async function refuseJobs({ given, world }: Desk): Promise<void> {
  const state = stateFolder(world.env, world.places.home);
  const [job] = await atWork({ state, folders: [given.cwd] });
  if (job)
    throw new UserError(
      `Job ${job.id} is at work in this folder: ${label(job.title, MAX_WORDS)}. Wait for it or stop it (ml-engineer jobs stop ${job.id}), then restore.`,
    );
}

function tell({ given, session, world: { streams } }: Desk, { files, kept, failed }: RestoreOutcome): number {
  const leaf = session.branch.at(-1)?.event;
  const done = leaf && 'restored' in leaf ? leaf.restored : undefined;
  if (given.json) {
    streams.out(`${JSON.stringify({ session: session.id, files, kept, failed }, null, 2)}\n`);
    return failed.length > 0 ? 1 : 0;
  }
  const names = files.slice(0, MAX_NAMES).map((path) => shownIn([given.cwd], path));
  if (files.length > MAX_NAMES) names.push(`${files.length - MAX_NAMES} more`);
  const isBack = given.verb === 'undo' || (given.what ?? 'files') !== 'files';
  const lines = [
    ...(given.what === 'conversation'
      ? []
      : [files.length === 0 ? 'No file differed.' : `Files put back: ${names.join(', ')}.`]),
    ...(isBack && failed.length === 0 ? [`The conversation goes on from there: --resume ${session.id} "..."`] : []),
    ...(kept.length > 0
      ? [`Left as they are, since no checkpoint holds them: ${kept.slice(0, MAX_NAMES).join(', ')}.`]
      : []),
    ...(done?.undoes === undefined && given.verb === 'restore'
      ? ['"ml-engineer checkpoints undo" takes this back.']
      : []),
  ];
  streams.out(`${printable(lines.join('\n'))}\n`);
  for (const { path, why } of failed) streams.err(`${printable(`Not put back: ${path}: ${why}`)}\n`);
  return failed.length > 0 ? 1 : 0;
}

/** The session that is named, else the one of this folder that was used last, wherever it was begun. */
async function sessionFolder({ session, sessionDir, cwd }: CheckpointsArguments, world: RunWorld): Promise<string> {
  const state = stateFolder(world.env, world.places.home);
  const folders =
    sessionDir === undefined
      ? [join(state, 'sessions'), ...(await editorSessions(state).catch(() => []))]
      : [sessionDir];
  if (session !== undefined) {
    const found = await findSession(session, folders);
    if (found === undefined) throw new UserError(`There is no session ${session} in ${folders.join(' or ')}.`);
    return found;
  }
  const real = await realpath(cwd).catch(() => cwd);
  const lists = await Promise.all(folders.map((folder) => listSessions(folder, new Map())));
  const [last] = lists
    .flat()
    .filter((one) => one.folders.some((folder) => folder === cwd || folder === real))
    .sort((a, b) => b.usedAt - a.usedAt);
  if (!last) throw new UserError(`There is no session of ${cwd} yet. --session ID names another folder's.`);
  return join(dirname(last.folder), last.id);
}

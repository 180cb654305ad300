import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { gitOutput } from '../host/git-output';
import type { GitState } from './recognise';

const MAX_NAMES = 50;

/** What git prints, `undefined` when it fails, is not there, or takes too long. */
async function git(folder: string, args: readonly string[], signal: AbortSignal): Promise<string | undefined> {
  return gitOutput(folder, ['--literal-pathspecs', ...args], { signal }).catch(() => undefined);
}

/** Tells of each file what git holds of it. `roots` are the files or folders that hold all that will be asked for. */
export async function gitStates(roots: readonly string[], signal: AbortSignal): Promise<(path: string) => GitState> {
  const places = await placesOf(roots);
  const tops = new Map<string, string[]>();
  for (const [folder, within] of places) {
    const top = await topOf(folder, signal);
    // A command line holds only so many names.
    if (top !== undefined) tops.set(top, [...(tops.get(top) ?? []), ...(roots.length > MAX_NAMES ? [folder] : within)]);
  }
  const states = new Map<string, GitState>();
  for (const [top, within] of tops) {
    const [tracked, ignored, changed] = await Promise.all([
      git(top, ['ls-files', '-z', '--', ...within], signal),
      // A folder that is ignored as a whole is one line, whatever lies in it.
      git(top, ['ls-files', '-z', '-oi', '--exclude-standard', '--directory', '--', ...within], signal),
      git(top, ['status', '--porcelain=v1', '-z', '-uno', '--no-renames', '--', ...within], signal),
    ]);
    // Without the second answer nothing counts as safe in git.
    for (const name of changed === undefined ? [] : listed(tracked)) states.set(join(top, name), 'clean');
    for (const entry of listed(changed)) states.set(join(top, entry.slice(3)), 'changed');
    for (const name of listed(ignored)) states.set(join(top, name), 'ignored');
  }
  const isInside = (path: string): boolean => [...tops.keys()].some((top) => path.startsWith(`${top}/`));
  return (path) => states.get(path) ?? (isInside(path) ? looseState(path, states) : 'none');
}

/** The files that git tracks in the repository of a folder, absolute; none where there is no repository. */
export async function trackedIn(folder: string, signal: AbortSignal): Promise<string[]> {
  const top = await topOf(folder, signal);
  return top === undefined ? [] : listed(await git(top, ['ls-files', '-z'], signal)).map((name) => join(top, name));
}

/** Of a file that git holds nothing of: ignored with one of the folders it lies in, or just not added. */
function looseState(path: string, states: ReadonlyMap<string, GitState>): GitState {
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1))
    if (states.get(path.slice(0, at + 1)) === 'ignored') return 'ignored';
  return 'untracked';
}

/** The folders that git is asked in, each with the roots in it. */
async function placesOf(roots: readonly string[]): Promise<Map<string, string[]>> {
  const places = new Map<string, string[]>();
  for (const root of roots) {
    const isFolder = await stat(root).then(
      (found) => found.isDirectory(),
      () => false,
    );
    const folder = isFolder ? root : dirname(root);
    const known = places.get(folder);
    if (known) known.push(root);
    else places.set(folder, [root]);
  }
  return places;
}

async function topOf(path: string, signal: AbortSignal): Promise<string | undefined> {
  return (await git(path, ['rev-parse', '--show-toplevel'], signal))?.replace(/\n$/u, '');
}

function listed(output: string | undefined): string[] {
  return (output ?? '').split('\0').filter((name) => name !== '');
}

/** What `git clean` with these arguments would remove from this folder: absolute paths. */
export async function wouldClean(folder: string, args: readonly string[], signal: AbortSignal): Promise<string[]> {
  // Its own setting may forbid it without -f, which -n needs no less.
  const listing = await git(
    folder,
    ['clean', '-n', ...args.filter((arg) => !/^(?:-i|--interactive)$/u.test(arg))],
    signal,
  );
  return (listing ?? '')
    .split('\n')
    .flatMap((line) => /^Would remove (.+?)\/?$/u.exec(line)?.[1] ?? [])
    .map((name) => resolve(folder, name));
}

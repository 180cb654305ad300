import { constants } from 'node:fs';
import { copyFile, lstat, mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ToolError } from '../agent/tool';
import { gitOutput } from '../host/git-output';
import type { Host } from '../host/host';
import { realPath, within } from '../host/paths';
import type { LedgerFile } from '../ledger/record';
import type { Difference } from './differences';
import type { Plan } from './plan';

/** A checkout of a large repository takes a while. */
const CHECKOUT_MS = 10 * 60_000;
const MAX_COPIED_BYTES = 20 * 1024 * 1024 * 1024;

/**
 * Builds the tree of a run: its commit in a worktree outside of the person's, the changes of then, copies of its data that
 * git does not hold. Gives what could not be had. Throws ToolError where there is no tree.
 */
export async function rebuild(plan: Plan, host: Host, signal: AbortSignal): Promise<Difference[]> {
  const { run, project, tree, place, diff } = plan;
  const { code, data } = run.record;
  await removeTree(plan);
  await mkdir(place, { recursive: true, mode: 0o700 });
  try {
    await gitOutput(project, ['worktree', 'add', '--detach', tree, code?.commit ?? ''], { signal, ms: CHECKOUT_MS });
  } catch (error) {
    signal.throwIfAborted();
    throw new ToolError(`git made no worktree of commit ${code?.commit.slice(0, 12)}: ${reasonOf(error)}`);
  }
  const changes = code?.diff === undefined ? [] : await applied(tree, diff, signal);
  let left = MAX_COPIED_BYTES;
  const lacking: Difference[] = [];
  for (const file of data) {
    signal.throwIfAborted();
    const why = await copied(file, plan, host, left);
    if (why === undefined) left -= file.size;
    else if (why !== '') lacking.push({ kind: 'data', text: `${file.path}: ${why}` });
  }
  return [...changes, ...lacking];
}

async function applied(tree: string, diff: string | undefined, signal: AbortSignal): Promise<Difference[]> {
  const lost = (why: string): Difference[] => [{ kind: 'code', text: `its changes that were not committed ${why}` }];
  if (diff === undefined) return lost('are not kept on this machine');
  try {
    await gitOutput(tree, ['apply', '--whitespace=nowarn', diff], { signal });
    return [];
  } catch (error) {
    signal.throwIfAborted();
    return lost(`cannot be applied: ${reasonOf(error)}`);
  }
}

/** '' where nothing is to be done, `undefined` where it was copied, else why it was not. */
async function copied(file: LedgerFile, plan: Plan, host: Host, left: number): Promise<string | undefined> {
  const { path, size } = file;
  // One outside of the workspace folder is read where it lies.
  if (/^(?:[/\\~]|[a-z]:)/iu.test(path)) return '';
  const [from, to] = [join(plan.project, path), join(plan.root, path)];
  if (await lstat(to).catch(() => undefined)) return '';
  const isInside = within(plan.project, await realPath(from)) !== undefined && within(plan.root, to) !== undefined;
  if (!isInside || (await host.ignores([from], plan.project)) !== undefined) return 'it may not be read';
  const stats = await lstat(from).catch(() => undefined);
  if (!stats?.isFile()) return 'it is not there any more';
  if (stats.size > left) return `it is not copied: ${size} bytes are too many`;
  await mkdir(dirname(to), { recursive: true });
  // The commit may hold a link where a folder of data is to be.
  if (within(plan.tree, await realPath(dirname(to))) === undefined) return 'its folder is a link that leads elsewhere';
  await copyFile(from, to, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
  return undefined;
}

/** Takes away what an earlier try left. */
export async function removeTree({ project, place, tree }: Plan): Promise<void> {
  await rm(place, { recursive: true, force: true });
  // git remembers worktrees whose folder is gone.
  await gitOutput(project, ['worktree', 'prune']).catch(() => undefined);
  if (await lstat(tree).catch(() => undefined)) throw new ToolError(`${tree} cannot be removed.`);
}

function reasonOf(error: unknown): string {
  const { stderr, message } = error as Error & { stderr?: string };
  return (stderr?.trim() || message).split('\n').at(-1) ?? '';
}

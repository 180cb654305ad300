import { sep } from 'node:path';
import { gitOutput } from '../host/git-output';
import { realPath, within } from '../host/paths';
import type { JobRecord } from './job';

const MAX_DIFF_BYTES = 5_000_000;
const MAX_UNTRACKED = 200;

export interface GitFound {
  git?: JobRecord['git'];
  /** The differences to the commit, as git prints them. */
  diff?: string;
  missing?: string;
}

/** The commit that a command starts from, and what differs from it, without one file (absolute) that is written by us. */
export async function gitFacts(cwd: string, without?: string): Promise<GitFound> {
  const git = (...args: string[]): Promise<string> => gitOutput(cwd, args, { maxBytes: MAX_DIFF_BYTES });
  let commit: string;
  let paths: string[];
  try {
    const [head = '', top = ''] = (await git('rev-parse', 'HEAD', '--show-toplevel')).trim().split('\n');
    commit = head;
    const left = without === undefined ? undefined : within(await realPath(top), without);
    paths = left === undefined ? [] : ['--', ':/', `:(top,exclude,literal)${left.replaceAll(sep, '/')}`];
  } catch {
    return { missing: `the commit: ${cwd} is in no git repository, or in one without a commit` };
  }
  try {
    const branch = (await git('rev-parse', '--abbrev-ref', 'HEAD')).trim();
    const status = (await git('status', '--porcelain', '-z', '--untracked-files=normal', ...paths))
      .split('\0')
      .filter(Boolean);
    const untracked = status.filter((line) => line.startsWith('?? ')).map((line) => line.slice(3));
    const dirty = status.length > untracked.length;
    const diff = dirty
      ? await git('diff', 'HEAD', '--no-ext-diff', '--no-textconv', '--binary', ...paths).catch(() => undefined)
      : '';
    const more = untracked.length - MAX_UNTRACKED;
    return {
      git: {
        commit,
        dirty,
        untracked: untracked.slice(0, MAX_UNTRACKED),
        ...(branch === 'HEAD' ? {} : { branch }),
        ...(diff ? { diff: 'changes.diff' } : {}),
        ...(more > 0 ? { moreUntracked: more } : {}),
      },
      ...(diff ? { diff } : {}),
      ...(diff === undefined
        ? { missing: `the difference to the commit: it is larger than ${MAX_DIFF_BYTES} bytes` }
        : {}),
    };
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n')[0] : String(error);
    return { missing: `what differs from commit ${commit}: git did not tell (${why})` };
  }
}

import { gitOutput } from '../host/git-output';

const MAX_LINES = 30;
const COMMIT = /^[0-9a-f]{7,64}$/u;

/** Which files differ between the commits of two runs, as git counts them; `undefined` where git cannot tell. */
export async function diffStat(project: string, from: string, to: string): Promise<string | undefined> {
  // A ledger is anybody's text: what is no commit could be an option.
  if (from === to || !COMMIT.test(from) || !COMMIT.test(to)) return undefined;
  try {
    const flags = ['--stat=100', '--no-ext-diff', '--no-textconv'];
    const lines = (await gitOutput(project, ['diff', ...flags, from, to, '--'])).trimEnd().split('\n');
    const more = lines.length - MAX_LINES;
    return more > 0
      ? [...lines.slice(0, MAX_LINES - 1), `and ${more} more`, lines.at(-1)].join('\n')
      : lines.join('\n');
  } catch {
    return undefined; // A commit of another clone, or no git.
  }
}

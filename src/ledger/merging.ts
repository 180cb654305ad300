import { gitOutput } from '../host/git-output';

/** The line of `.gitattributes` by which git joins what two branches added, with no conflict. */
function mergeLine(path: string): string {
  return `${path} merge=union`;
}

/** True where git would join the ledger of a trusted folder by union, false where not; `undefined` outside of a repository. */
async function isMergedByUnion(project: string, path: string): Promise<boolean | undefined> {
  try {
    return (await gitOutput(project, ['check-attr', 'merge', '--', path])).trimEnd().endsWith(': union');
  } catch {
    return undefined; // No repository, or no git: nothing is merged there.
  }
}

/** What a person is told who has no such line; the file is theirs, so it is not written unasked. */
export async function mergeAdvice(project: string, path: string): Promise<string | undefined> {
  if ((await isMergedByUnion(project, path)) !== false) return undefined;
  return `Add "${mergeLine(path)}" to .gitattributes, and git joins the ledgers of two branches without a conflict.`;
}

import { appendFile, readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { realPath, within } from '../host/paths';
import { gitOutput } from '../host/git-output';

/** The line of `.gitattributes` by which git joins what two branches added, with no conflict. */
export function mergeLine(path: string): string {
  return `${path} merge=union`;
}

/** True where git would join the ledger of a trusted folder by union, false where not; `undefined` outside of a repository. */
export async function isMergedByUnion(project: string, path: string): Promise<boolean | undefined> {
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

/** Adds the line, when a person said so. Gives the file's path. */
export async function addMergeLine(project: string, path: string): Promise<string> {
  const root = await realPath(project);
  const file = join(root, '.gitattributes');
  if (within(root, await realPath(file)) === undefined) throw new Error(`${file} is a link to elsewhere`);
  const before = await readFile(file, 'utf8').catch(() => '');
  const gap = before === '' || before.endsWith('\n') ? '' : '\n';
  await appendFile(file, `${gap}${mergeLine(path.replaceAll(sep, '/'))}\n`);
  return file;
}

import { createHash } from 'node:crypto';
import { readFile, realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import shipped from './shipped-scripts.json';

/** `reads`: prints what the files it is handed hold. `changes`: writes files below the folder it runs in. */
export type ScriptWork = 'reads' | 'changes';

const WORK: Readonly<Record<string, { work: string; sha256: string }>> = shipped;

/** The scripts whose work is known, by their path below the skills' folder, and the hash each had when it was written down. */
export const SHIPPED_SCRIPTS = Object.keys(WORK);

/**
 * What a script does that comes with a bundled skill of ours: known only for the very file in the product's own folder
 * with the very bytes that were shipped. A copy elsewhere may find another module beside it.
 */
export async function shippedWork(path: string, product: string): Promise<ScriptWork | undefined> {
  const skills = await realpath(join(product, 'skills')).catch(() => undefined);
  const name = skills && SHIPPED_SCRIPTS.find((script) => join(skills, script) === resolve(path));
  const known = name === undefined ? undefined : WORK[name];
  if (!known) return undefined;
  const bytes = await readFile(path).catch(() => undefined);
  if (!bytes || createHash('sha256').update(bytes).digest('hex') !== known.sha256) return undefined;
  return known.work === 'reads' || known.work === 'changes' ? known.work : undefined;
}

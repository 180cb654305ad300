import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { reportSchema, type Report } from './report';

/** The name of the report in the folder of the job that it was for. */
export const PREFLIGHT_FILE = 'preflight.json';

/** What a pre-flight is of. */
export interface JobCommand {
  command: string;
  /** Absolute. */
  cwd: string;
}

/** Where the pre-flight of a command lies, beside the jobs of its workspace folder. */
export function preflightFolder(root: string, { command, cwd }: JobCommand): string {
  return join(root, 'preflights', createHash('sha256').update(`${command.trim()}\0${cwd}`).digest('hex').slice(0, 16));
}

/** A folder for the output of one call's trial. */
export function scratchFolder(root: string, job: JobCommand, call: string): string {
  const name = createHash('sha256').update(call).digest('hex').slice(0, 12);
  return join(preflightFolder(root, job), `out-${name}`);
}

export async function keepReport(root: string, job: JobCommand, report: Report): Promise<string> {
  const path = join(preflightFolder(root, job), PREFLIGHT_FILE);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  // Two windows may try the same job at once: one of their reports stays, whole.
  const part = `${path}.${randomUUID()}`;
  await writeFile(part, `${JSON.stringify(report, null, 2)}\n`, { mode: 0o600, flush: true });
  await rename(part, path);
  return path;
}

/** The last pre-flight of a command; `undefined` where there is none that can be read. */
export async function keptReport(root: string, job: JobCommand): Promise<Report | undefined> {
  const text = await readFile(join(preflightFolder(root, job), PREFLIGHT_FILE), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return reportSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined; // Torn: then it is to be made again.
  }
}

import { constants } from 'node:fs';
import { access, lstat } from 'node:fs/promises';
import { shownName } from './git';

export interface Bounds {
  /** A larger file is left out. */
  fileBytes: number;
  /** More than this at once is not kept at all. */
  newFiles: number;
  newBytes: number;
}

/** What is in no checkpoint. */
export interface LeftOut {
  /** Too large; the artefact guard keeps copies of data, checkpoints and models by itself. */
  files: number;
  bytes: number;
  /** Could not be read. */
  unreadable: number;
  /** The first few, for people. */
  examples: string[];
}

/** More has changed than a checkpoint may hold. */
export class TooMuch extends Error {}

const MAX_EXAMPLES = 3;
const SIDE_BY_SIDE = 64;

interface Survey {
  /** To be taken as they are, or noted as gone. */
  put: string[];
  /** To be forgotten although they are there. */
  drop: string[];
  left: LeftOut;
  nested: string[];
}

/** Looks at what git says is new or changed, and tells what goes into a checkpoint. Never follows a link. */
export async function surveyed(
  folder: string,
  changed: readonly string[],
  untracked: readonly string[],
  bounds: Bounds,
  signal: AbortSignal,
): Promise<Survey> {
  const survey: Survey = {
    ...{ put: [], drop: [], nested: [] },
    left: { files: 0, bytes: 0, unreadable: 0, examples: [] },
  };
  if (untracked.length + changed.length > bounds.newFiles)
    throw new TooMuch(`${untracked.length + changed.length} files are new or changed`);
  const tracked = new Set(changed);
  let bytes = 0;
  const look = async (name: string): Promise<void> => {
    // git names a repository inside the folder, and nothing else, with a slash at its end.
    if (name.endsWith('/')) return void survey.nested.push(join(folder, name.slice(0, -1)).toString());
    const path = join(folder, name);
    const found = await lstat(path).catch(() => undefined);
    if (!found || found.isSymbolicLink()) return void survey.put.push(name);
    if (!found.isFile()) return void (tracked.has(name) ? survey.drop.push(name) : undefined);
    if (found.size > bounds.fileBytes) {
      if (tracked.has(name)) survey.drop.push(name);
      survey.left.files += 1;
      survey.left.bytes += found.size;
      if (survey.left.examples.length < MAX_EXAMPLES) survey.left.examples.push(shownName(name));
      return;
    }
    if (!(await isReadable(path, found.mode))) return void (survey.left.unreadable += 1);
    bytes += found.size;
    if (bytes > bounds.newBytes) throw new TooMuch('the new and changed files are too large together');
    survey.put.push(name);
  };
  const names = [...changed, ...untracked];
  for (let index = 0; index < names.length; index += SIDE_BY_SIDE) {
    signal.throwIfAborted();
    await Promise.all(names.slice(index, index + SIDE_BY_SIDE).map(look));
  }
  return survey;
}

async function isReadable(path: Buffer, mode: number): Promise<boolean> {
  // Nearly all are for everyone to read, and a question for each of 50,000 takes seconds.
  if ((mode & 0o444) === 0o444) return true;
  return access(path, constants.R_OK).then(
    () => true,
    () => false,
  );
}

function join(folder: string, name: string): Buffer {
  return Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(name, 'latin1')]);
}

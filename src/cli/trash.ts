import { emptyTrash, sizeOfTrash, type TrashSize } from '../artefacts/retention';
import { countOf } from '../text/counting';
import { ageOf, sizeOf } from '../text/sizes';
import type { TrashArguments } from './arguments';
import { trashOf } from './guard';
import type { RunWorld } from './run';

/** Says what the trash of a folder holds, or empties it. Gives the exit code. */
export async function showTrash(
  { cwd, empty, json }: TrashArguments,
  world: Omit<RunWorld, 'signal'>,
): Promise<number> {
  const trash = await trashOf(cwd, world);
  const held = await sizeOfTrash(trash);
  if (empty) await emptyTrash(trash);
  const { out } = world.streams;
  if (json) out(`${JSON.stringify({ ...held, emptied: empty, folder: trash.folder }, null, 2)}\n`);
  else out(`${told(held, empty)}\n`);
  return 0;
}

function told({ calls, files, bytes, oldest }: TrashSize, empty: boolean): string {
  if (files === 0) return 'The trash is empty.';
  const what = `${countOf(files, 'file|files')} of ${countOf(calls, 'call|calls')}`;
  if (empty) return `Removed for good: ${what}, ${sizeOf(bytes)} freed.`;
  const age = oldest === undefined ? '' : `, the oldest ${ageOf(Date.now() - oldest)} old`;
  return `The trash holds ${what}${age}. "ml-engineer restore" lists them; "ml-engineer trash empty" frees ${sizeOf(bytes)}.`;
}

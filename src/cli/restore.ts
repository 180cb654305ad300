import { named, restorables, restore, type Outcome, type Restorable } from '../artefacts/restore';
import { shownIn } from '../engineer';
import { countOf } from '../text/counting';
import { ageOf, sizeOf } from '../text/sizes';
import type { RestoreArguments } from './arguments';
import { trashOf } from './guard';
import { printable } from './output';
import type { RunWorld } from './run';

const MAX_ROWS = 10;

/** Lists what the trash holds for a folder, or brings back what is named. Exit code 1 when something could not be. Throws UserError. */
export async function restoreFiles(given: RestoreArguments, world: Omit<RunWorld, 'signal'>): Promise<number> {
  const { cwd, ids, json, replace } = given;
  const { out, err } = world.streams;
  const trash = await trashOf(cwd, world);
  const all = await restorables(trash);
  if (ids.length === 0) {
    out(json ? `${JSON.stringify(all.map(entryOf), null, 2)}\n` : `${printable(listOf(all, cwd))}\n`);
    return 0;
  }
  const outcomes: (Outcome & { id: string })[] = [];
  for (const one of named(all, ids)) {
    const outcome = await restore(trash, one, replace ? 'replace' : 'beside', new AbortController().signal);
    outcomes.push({ id: one.id, ...outcome });
    if (!json) (outcome.how === 'failed' ? err : out)(`${printable(told(outcome))}\n`);
  }
  if (json) out(`${JSON.stringify(outcomes, null, 2)}\n`);
  return outcomes.some(({ how }) => how === 'failed') ? 1 : 0;
}

function entryOf({ id, now, file, batch }: Restorable): object {
  const { path, kind, size, mtime, mode, how } = file;
  const { at, session, call, tool, title } = batch;
  return { id, path, kind, size, mtime, mode, how, now, at, session, call, tool, title };
}

const NOW = { gone: 'gone', there: 'still there', other: 'another is there' } as const;

function listOf(all: readonly Restorable[], cwd: string): string {
  const lost = all.filter(({ now }) => now !== 'there');
  if (lost.length === 0) return 'The trash holds nothing that is not where it was.';
  const batches = [...new Set(lost.map(({ batch }) => batch))];
  return batches
    .flatMap((batch) => {
      const files = lost.filter((one) => one.batch === batch);
      const rest = files.length - MAX_ROWS;
      const bytes = files.reduce((total, { file }) => total + file.size, 0);
      const age = ageOf(Date.now() - Date.parse(batch.at));
      return [
        `${batch.id}  ${countOf(files.length, 'file|files')}, ${sizeOf(bytes)}, ${age} ago, before: ${batch.title}`,
        ...files
          .slice(0, MAX_ROWS)
          .map(
            ({ id, file, now }) =>
              `  ${id}  ${shownIn([cwd], file.path)}  ${file.kind}, ${sizeOf(file.size)}, ${NOW[now]}`,
          ),
        ...(rest > 0 ? [`  and ${rest} more (--json lists all)`] : []),
      ];
    })
    .join('\n');
}

function told(outcome: Outcome): string {
  switch (outcome.how) {
    case 'restored':
      return `Restored ${outcome.path}`;
    case 'beside':
      return `Restored beside what lies there now: ${outcome.path}`;
    case 'same':
      return `There already, with the same content: ${outcome.path}`;
    case 'failed':
      return `Not restored: ${outcome.path}: ${outcome.why}`;
  }
}

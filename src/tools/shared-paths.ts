import type { PathFact, ToolContext } from '../agent/tool';
import { ToolError } from '../agent/tool';
import type { Host } from '../host/host';
import { nearest } from '../text/nearest';

export type HostContext = ToolContext<Host>;

/** Where a path of the model's leads, as one action of reading or editing. */
export async function pathAction<Effect extends 'read' | 'edit'>(
  effect: Effect,
  path: string,
  { host }: HostContext,
): Promise<{ effect: Effect; paths: PathFact[] }> {
  return { effect, paths: [await host.locate(path)] };
}

/** Where a search looks: the place that is given, else every folder of the workspace. */
export function searchRoots(given: string | undefined, { host }: HostContext): Promise<PathFact[]> {
  if (given !== undefined || host.folders.length < 2) return Promise.all([host.locate(given ?? '.')]);
  return Promise.all(host.folders.map(({ path }) => host.locate(path)));
}

/** Places as they are named together. */
export function shownTogether(roots: readonly PathFact[]): string {
  return roots.map(({ shown }) => shown).join(' and ');
}

/** The message for a file that is not there, with the nearest names in its folder. */
export async function missingFile({ path, shown }: PathFact, { host }: HostContext): Promise<ToolError> {
  const cut = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'));
  const folder = path.slice(0, cut) || '/';
  const names = await host.list(folder).then(
    (entries) => entries.map(({ name }) => name),
    () => undefined,
  );
  if (!names) return new ToolError(`There is no ${shown}, nor its folder.`);
  const near = nearest(path.slice(cut + 1), names);
  const hint = near.length > 0 ? ` Near it: ${near.join(', ')}.` : '';
  return new ToolError(`There is no file or folder ${shown}.${hint}`);
}

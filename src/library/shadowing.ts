import type { Source } from './sources';

interface Item {
  name: string;
  source: Source;
  path: string;
  hash: string;
}

/** A file whose name another file has, too. */
export interface Shadow<Found extends Item> {
  /** The one with the stronger place. */
  by: Found;
  /** The one it stands before, or would stand before. */
  over: Found;
  /** It would replace what is not the project's, and no person has accepted that: `over` is used. */
  pending: boolean;
  /** What a person accepts: the file of this text, under this name. */
  acceptance: string;
}

export interface Chosen<Found extends Item> {
  /** One for each name, in order of names. */
  used: Found[];
  shadows: Shadow<Found>[];
}

/** Names that people and models would take for the same are the same. */
export function nameKey(name: string): string {
  return name.normalize('NFKC').toLowerCase();
}

export function acceptanceOf(kind: string, { name, hash }: Pick<Item, 'name' | 'hash'>): string {
  return `${kind} ${nameKey(name)} ${hash}`;
}

/**
 * Chooses one of each name. A later one wins, with one exception: what lies in the project replaces what does not only
 * after a person accepted its very text, since a repository could otherwise change what a known name does.
 */
export function chooseByName<Found extends Item>(
  kind: string,
  found: readonly Found[],
  isAccepted: (acceptance: string) => boolean,
): Chosen<Found> {
  const byName = new Map<string, Found[]>();
  for (const item of found) byName.set(nameKey(item.name), [...(byName.get(nameKey(item.name)) ?? []), item]);
  const used: Found[] = [];
  const shadows: Shadow<Found>[] = [];
  for (const candidates of byName.values()) {
    const own = candidates.findLast(({ source }) => source !== 'project');
    const counts = (item: Found): boolean =>
      own === undefined || item.source !== 'project' || isAccepted(acceptanceOf(kind, item));
    const winner = candidates.findLast(counts);
    if (!winner) continue;
    used.push(winner);
    for (const [index, by] of candidates.entries()) {
      const over = counts(by) ? candidates.slice(0, index).findLast(counts) : winner;
      if (over && over !== by) shadows.push({ by, over, pending: !counts(by), acceptance: acceptanceOf(kind, by) });
    }
  }
  return { used: used.sort((a, b) => (a.name < b.name ? -1 : 1)), shadows };
}

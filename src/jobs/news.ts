import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { lockIfFree } from '../host/session-lock';
import { isOver, type Firing } from './job';
import type { Observed } from './observe';
import { claim, claimPath } from './store';

/** Something of a job that its session should hear of: a watch that fired, or the end. */
export type News = { kind: 'fired'; firing: Firing } | { kind: 'ended' };

function keyOf(news: News): string {
  return news.kind === 'ended' ? 'told end' : `told ${news.firing.key}`;
}

/** What nobody was told yet, in order. */
export async function untold({ status, fired }: Pick<Observed, 'status' | 'fired'>): Promise<News[]> {
  const all: News[] = [
    ...fired.map((firing): News => ({ kind: 'fired', firing })),
    ...(isOver(status.state) ? [{ kind: 'ended' } as const] : []),
  ];
  const told = await Promise.all(all.map((news) => isThere(claimPath(status.folder, keyOf(news)))));
  return all.filter((_, index) => !told[index]);
}

/** From now on it is told. Gives what nobody had told in between. */
export async function markTold({ status }: Pick<Observed, 'status'>, news: readonly News[]): Promise<News[]> {
  const mine: News[] = [];
  for (const one of news) if (await claim(status.folder, keyOf(one))) mine.push(one);
  return mine;
}

/**
 * Makes this process the one that tells of a job, until what it gives is called; `undefined` while another is. One whose
 * process is gone does not count.
 */
export function holdTelling(folder: string): Promise<(() => Promise<void>) | undefined> {
  return lockIfFree(join(folder, 'telling'));
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

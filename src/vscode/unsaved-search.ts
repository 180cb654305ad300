import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import * as vscode from 'vscode';
import type { Host, SearchLine, SearchQuery, SearchResult } from '../host/host';
import { within } from '../host/paths';

/** More unsaved files than this are searched as they lie on the disk. */
const MAX_UNSAVED = 100;

/**
 * Searches with the text of unsaved editors in place of what lies on the disk. They are searched as copies in a folder
 * of their own, by the same program with the same rules; a glob with a folder in it is matched by its last part there.
 */
export async function searchUnsaved(query: SearchQuery, host: Host, signal: AbortSignal): Promise<SearchResult> {
  const search = (one: SearchQuery): Promise<SearchResult> => host.search(one, signal);
  const unsaved = await unsavedIn(query.path, host);
  if (unsaved.length === 0) return search(query);
  const folder = await mkdtemp(join(tmpdir(), 'ml-engineer-unsaved-'));
  try {
    const originals = new Map<string, string>();
    for (const [index, document] of unsaved.entries()) {
      const copy = join(folder, String(index), basename(document.uri.fsPath));
      await mkdir(join(folder, String(index)));
      await writeFile(copy, document.getText(), { mode: 0o600 });
      originals.set(copy, document.uri.fsPath);
    }
    const glob = query.glob?.split('/').at(-1);
    const copies = await search({ ...query, path: folder, ...(glob === undefined ? {} : { glob }) });
    const stale = new Set(originals.values());
    const saved = await search({ ...query, limit: query.limit + 1 });
    const lines: SearchLine[] = [
      ...saved.lines.filter(({ path }) => !stale.has(path)),
      ...copies.lines.map((line) => ({ ...line, path: originals.get(line.path) ?? line.path })),
    ].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
    return {
      lines: lines.slice(0, query.limit),
      capped: saved.capped || copies.capped || lines.length > query.limit,
      timedOut: saved.timedOut || copies.timedOut,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The unsaved documents there that may be read: copies of them have no name that `.agentignore` would know. */
async function unsavedIn(folder: string, host: Host): Promise<vscode.TextDocument[]> {
  const dirty = vscode.workspace.textDocuments
    .filter(({ isDirty, uri }) => isDirty && uri.scheme === 'file' && within(folder, uri.fsPath) !== undefined)
    .slice(0, MAX_UNSAVED);
  const facts = await Promise.all(dirty.map(({ uri }) => host.locate(uri.fsPath)));
  return dirty.filter((_, index) => facts[index]?.ignored === undefined);
}

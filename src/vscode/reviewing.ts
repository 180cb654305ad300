import { stat } from 'node:fs/promises';
import * as vscode from 'vscode';
import { createExclusive, type Exclusive } from '../agent/exclusive';
import type { Session } from '../agent/session';
import { ToolError, UserError } from '../agent/tool';
import type { Host } from '../host/host';
import { restoreOpenNotebook } from './notebook-restore';
import { Reviews, type ReviewedFiles } from '../review/reviews';

interface Desk {
  reviews: Reviews;
  exclusive: Exclusive;
}

/** The reviews of this window's sessions: one object for each, so that a hunk that was shown is known when it is decided on. */
export class Reviewing {
  readonly #desks = new WeakMap<Session, Desk>();

  constructor(private readonly host: () => Host) {}

  /** What is open in a session, and the decisions on it. */
  of(session: Session): Reviews {
    return this.#desk(session).reviews;
  }

  /** What the session's own edits take turns with. */
  exclusive(session: Session): Exclusive {
    return this.#desk(session).exclusive;
  }

  #desk(session: Session): Desk {
    const known = this.#desks.get(session);
    if (known) return known;
    const exclusive = createExclusive();
    const made = { exclusive, reviews: new Reviews(session, undoableFiles(this.host), exclusive) };
    this.#desks.set(session, made);
    return made;
  }
}

/** Files as the person sees them. What is written goes through an open document, so that the editor's own Undo takes it back. */
function undoableFiles(host: () => Host): ReviewedFiles {
  return {
    read: (path) => readAsSeen(host(), path),
    stamp: stampOf,
    async write(path, bytes) {
      try {
        if (bytes !== null && (await restoreOpenNotebook(path, bytes))) return;
        // A document that was never opened has no undo to add to.
        if (bytes !== null && (await readAsSeen(host(), path)) !== undefined) await opened(path);
        await host().write(path, bytes);
      } catch (error) {
        // What hosts say is for the model; here a person has decided.
        throw error instanceof ToolError ? new UserError(error.message) : error;
      }
    },
  };
}

/** Clocks of file systems are coarse: two writes can carry one time, so one that is younger tells nothing yet. */
const SETTLED_MS = 2_500;

/** What lies on the disk is told by its times and size, what an editor holds unsaved by nothing. */
async function stampOf(path: string): Promise<string | undefined> {
  const { textDocuments, notebookDocuments } = vscode.workspace;
  const isHere = ({ uri }: { uri: vscode.Uri }): boolean => uri.scheme === 'file' && uri.fsPath === path;
  // A version begins anew when a document is opened again.
  if ([...textDocuments, ...notebookDocuments].some((one) => one.isDirty && isHere(one))) return undefined;
  try {
    const { mtimeNs, ctimeNs, ctimeMs, size, ino } = await stat(path, { bigint: true });
    if (Date.now() - Number(ctimeMs) < SETTLED_MS) return undefined;
    return `${mtimeNs} ${ctimeNs} ${size} ${ino}`;
  } catch {
    return 'none'; // Deleted, or out of reach: then reading finds nothing either.
  }
}

/** Text that was typed and not saved is an edit too. */
export async function readAsSeen(host: Host, path: string): Promise<Uint8Array | undefined> {
  const file = await host.read(path);
  return file?.unsavedText === undefined ? file?.bytes : new TextEncoder().encode(file.unsavedText);
}

async function opened(path: string): Promise<void> {
  await vscode.workspace.openTextDocument(vscode.Uri.file(path)).then(undefined, () => undefined); // Binary, or too large.
}

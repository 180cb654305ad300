import * as vscode from 'vscode';
import { bytesOf } from '../../review/content';
import type { FileReview } from '../../review/file-review';
import type { OpenReviews } from '../open-reviews';

export const BASE_SCHEME = 'ml-engineer-base';

const NOTHING = 'nothing';

/** The side of a file that is not there. */
export function nothingUri(path: string): vscode.Uri {
  return baseUri(path).with({ query: NOTHING });
}

/** Where the text can be read that a file's open hunks are compared with. */
export function baseUri(path: string): vscode.Uri {
  return vscode.Uri.file(path).with({ scheme: BASE_SCHEME });
}

/** Serves files as they were last accepted; what is accepted moves them on. */
export class BaseTexts implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.#changed.event;
  /** What was asked for, as it was served. */
  readonly #served = new Map<string, FileReview['base'] | undefined>();

  constructor(private readonly reviews: OpenReviews) {}

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    if (uri.query === NOTHING) return '';
    const path = vscode.Uri.file(uri.fsPath).fsPath;
    const base = this.reviews.baseOf(path);
    this.#served.set(path, base);
    // A diff that was left open when the session ended: what nobody asks about any more is no difference.
    if (!base) return textOf(path, await readIfThere(path));
    return textOf(path, bytesOf(base));
  }

  /** Tells of the files whose accepted text is another one now. */
  refresh(): void {
    for (const [path, base] of this.#served) if (this.reviews.baseOf(path) !== base) this.#changed.fire(baseUri(path));
  }

  dispose(): void {
    this.#changed.dispose();
  }
}

async function readIfThere(path: string): Promise<Uint8Array | null> {
  return vscode.workspace.fs.readFile(vscode.Uri.file(path)).then(
    (bytes) => bytes,
    () => null,
  );
}

/** As the editor reads the file itself; else lines would differ by their encoding alone. */
async function textOf(path: string, bytes: Uint8Array | null): Promise<string> {
  if (!bytes) return '';
  const uri = vscode.Uri.file(path);
  const open = vscode.workspace.textDocuments.find((one) => one.uri.toString() === uri.toString());
  try {
    if (open) return await vscode.workspace.decode(bytes, { encoding: open.encoding });
    return await vscode.workspace.decode(bytes, { uri });
  } catch {
    return vscode.l10n.t('A binary file of {0} bytes.', bytes.length);
  }
}

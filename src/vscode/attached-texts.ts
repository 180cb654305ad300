import * as vscode from 'vscode';
import { label } from '../text/label';
import { headAndTail } from '../text/truncate';

export const ATTACHED_SCHEME = 'ml-engineer-attached';

const MAX_TEXTS = 20;
const MAX_NAME_CHARACTERS = 60;
const MAX_TEXT_CHARACTERS = 40_000;

interface Kept {
  bytes: Uint8Array;
  at: number;
}

/**
 * Texts that are attached to a message and lie in no file: a problem, the output of a command, a cell. They are strangers'
 * words, so they go as attachments and never into the user's own message. Kept while the window lives, the last ones only.
 * A file system, since the chat attaches nothing that it cannot look up as a file.
 */
export class AttachedTexts implements vscode.FileSystemProvider {
  readonly #texts = new Map<string, Kept>();
  readonly #changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  readonly onDidChangeFile = this.#changed.event;
  #count = 0;

  /** Keeps a text under a name that is shown; a long one loses its middle. */
  add(name: string, text: string): vscode.Uri {
    const shown = label(name, MAX_NAME_CHARACTERS).replaceAll(/[/\\?#%]/gu, '_');
    const uri = vscode.Uri.from({ scheme: ATTACHED_SCHEME, path: `/${++this.#count}/${shown}` });
    const { text: kept } = headAndTail(text, MAX_TEXT_CHARACTERS / 4, (MAX_TEXT_CHARACTERS * 3) / 4);
    this.#texts.set(uri.path, { bytes: new TextEncoder().encode(kept), at: Date.now() });
    const [oldest] = this.#texts.keys();
    if (this.#texts.size > MAX_TEXTS && oldest !== undefined) this.#texts.delete(oldest);
    return uri;
  }

  stat(uri: vscode.Uri): vscode.FileStat {
    const { bytes, at } = this.#find(uri);
    const permissions = vscode.FilePermission.Readonly;
    return { type: vscode.FileType.File, ctime: at, mtime: at, size: bytes.length, permissions };
  }

  readFile(uri: vscode.Uri): Uint8Array {
    return this.#find(uri).bytes;
  }

  watch(): vscode.Disposable {
    return new vscode.Disposable(() => undefined);
  }

  readDirectory(uri: vscode.Uri): [string, vscode.FileType][] {
    throw vscode.FileSystemError.FileNotFound(uri);
  }

  createDirectory(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  writeFile(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  delete(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  rename(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  #find(uri: vscode.Uri): Kept {
    const kept = this.#texts.get(uri.path);
    if (!kept) throw vscode.FileSystemError.FileNotFound(uri);
    return kept;
  }
}

import * as vscode from 'vscode';
import { COMMANDS } from '../command-names';
import { readSettings } from '../settings';
import type { OpenReviews } from '../open-reviews';

/** Accept, Reject and Show in Panel above each open hunk. They name it by what it is, so that an old one decides nothing else. */
export class ReviewLenses implements vscode.CodeLensProvider, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.#changed.event;

  constructor(private readonly reviews: OpenReviews) {}

  provideCodeLenses({ uri, lineCount }: vscode.TextDocument): vscode.CodeLens[] {
    const file = this.reviews.files.get(uri.fsPath);
    if (!file || !readSettings()['review.codeLens']) return [];
    return file.places.flatMap(({ id, parts, mixed }, index) => {
      const line = Math.min(parts[0]?.start ?? 0, lineCount - 1);
      const range = new vscode.Range(line, 0, line, 0);
      const place = vscode.l10n.t('change {0} of {1}', index + 1, file.places.length);
      const named = mixed ? vscode.l10n.t('{0}, with lines of your own', place) : place;
      const lens = (command: string, title: string, tooltip: string): vscode.CodeLens =>
        new vscode.CodeLens(range, { command, title, tooltip, arguments: [file.path, id] });
      return [
        lens(COMMANDS.reviewAccept, `$(check) ${vscode.l10n.t('Accept')}`, vscode.l10n.t('Accept {0}', named)),
        lens(COMMANDS.reviewReject, `$(discard) ${vscode.l10n.t('Reject')}`, vscode.l10n.t('Reject {0}', named)),
        lens(COMMANDS.reviewShow, vscode.l10n.t('Show in Panel ({0})', named), vscode.l10n.t('Show in Panel')),
      ];
    });
  }

  refresh(): void {
    this.#changed.fire();
  }

  dispose(): void {
    this.#changed.dispose();
  }
}

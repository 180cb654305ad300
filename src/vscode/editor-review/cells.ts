import * as vscode from 'vscode';
import type { CellPlace } from '../../review/places';
import { COMMANDS } from '../command-names';
import { readSettings } from '../settings';
import type { OpenReviews } from '../open-reviews';

/** Accept and Reject in the status bar of each cell that an open hunk of a notebook stands at: cells have no margin. */
export class ReviewCells implements vscode.NotebookCellStatusBarItemProvider, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChangeCellStatusBarItems = this.#changed.event;

  constructor(private readonly reviews: OpenReviews) {}

  provideCellStatusBarItems({ notebook, index }: vscode.NotebookCell): vscode.NotebookCellStatusBarItem[] {
    const file = notebook.uri.scheme === 'file' ? this.reviews.files.get(notebook.uri.fsPath) : undefined;
    if (!file || !readSettings()['review.codeLens']) return [];
    return file.cells.flatMap((place) => {
      // Cells that are one change are decided on as one, at the first of them.
      if (place.cells[0] !== index) return [];
      const words = wordsFor(place);
      const item = (text: string, tooltip: string, command: string): vscode.NotebookCellStatusBarItem => {
        const made = new vscode.NotebookCellStatusBarItem(text, vscode.NotebookCellStatusBarAlignment.Right);
        return Object.assign(made, { tooltip, command: { command, title: tooltip, arguments: [file.path, place.id] } });
      };
      return [
        item(`$(check) ${vscode.l10n.t('Accept')}`, vscode.l10n.t('Accept: {0}', words), COMMANDS.reviewAccept),
        item(`$(discard) ${vscode.l10n.t('Reject')}`, vscode.l10n.t('Reject: {0}', words), COMMANDS.reviewReject),
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

function wordsFor({ written, removed, mixed }: CellPlace): string {
  const words =
    written === 0
      ? vscode.l10n.t('cells removed here: {0}', removed)
      : removed === 0
        ? vscode.l10n.t('cells added: {0}', written)
        : vscode.l10n.t('this cell was changed');
  return mixed ? vscode.l10n.t('{0}, with lines of your own', words) : words;
}

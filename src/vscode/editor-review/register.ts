import * as vscode from 'vscode';
import { SECTION } from '../settings';
import { registerReviewCommands } from './actions';
import { BASE_SCHEME, BaseTexts } from './base-texts';
import { ReviewCells } from './cells';
import { ReviewLenses } from './lenses';
import { ReviewMarks } from './marks';
import type { OpenReviews, ReviewWorld } from '../open-reviews';
import { ReviewControl } from './source-control';

/** Review in the editor itself: source control view, gutter, lenses, marks and the commands behind them. */
export function registerEditorReview(context: vscode.ExtensionContext, world: ReviewWorld, reviews: OpenReviews): void {
  const base = new BaseTexts(reviews);
  let surface: Surface | undefined;
  context.subscriptions.push(
    base,
    ...registerReviewCommands(world, reviews),
    // A diff that was left open before a reload asks at once.
    vscode.workspace.registerTextDocumentContentProvider(BASE_SCHEME, base),
    // Nothing else is made before there is something to show.
    reviews.onDidChange(() => {
      base.refresh();
      if (!surface && reviews.files.size > 0) context.subscriptions.push((surface = new Surface(reviews)));
      surface?.refresh();
    }),
  );
}

/** A file that is new throughout has a menu at each line anyway; this many are told one by one. */
const MAX_LINES = 5_000;

/** All that is drawn. */
class Surface implements vscode.Disposable {
  readonly #lenses: ReviewLenses;
  readonly #cells: ReviewCells;
  readonly #marks: ReviewMarks;
  readonly #control: ReviewControl;
  readonly #parts: vscode.Disposable[];
  readonly #contexts = new Map<string, string>();

  constructor(private readonly reviews: OpenReviews) {
    this.#lenses = new ReviewLenses(reviews);
    this.#cells = new ReviewCells(reviews);
    this.#marks = new ReviewMarks(reviews);
    this.#control = new ReviewControl(reviews);
    this.#parts = [
      ...[this.#lenses, this.#cells, this.#marks, this.#control],
      vscode.notebooks.registerNotebookCellStatusBarItemProvider('jupyter-notebook', this.#cells),
      vscode.languages.registerCodeLensProvider({ scheme: 'file' }, this.#lenses),
      vscode.window.onDidChangeVisibleTextEditors(() => this.#marks.refresh()),
      vscode.window.onDidChangeActiveTextEditor(() => this.#tellLines()),
      vscode.workspace.onDidChangeConfiguration((changed) => {
        if (!changed.affectsConfiguration(`${SECTION}.review`)) return;
        this.#marks.refresh(true);
        this.refresh();
      }),
    ];
  }

  refresh(): void {
    this.#control.refresh();
    this.#lenses.refresh();
    this.#cells.refresh();
    this.#marks.refresh();
    const paths = [...this.reviews.files.keys()];
    this.#tell('reviewing', paths.length > 0);
    // The path as the window knows it: with slashes where the files lie on another machine.
    this.#tell('reviewFiles', [...new Set(paths.flatMap((path) => [path, vscode.Uri.file(path).path]))]);
    this.#tellLines();
  }

  dispose(): void {
    for (const part of this.#parts) part.dispose();
  }

  /** The lines of the active editor that a hunk stands at, for the menu of its margin. */
  #tellLines(): void {
    const { uri } = vscode.window.activeTextEditor?.document ?? {};
    const places = (uri?.scheme === 'file' && this.reviews.files.get(uri.fsPath)?.places) || [];
    const count = places.reduce((sum, { start, end }) => sum + end - start, 0);
    const lines = places.flatMap(({ start, end }) =>
      count > MAX_LINES ? [] : Array.from({ length: end - start }, (_, index) => start + index + 1),
    );
    this.#tell('reviewAllLines', count > MAX_LINES);
    this.#tell('reviewLines', lines);
  }

  #tell(name: string, value: unknown): void {
    const text = JSON.stringify(value);
    if (this.#contexts.get(name) === text) return;
    this.#contexts.set(name, text);
    void vscode.commands.executeCommand('setContext', `${SECTION}.${name}`, value);
  }
}

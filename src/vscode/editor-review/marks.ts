import * as vscode from 'vscode';
import { removedLines, type PlacePart } from '../../review/places';
import { visible } from '../../text/visible';
import { readSettings } from '../settings';
import type { OpenReviews, Reviewed } from '../open-reviews';

const MAX_HOVER_LINES = 30;
const MAX_HOVER_CHARACTERS = 4_000;

/** Marks the lines of open hunks, and where lines were taken away, in the editors that are seen. */
export class ReviewMarks implements vscode.Disposable {
  readonly #written = vscode.window.createTextEditorDecorationType({
    isWholeLine: true,
    backgroundColor: new vscode.ThemeColor('diffEditor.insertedLineBackground'),
    // A theme of high contrast has no background for it, and it alone has this colour.
    borderColor: new vscode.ThemeColor('diffEditor.insertedTextBorder'),
    borderStyle: 'dashed',
    borderWidth: '1px',
    overviewRulerColor: new vscode.ThemeColor('editorOverviewRuler.addedForeground'),
    overviewRulerLane: vscode.OverviewRulerLane.Left,
  });
  /** Lines that others stand in for now: told when one looks at those. */
  readonly #replaced = vscode.window.createTextEditorDecorationType({});
  readonly #removed = vscode.window.createTextEditorDecorationType({
    overviewRulerColor: new vscode.ThemeColor('editorOverviewRuler.deletedForeground'),
    overviewRulerLane: vscode.OverviewRulerLane.Left,
    after: {
      color: new vscode.ThemeColor('editorCodeLens.foreground'),
      margin: '0 0 0 3ch',
      fontStyle: 'italic',
    },
  });
  #drawn = new WeakMap<vscode.TextEditor, Reviewed | undefined>();

  constructor(private readonly reviews: OpenReviews) {}

  refresh(isWhole = false): void {
    if (isWhole) this.#drawn = new WeakMap();
    for (const editor of vscode.window.visibleTextEditors) this.#draw(editor);
  }

  dispose(): void {
    this.#written.dispose();
    this.#replaced.dispose();
    this.#removed.dispose();
  }

  #draw(editor: vscode.TextEditor): void {
    const { uri, lineCount } = editor.document;
    const isShown = uri.scheme === 'file' && readSettings()['review.decorations'];
    const file = isShown ? this.reviews.files.get(uri.fsPath) : undefined;
    if (this.#drawn.has(editor) && this.#drawn.get(editor) === file) return;
    this.#drawn.set(editor, file);
    const parts = file?.places.flatMap((place) => place.parts) ?? [];
    const last = lineCount - 1;
    editor.setDecorations(
      this.#written,
      parts.filter(({ count }) => count > 0).map(({ start, count }) => lines(start, start + count - 1, last)),
    );
    const hints = (isReplaced: boolean): vscode.DecorationOptions[] =>
      parts.flatMap((part) => (file && part.count > 0 === isReplaced ? hintOf(file, part, last) : []));
    editor.setDecorations(this.#replaced, hints(true));
    editor.setDecorations(this.#removed, hints(false));
  }
}

/** Behind the line that follows upon what was taken away, or that stands in its place. */
function hintOf(file: Reviewed, part: PlacePart, last: number): vscode.DecorationOptions[] {
  if (part.removed === 0) return [];
  const at = part.count > 0 ? part.start : Math.max(0, part.start - 1);
  const contentText = part.count > 0 ? '' : vscode.l10n.t('lines removed here: {0}', part.removed);
  const taken = removedLines(file.review, part, MAX_HOVER_LINES).map(visible).join('\n');
  const hover = new vscode.MarkdownString();
  hover.appendText(vscode.l10n.t('Before the change:'));
  hover.appendCodeblock(taken.slice(0, MAX_HOVER_CHARACTERS), 'text');
  if (part.removed > MAX_HOVER_LINES) hover.appendText(vscode.l10n.t('and more lines'));
  const range = new vscode.Range(Math.min(at, last), 0, Math.min(at, last), Number.MAX_SAFE_INTEGER);
  return [{ range, hoverMessage: hover, renderOptions: { after: { contentText } } }];
}

function lines(from: number, to: number, last: number): vscode.Range {
  return new vscode.Range(Math.min(from, last), 0, Math.min(to, last), 0);
}

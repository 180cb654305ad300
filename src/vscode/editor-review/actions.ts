import { basename } from 'node:path';
import * as vscode from 'vscode';
import { placeAt, placeBeyond } from '../../review/places';
import { renamesIn } from '../../review/renames';
import { visible } from '../../text/visible';
import { COMMANDS, VIEW_ID, type ReviewCommandId } from '../command-names';
import { showFailure } from '../log';
import { decideOn } from '../panel/deciding';
import { baseUri, nothingUri } from './base-texts';
import type { OpenReviews, Reviewed, ReviewWorld } from '../open-reviews';
import { targetsOf, type Target } from './targets';

type What = 'accept' | 'reject';

/** The commands of the review in the editor. They decide as the panel does. */
function reviewHandlers(
  world: ReviewWorld,
  reviews: OpenReviews,
): Record<ReviewCommandId, (...values: unknown[]) => unknown> {
  const files =
    (what: What) =>
    (...values: unknown[]) =>
      decideFiles(world, reviews, what, targetsOf(values));
  return {
    [COMMANDS.reviewAccept]: (...values) => decideHunk(world, reviews, 'accept', targetsOf(values)),
    [COMMANDS.reviewReject]: (...values) => decideHunk(world, reviews, 'reject', targetsOf(values)),
    [COMMANDS.reviewAcceptFile]: files('accept'),
    [COMMANDS.reviewRejectFile]: files('reject'),
    [COMMANDS.reviewAcceptAll]: () => decideOn(world, 'accept', {}),
    [COMMANDS.reviewRejectAll]: () => decideOn(world, 'reject', {}),
    [COMMANDS.reviewNext]: () => goTo(reviews, 'next'),
    [COMMANDS.reviewPrevious]: () => goTo(reviews, 'previous'),
    [COMMANDS.reviewShow]: () => vscode.commands.executeCommand(`${VIEW_ID}.focus`),
    [COMMANDS.reviewOpenDiff]: (...values) => openDiffs(reviews, targetsOf(values)),
    [COMMANDS.reviewOpenAll]: () => openAll(reviews),
  };
}

/** Puts the commands into the editor; what fails is said in one sentence. */
export function registerReviewCommands(world: ReviewWorld, reviews: OpenReviews): vscode.Disposable[] {
  return Object.entries(reviewHandlers(world, reviews)).map(([command, handler]) =>
    vscode.commands.registerCommand(command, async (...values: unknown[]) => {
      try {
        await handler(...values);
      } catch (error) {
        await showFailure(world.log, command, error);
      }
    }),
  );
}

async function decideHunk(world: ReviewWorld, reviews: OpenReviews, what: What, targets: Target[]): Promise<void> {
  const [target] = targets;
  if (!target) return tell(vscode.l10n.t('Open a file with changes of ML Engineer first.'));
  if (target.id !== undefined) return decideOn(world, what, { path: target.path, ids: [target.id] });
  // Looked up in the text as it is now: what was last drawn may stand some lines off.
  const file = await reviews.now(target.path);
  if (!file) return tell(vscode.l10n.t('No change of ML Engineer is open in this file.'));
  const place = placeAt(file.places, target.line ?? -1);
  if (place) return decideOn(world, what, { path: file.path, ids: [place.id] });
  if (file.places.length > 0) return tell(vscode.l10n.t('No change of ML Engineer is open at this line.'));
  await askForFile(world, file.path);
}

/** Cells, deleted and binary files are no lines of a text. */
async function askForFile(world: ReviewWorld, path: string): Promise<void> {
  const [accept, reject] = [vscode.l10n.t('Accept File'), vscode.l10n.t('Reject File')];
  const show = vscode.l10n.t('Show in Panel');
  const isNotebook = /\.ipynb$/iu.test(path);
  const text = isNotebook
    ? vscode.l10n.t('A notebook is decided on cell by cell in the panel, or here as a whole.')
    : vscode.l10n.t('This file has no lines to decide on by themselves: it is decided on as a whole.');
  const picked = await vscode.window.showInformationMessage(text, accept, reject, show);
  if (picked === show) await vscode.commands.executeCommand(`${VIEW_ID}.focus`);
  else if (picked !== undefined) await decideOn(world, picked === accept ? 'accept' : 'reject', { path });
}

async function decideFiles(
  world: ReviewWorld,
  reviews: OpenReviews,
  what: What,
  targets: readonly Target[],
): Promise<void> {
  if (targets.length === 0) return tell(vscode.l10n.t('Open a file with changes of ML Engineer first.'));
  for (const path of withRenamed(reviews, targets)) await decideOn(world, what, { path });
}

/** A file that was renamed is decided on under both names: one without the other would lose it, or leave it twice. */
function withRenamed(reviews: OpenReviews, targets: readonly Target[]): Set<string> {
  const renames = renamesIn([...reviews.files.values()]);
  const paths = new Set(targets.map(({ path }) => path));
  for (const { from, to } of renames) if (paths.has(from) || paths.has(to)) paths.add(from).add(to);
  return paths;
}

/** From hunk to hunk of the file, and from its last on to the first of the next file. */
async function goTo(reviews: OpenReviews, way: 'next' | 'previous'): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  const here = editor?.document.uri.scheme === 'file' ? await reviews.now(editor.document.uri.fsPath) : undefined;
  const line = editor?.selection.active.line ?? 0;
  const place = here && placeBeyond(here.places, line, way);
  const isAround = place && (way === 'next' ? place.start <= line : place.end > line);
  const other = !place || isAround ? otherFile(reviews, here?.path, way) : undefined;
  const file = other ?? here;
  const to = other ? (way === 'next' ? other.places[0] : other.places.at(-1)) : place;
  if (!file || !to) return tell(vscode.l10n.t('No change of ML Engineer is open in a text.'));
  const document = await vscode.workspace.openTextDocument(vscode.Uri.file(file.path));
  const at = new vscode.Position(Math.min(to.parts[0]?.start ?? to.start, document.lineCount - 1), 0);
  const shown = await vscode.window.showTextDocument(document, { selection: new vscode.Range(at, at) });
  shown.revealRange(new vscode.Range(at, at), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
}

function otherFile(reviews: OpenReviews, path: string | undefined, way: 'next' | 'previous'): Reviewed | undefined {
  const files = [...reviews.files.values()].filter((file) => file.places.length > 0);
  const ordered = way === 'next' ? files : files.reverse();
  const at = ordered.findIndex((file) => file.path === path);
  const next = ordered[(at + 1) % Math.max(1, ordered.length)];
  return next?.path === path ? undefined : next;
}

async function openDiffs(reviews: OpenReviews, targets: Target[]): Promise<void> {
  for (const { path } of targets) {
    const file = reviews.files.get(path);
    if (!file) continue;
    const [, before, now] = sidesOf(file);
    const title = vscode.l10n.t('{0} (accepted ↔ now)', visible(basename(path)));
    await vscode.commands.executeCommand('vscode.diff', before ?? baseUri(path), now ?? nothingUri(path), title);
  }
}

async function openAll(reviews: OpenReviews): Promise<void> {
  const files = [...reviews.files.values()];
  const [first] = files;
  if (!first) return tell(vscode.l10n.t('No change of ML Engineer is open.'));
  const known = await vscode.commands.getCommands(true);
  // An older VS Code has no editor for several diffs.
  if (!known.includes('vscode.changes')) return openDiffs(reviews, [{ path: first.path }]);
  await vscode.commands.executeCommand(
    'vscode.changes',
    vscode.l10n.t('Open Changes of ML Engineer'),
    files.map(sidesOf),
  );
}

/** Only a missing side marks the file as created or deleted; an empty one does not. */
function sidesOf({ path, review }: Reviewed): [vscode.Uri, vscode.Uri | undefined, vscode.Uri | undefined] {
  const file = vscode.Uri.file(path);
  const before = review.base.kind === 'absent' ? undefined : baseUri(path);
  return [file, before, review.current.kind === 'absent' ? undefined : file];
}

function tell(text: string): void {
  void vscode.window.showInformationMessage(text);
}

import { basename } from 'node:path';
import * as vscode from 'vscode';
import { renamesIn } from '../../review/renames';
import { visible } from '../../text/visible';
import { COMMANDS } from '../command-names';
import { readSettings } from '../settings';
import { baseUri } from './base-texts';
import type { OpenReviews, Reviewed } from '../open-reviews';

export const CONTROL_ID = 'mlEngineer';

/** The files with open changes in the source control view. It is there only as long as something is open. */
export class ReviewControl implements vscode.Disposable {
  #control: vscode.SourceControl | undefined;
  #group: vscode.SourceControlResourceGroup | undefined;
  #paths = '';

  constructor(private readonly reviews: OpenReviews) {}

  refresh(): void {
    const { files } = this.reviews;
    if (files.size === 0 || !readSettings()['review.sourceControl']) return this.dispose();
    const control = (this.#control ??= this.#create());
    const group = (this.#group ??= control.createResourceGroup('open', vscode.l10n.t('Open Changes of ML Engineer')));
    control.count = files.size;
    const renamed = new Map(renamesIn([...files.values()]).map(({ from, to }) => [to, from]));
    group.resourceStates = [...files.values()].map((file) => resourceOf(file, renamed.get(file.path)));
    const paths = [...files.keys()].join('\n');
    if (paths === this.#paths) return;
    this.#paths = paths;
    // VS Code asks for a file's original once: a provider that comes anew is asked again, also for files opened before.
    (control as { quickDiffProvider: vscode.QuickDiffProvider | undefined }).quickDiffProvider = undefined;
    control.quickDiffProvider = {
      provideOriginalResource: ({ scheme, fsPath }) =>
        scheme === 'file' && this.reviews.files.has(fsPath) ? baseUri(fsPath) : undefined,
    };
  }

  dispose(): void {
    this.#control?.dispose();
    [this.#control, this.#group, this.#paths] = [undefined, undefined, ''];
  }

  #create(): vscode.SourceControl {
    const control = vscode.scm.createSourceControl(CONTROL_ID, 'ML Engineer');
    control.inputBox.visible = false;
    return control;
  }
}

function wordsFor({ review, hunks }: Reviewed, from: string | undefined): string {
  if (from !== undefined) return vscode.l10n.t('renamed from {0}', visible(vscode.workspace.asRelativePath(from)));
  if (review.current.kind === 'absent') return vscode.l10n.t('deleted');
  if (review.base.kind === 'absent') return vscode.l10n.t('created');
  if (review.current.kind === 'whole') return vscode.l10n.t('decided on as a whole');
  return vscode.l10n.t('open changes: {0}', hunks.filter(({ by }) => by !== 'user').length);
}

function resourceOf(file: Reviewed, from: string | undefined): vscode.SourceControlResourceState {
  const { path, review } = file;
  return {
    resourceUri: vscode.Uri.file(path),
    contextValue: 'open',
    command: {
      command: COMMANDS.reviewOpenDiff,
      title: vscode.l10n.t('Open in Diff Editor'),
      arguments: [{ resourceUri: vscode.Uri.file(path) }],
    },
    decorations: {
      strikeThrough: review.current.kind === 'absent',
      tooltip: `${visible(basename(path))}: ${wordsFor(file, from)}`,
    },
  };
}

import * as vscode from 'vscode';
import type { Choice, RefusalReason, Reviews } from '../../review/reviews';
import { visible } from '../../text/visible';
import type { ReviewWorld } from '../open-reviews';

/** What the page names: hunks of a file, a file, some files, or, without any, everything. */
interface Named {
  path?: string | undefined;
  ids?: string[] | undefined;
  paths?: string[] | undefined;
}

/** Accepts or rejects, and says what could not be decided on and why. */
export async function decideOn(
  { sessions, reviewing }: Pick<ReviewWorld, 'sessions' | 'reviewing'>,
  what: 'accept' | 'reject',
  named: Named,
): Promise<void> {
  const { current } = sessions;
  if (!current) return;
  const reviews = reviewing.of(current);
  const choices = await choicesOf(reviews, named);
  if (choices.length === 0) return;
  if (what === 'reject' && named.path === undefined && !(await isSure(choices.length))) return;
  const decided = await (what === 'accept' ? reviews.accept(choices) : reviews.reject(choices));
  const mixed = decided.refused.filter(({ why }) => why === 'mixed');
  const refused = decided.refused.filter(({ why }) => why !== 'mixed');
  if (mixed.length > 0 && (await mayTakeMine())) {
    const again = mixed.map(({ path, id }): Choice => ({
      path,
      ...(id === undefined ? {} : { ids: [id] }),
      mixed: true,
    }));
    const second = await (what === 'accept' ? reviews.accept(again) : reviews.reject(again));
    refused.push(...second.refused);
  }
  const [first] = refused;
  if (first)
    void vscode.window.showWarningMessage(
      `${visible(vscode.workspace.asRelativePath(first.path))}: ${wordsFor(first.why)}`,
    );
  sessions.touch();
}

/** The page is not trusted: what it names counts where it is open. */
async function choicesOf(reviews: Reviews, { path, ids, paths }: Named): Promise<Choice[]> {
  if (path !== undefined) return [{ path, ...(ids ? { ids } : {}) }];
  const wanted = paths && new Set(paths);
  const open = await reviews.open();
  return open.flatMap((file) => (wanted && !wanted.has(file.path) ? [] : [{ path: file.path }]));
}

async function isSure(files: number): Promise<boolean> {
  const reject = vscode.l10n.t('Reject All');
  const picked = await vscode.window.showWarningMessage(
    vscode.l10n.t('Take back all open changes in {0} files?', files),
    { modal: true, detail: vscode.l10n.t('Each file can be undone by itself afterwards, with Undo in its editor.') },
    reject,
  );
  return picked === reject;
}

async function mayTakeMine(): Promise<boolean> {
  const both = vscode.l10n.t('Decide on Both');
  const picked = await vscode.window.showWarningMessage(
    vscode.l10n.t('Here your own lines and those of ML Engineer cannot be told apart.'),
    { modal: true, detail: vscode.l10n.t('The decision would count for your lines too.') },
    both,
  );
  return picked === both;
}

function wordsFor(why: RefusalReason): string {
  const words: Record<RefusalReason, string> = {
    gone: vscode.l10n.t('This change is not there any more: it was decided on or undone already.'),
    'changed-by-user': vscode.l10n.t('You changed these lines since they were shown. Look at them again.'),
    'changed-by-agent': vscode.l10n.t('ML Engineer changed these lines since they were shown. Look at them again.'),
    yours: vscode.l10n.t('These lines are your own.'),
    mixed: vscode.l10n.t('Here your own lines and those of ML Engineer cannot be told apart.'),
    lost: vscode.l10n.t('The earlier content of this file is no longer stored.'),
    busy: vscode.l10n.t('The file is being changed just now. Try again.'),
  };
  return words[why];
}

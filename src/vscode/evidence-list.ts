import * as vscode from 'vscode';
import type { AnswerClaim } from '../agent/answer-claim';
import { claimsIn } from '../agent/evidence';
import type { Session } from '../agent/session';
import { visible } from '../text/visible';
import { missingWords, openEvidence, whereWords } from './evidence';

/** Lets the person choose among the claims of a session's last answer, and opens the line behind one. */
export async function showEvidence(session: Pick<Session, 'id' | 'branch'> | undefined): Promise<void> {
  const claims = session ? claimsIn(session.branch) : [];
  if (!session || claims.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t('The last answer states no number and no success.'));
    return;
  }
  const picked = await vscode.window.showQuickPick(claims.map(itemOf), {
    title: vscode.l10n.t('What stands behind the answer'),
    matchOnDetail: true,
    matchOnDescription: true,
  });
  if (picked) await openEvidence(session.id, picked.claim);
}

function itemOf(claim: AnswerClaim): vscode.QuickPickItem & { claim: AnswerClaim } {
  const icon = claim.evidence ? (claim.stale ? '$(history)' : '$(verified)') : '$(warning)';
  const since = claim.stale ? ` (${vscode.l10n.t('files changed since')})` : '';
  return {
    label: `${icon} ${visible(claim.text)}`,
    description: claim.evidence ? `${whereWords(claim)}${since}` : missingWords(claim),
    detail: visible(claim.sentence),
    claim,
  };
}

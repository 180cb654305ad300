import * as vscode from 'vscode';
import type { SkillMark } from '../agent/events';

/** Why a skill was offered or loaded, for people. */
export function skillReason({ why, detail }: Pick<SkillMark, 'why' | 'detail'>): string {
  const reasons: Record<SkillMark['why'], string> = {
    model: vscode.l10n.t('the model chose it'),
    person: vscode.l10n.t('you called it'),
    pinned: vscode.l10n.t('you pinned it'),
    start: vscode.l10n.t('it begins each session'),
    words: vscode.l10n.t('your message says "{0}"', detail),
    files: vscode.l10n.t('the work is on {0}', detail),
    imports: vscode.l10n.t('a file imports {0}', detail),
    'repeated-failure': vscode.l10n.t('failed again: {0}', detail),
    'no-progress': vscode.l10n.t('{0} minutes without progress', detail),
  };
  return reasons[why];
}

/** One line of an answer for what happened to a skill; plain text. */
export function skillLine(mark: SkillMark): string {
  const reason = skillReason(mark);
  return mark.state === 'loaded'
    ? vscode.l10n.t('Skill {0} loaded: {1}', mark.name, reason)
    : vscode.l10n.t('Skill {0} offered: {1}', mark.name, reason);
}

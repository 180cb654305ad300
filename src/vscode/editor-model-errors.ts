import * as vscode from 'vscode';
import { ModelError } from '../agent/model';
import type { FailureCode } from '../agent/events';

type Named = Pick<vscode.LanguageModelChat, 'name' | 'vendor'>;
interface Words {
  name: string;
  vendor: string;
  reason: string;
}

/** By the code of VS Code's own error: what it means here and what to do next. */
const MEANINGS: Readonly<Record<string, { code: FailureCode; text: (words: Words) => string }>> = {
  [vscode.LanguageModelError.NoPermissions.name]: {
    code: 'no-consent',
    text: (words) =>
      vscode.l10n.t(
        '{name} ({vendor}) may not be used here: {reason} Allow it in "Manage Language Model Access", sign in to {vendor}, or choose another model in the picker.',
        { ...words },
      ),
  },
  [vscode.LanguageModelError.NotFound.name]: {
    code: 'model-gone',
    text: (words) => vscode.l10n.t('{name} ({vendor}) is gone. Choose another model in the picker.', { ...words }),
  },
  [vscode.LanguageModelError.Blocked.name]: {
    code: 'quota',
    text: (words) =>
      vscode.l10n.t(
        '{name} ({vendor}) is blocked or its quota is used up: {reason} Wait and send "go on", or choose another model in the picker.',
        { ...words },
      ),
  },
};

/** A failure of another vendor's model as a sentence that says what to do next. A ModelError is passed through. */
export function editorModelError(error: unknown, { name, vendor }: Named): ModelError {
  if (error instanceof ModelError) return error;
  const meaning = error instanceof vscode.LanguageModelError ? MEANINGS[error.code] : undefined;
  const words = { name, vendor, reason: sentence(error instanceof Error ? error.message : String(error)) };
  if (meaning) return new ModelError(meaning.text(words), { code: meaning.code, cause: error });
  const text = vscode.l10n.t(
    '{name} ({vendor}) failed: {reason} Send "go on" to try again, or choose another model in the picker.',
    words,
  );
  return new ModelError(text, { cause: error });
}

/** It says neither a word nor a call: what to do is asked for again, or of another model. */
export function emptyAnswer({ name, vendor }: Named): ModelError {
  return new ModelError(
    vscode.l10n.t(
      '{name} ({vendor}) answered with nothing. Send "go on" to try again, or choose another model in the picker.',
      { name, vendor },
    ),
  );
}

const MAX_REASON_CHARACTERS = 300;

/** A vendor's own words, one line, with an end. */
function sentence(text: string): string {
  const line = text.replaceAll(/\s+/gu, ' ').trim().slice(0, MAX_REASON_CHARACTERS);
  return line === '' ? vscode.l10n.t('it gave no reason.') : /[.!?]$/u.test(line) ? line : `${line}.`;
}

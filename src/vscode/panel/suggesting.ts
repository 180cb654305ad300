import { setTimeout } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { Host } from '../../host/host';
import type { Suggestion } from '../../panel/sections/composer';
import { label } from '../../text/label';
import type { Asking } from '../asking';
import { commandText, problemsText } from '../attachment-texts';
import type { Shelf } from '../shelf';
import { skillCards } from '../skill-cards';

const MAX_FILES = 20;
/** So many are found, newest first; of these the best by name are offered. */
const MAX_LOOKED_AT = 200;
const MAX_SYMBOLS = 10;
const MAX_SKILLS = 50;
const MAX_LABEL_CHARACTERS = 120;
/** A language service that still looks around is not waited for. */
const SYMBOLS_MS = 1_500;
const FILES_MS = 5_000;

/** What can be attached, with what it stands for once it was picked. */
export interface Offer extends Omit<Suggestion, 'id'> {
  /** `undefined` where there is nothing any more; skills attach nothing. */
  take?(): Promise<unknown>;
}

export interface Suggesting {
  host(): Host;
  asking: Asking;
  shelf: Pick<Shelf, 'load'>;
}

/** Files, symbols, problems and the last command that fit what was typed behind `@`. */
export async function offersFor(query: string, suggesting: Suggesting, signal: AbortSignal): Promise<Offer[]> {
  const [files, symbols] = await Promise.all([
    fileOffers(query, suggesting.host(), signal),
    query.length < 2 ? [] : symbolOffers(query),
  ]);
  return [...textOffers(query, suggesting.asking), ...files, ...symbols];
}

/** The skills a person may call, by what was typed behind `/`. */
export async function skillOffers(query: string, { shelf }: Suggesting): Promise<Offer[]> {
  const cards = await skillCards((await shelf.load()).skills);
  const wanted = query.toLowerCase();
  const fits = cards.filter(({ name }) => name.toLowerCase().includes(wanted));
  const begins = (name: string): number => Number(!name.toLowerCase().startsWith(wanted));
  return fits
    .sort((a, b) => begins(a.name) - begins(b.name) || a.name.localeCompare(b.name))
    .slice(0, MAX_SKILLS)
    .map(({ name, description, argumentHint }) => ({
      text: name,
      label: argumentHint === '' ? name : `${name} ${argumentHint}`,
      detail: description,
      icon: 'lightbulb',
    }));
}

function textOffers(query: string, { texts, commands }: Asking): Offer[] {
  const all: Offer[] = [
    {
      text: 'problems',
      label: vscode.l10n.t('Problems'),
      detail: vscode.l10n.t('what the editor reports on the files of this workspace'),
      icon: 'warning',
      take: async () => {
        const problems = vscode.languages.getDiagnostics().filter(([, found]) => found.length > 0);
        return problems.length === 0 ? undefined : texts.add(...problemsText(problems));
      },
    },
    {
      text: 'terminal',
      label: vscode.l10n.t('Last Command'),
      detail: vscode.l10n.t('of the terminal, with what it printed'),
      icon: 'terminal',
      take: async () => {
        const last = (await commands.last(vscode.window.activeTerminal)) ?? (await commands.last(undefined));
        return last && texts.add(...commandText(last));
      },
    },
  ];
  return all.filter(({ text, label: shown }) => `${text} ${shown}`.toLowerCase().includes(query.toLowerCase()));
}

/** What git ignores and `.agentignore` names is not found, as it is not by the model. */
async function fileOffers(query: string, host: Host, signal: AbortSignal): Promise<Offer[]> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(FILES_MS)]);
  const pattern = [...query.replaceAll('\\', '/')].map(either).join('');
  // In a path with a slash the words of before it are the folders.
  const patterns = query === '' ? ['**/*'] : [`**/*${pattern}*`, `**/*${pattern}*/**`];
  const found = await Promise.all(
    host.folders.map(({ path: folder }) => host.glob({ folder, patterns, exclude: [], limit: MAX_LOOKED_AT }, limit)),
  );
  const name = (path: string): string => path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
  return found
    .flatMap(({ paths }) => paths)
    .sort((a, b) => rank(name(a), query) - rank(name(b), query))
    .slice(0, MAX_FILES)
    .map((path) => {
      const shown = vscode.workspace.asRelativePath(path);
      return {
        text: shown,
        label: name(path),
        detail: shown,
        icon: 'file',
        take: () => Promise.resolve(vscode.Uri.file(path)),
      };
    });
}

/** The file of that very name first, then those that begin with it, that hold it, and that lie in a folder of it. */
function rank(name: string, query: string): number {
  const [has, wanted] = [name.toLowerCase(), query.toLowerCase()];
  return has === wanted ? 0 : has.startsWith(wanted) ? 1 : has.includes(wanted) ? 2 : 3;
}

/** One character of a glob in both cases, and none that means more than itself. */
function either(character: string): string {
  const [low, high] = [character.toLowerCase(), character.toUpperCase()];
  if (low !== high) return `[${low}${high}]`;
  return /[\p{L}\p{N}_./ -]/u.test(character) ? character : '?';
}

async function symbolOffers(query: string): Promise<Offer[]> {
  const asked = vscode.commands.executeCommand<vscode.SymbolInformation[] | undefined>(
    'vscode.executeWorkspaceSymbolProvider',
    query,
  );
  const found = await Promise.race([
    Promise.resolve(asked).catch(() => undefined),
    setTimeout(SYMBOLS_MS, undefined, { ref: false }),
  ]);
  return (found ?? [])
    .filter(({ location: { uri } }) => uri.scheme === 'file' && vscode.workspace.getWorkspaceFolder(uri))
    .slice(0, MAX_SYMBOLS)
    .map(({ name, location }) => ({
      text: label(name, MAX_LABEL_CHARACTERS),
      label: label(name, MAX_LABEL_CHARACTERS),
      detail: `${vscode.workspace.asRelativePath(location.uri)}:${location.range.start.line + 1}`,
      icon: 'symbol-method',
      take: () => Promise.resolve(new vscode.Location(location.uri, location.range)),
    }));
}

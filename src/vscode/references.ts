import type { ContentBlockParam } from '@anthropic-ai/sdk/resources/messages';
import * as vscode from 'vscode';
import { judge, type Policy } from '../agent/approval';
import type { Session } from '../agent/session';
import type { Tool, ToolContext } from '../agent/tool';
import type { Host } from '../host/host';
import type { Skill } from '../library/skills';
import { imageOf } from './lm-messages';

/** What VS Code adds to every request by itself: its own listing of skills. Ours is in the system prompt. */
const DROPPED = new Set(['vscode.customizations.index']);
/** How VS Code marks what its `/` menu put into a message. */
const CALLED = 'vscode.prompt.file';
const MAX_IMAGE_BYTES = 5 * 1024 * 1024;
const MAX_TEXT_CHARACTERS = 50_000;

export interface Attaching {
  host: Host;
  session: Session;
  tools: readonly Tool<Host>[];
  skills: readonly Skill[];
  policy: Policy;
  signal: AbortSignal;
}

export interface Attached {
  blocks: ContentBlockParam[];
  /** Names of skills that the person called from the `/` menu. */
  skills: string[];
  /** What was left out and why, for the user. */
  problems: string[];
}

/** Reads what the user attached, through the very tools the model reads with: the same limits, the same guards. */
export async function attach(
  references: readonly vscode.ChatPromptReference[],
  attaching: Attaching,
): Promise<Attached> {
  const result: Attached = { blocks: [], skills: [], problems: [] };
  // What is selected in the editor is attached by VS Code too.
  const seen = new Set<string>();
  for (const reference of references) {
    if (DROPPED.has(reference.id)) continue;
    const skill = skillOf(reference, attaching);
    if (skill) {
      result.skills.push(skill.name);
      continue;
    }
    const place = placeOf(reference.value);
    if (place !== undefined && seen.has(place)) continue;
    if (place !== undefined) seen.add(place);
    try {
      result.blocks.push(...(await blocksOf(reference, attaching)));
    } catch (error) {
      attaching.signal.throwIfAborted();
      const reason = error instanceof Error ? error.message : String(error);
      result.problems.push(vscode.l10n.t('{0} was not attached: {1}', nameOf(reference), reason));
    }
  }
  return result;
}

/** A file, or a part of it, as a key. */
function placeOf(value: unknown): string | undefined {
  if (value instanceof vscode.Uri) return value.toString();
  if (!(value instanceof vscode.Location)) return undefined;
  const { start, end } = value.range;
  return [value.uri.toString(), start.line, start.character, end.line, end.character].join(' ');
}

/** The skill that was called from VS Code's own `/` menu. A skill's file that was attached as a file is one: it may be there to be edited. */
function skillOf({ id, value }: vscode.ChatPromptReference, { skills }: Attaching): Skill | undefined {
  if (!id.startsWith(CALLED) || !(value instanceof vscode.Uri)) return undefined;
  return skills.find(({ path }) => path === value.fsPath);
}

async function blocksOf(reference: vscode.ChatPromptReference, attaching: Attaching): Promise<ContentBlockParam[]> {
  const { value } = reference;
  if (typeof value === 'string')
    return wrapped({ kind: 'text', name: nameOf(reference) }, value.slice(0, MAX_TEXT_CHARACTERS));
  if (value instanceof vscode.Uri) return uriBlocks(value, undefined, attaching);
  if (value instanceof vscode.Location) return uriBlocks(value.uri, value.range, attaching);
  if (isSymbol(value)) return uriBlocks(value.location.uri, value.location.range, attaching);
  if (isBinary(value)) return imageBlocks(value, nameOf(reference));
  if (isDiagnostics(value)) return wrapped({ kind: 'problems' }, problemLines(value));
  throw new Error(vscode.l10n.t('attachments of this kind are not known here'));
}

async function uriBlocks(
  uri: vscode.Uri,
  range: vscode.Range | undefined,
  attaching: Attaching,
): Promise<ContentBlockParam[]> {
  const { host } = attaching;
  if (uri.scheme !== 'file' && uri.scheme !== 'vscode-remote') return documentBlocks(uri, range);
  const { path, shown } = await host.locate(uri.fsPath);
  if ((await host.stat(path))?.type === 'directory') {
    return wrapped({ kind: 'folder', path: shown }, ...(await through('LS', { directory_path: path }, attaching)));
  }
  const lines = range && !range.isEmpty ? linesOf(range) : undefined;
  const input = { file_path: path, ...(lines ? { offset: lines.first, limit: lines.last - lines.first + 1 } : {}) };
  const marks = { kind: 'file', path: shown, ...(lines ? { lines: `${lines.first}-${lines.last}` } : {}) };
  return wrapped(marks, ...(await through('Read', input, attaching)));
}

/** Runs a reading tool as the model would. What would have to be asked for is not attached. */
async function through(
  name: string,
  input: unknown,
  { tools, host, session, policy, signal }: Attaching,
): Promise<(string | ContentBlockParam)[]> {
  const tool = tools.find((one) => one.name === name);
  if (!tool) throw new Error(vscode.l10n.t('the tool {0} is not there', name));
  const parsed = tool.input.parse(input);
  const context: ToolContext<Host> = {
    host,
    signal,
    call: 'attachment',
    session: session.id,
    inSubagent: false,
    todos: [],
    skill: '',
    progress: () => undefined,
    seen: () => undefined,
    spent: () => Promise.resolve(),
    paid: () => Promise.reject(new Error('an attachment asks no model')),
    change: () => Promise.reject(new Error('an attachment changes nothing')),
    keep: (file, text) => session.store.keep(file, text),
    complete: () => Promise.reject(new Error('an attachment asks no model')),
    delegate: () => Promise.reject(new Error('an attachment starts no subagent')),
  };
  const judgement = judge(name, await tool.action(parsed, context), policy);
  if (judgement.decision !== 'allow') throw new Error(judgement.reason);
  const { content, isError } = await tool.run(parsed, context);
  if (isError) throw new Error(typeof content === 'string' ? content : vscode.l10n.t('it could not be read'));
  return typeof content === 'string' ? [content] : content;
}

/** Unsaved documents, notebook cells and what other extensions show: as the editor holds them. */
async function documentBlocks(uri: vscode.Uri, range: vscode.Range | undefined): Promise<ContentBlockParam[]> {
  const document = await vscode.workspace.openTextDocument(uri);
  const text = document.getText(range && !range.isEmpty ? range : undefined).slice(0, MAX_TEXT_CHARACTERS);
  return wrapped({ kind: 'document', name: uri.path }, text);
}

async function imageBlocks({ mimeType, data }: Binary, name: string): Promise<ContentBlockParam[]> {
  const bytes = await data();
  const image = imageOf(bytes, mimeType);
  if (!image) throw new Error(vscode.l10n.t('no model takes {0}', mimeType));
  if (bytes.length > MAX_IMAGE_BYTES) throw new Error(vscode.l10n.t('it is larger than 5 MB'));
  return [{ type: 'text', text: `The user attached the image ${name}:` }, image];
}

function linesOf({ start, end }: vscode.Range): { first: number; last: number } {
  // A selection that ends at the beginning of a line does not hold that line.
  const last = end.character === 0 && end.line > start.line ? end.line : end.line + 1;
  return { first: start.line + 1, last };
}

/** Text is marked as an attachment, so that the model can tell it from the user's own words; images follow it. */
function wrapped(marks: Record<string, string>, ...parts: (string | ContentBlockParam)[]): ContentBlockParam[] {
  const attributes = Object.entries(marks)
    .map(([key, value]) => ` ${key}=${JSON.stringify(value)}`)
    .join('');
  const texts = parts.flatMap((part) => (typeof part === 'string' ? [part] : part.type === 'text' ? [part.text] : []));
  const others = parts.filter((part) => typeof part !== 'string' && part.type !== 'text') as ContentBlockParam[];
  const body = texts.join('\n').replaceAll('</attachment', '<\\/attachment');
  return [{ type: 'text', text: `<attachment${attributes}>\n${body}\n</attachment>` }, ...others];
}

function nameOf({ value, id, modelDescription }: vscode.ChatPromptReference): string {
  const uri = value instanceof vscode.Uri ? value : value instanceof vscode.Location ? value.uri : undefined;
  return uri ? vscode.workspace.asRelativePath(uri) : (modelDescription ?? id);
}

interface Binary {
  mimeType: string;
  data: () => Thenable<Uint8Array>;
}

// The classes of these are proposed API: they are known by their shape.
function isBinary(value: unknown): value is Binary {
  return (
    typeof value === 'object' &&
    value !== null &&
    'mimeType' in value &&
    'data' in value &&
    typeof value.data === 'function'
  );
}

function isSymbol(value: unknown): value is { location: vscode.Location } {
  return (
    typeof value === 'object' && value !== null && 'location' in value && value.location instanceof vscode.Location
  );
}

interface Diagnostics {
  diagnostics: [vscode.Uri, vscode.Diagnostic[]][];
}

function isDiagnostics(value: unknown): value is Diagnostics {
  return typeof value === 'object' && value !== null && 'diagnostics' in value && Array.isArray(value.diagnostics);
}

function problemLines({ diagnostics }: Diagnostics): string {
  return diagnostics
    .flatMap(([uri, found]) =>
      found.map(({ range, message }) => `${vscode.workspace.asRelativePath(uri)}:${range.start.line + 1}: ${message}`),
    )
    .join('\n');
}

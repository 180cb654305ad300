import { hashOf } from '../agent/store';
import { ToolError, type PathFact, type ToolOutput } from '../agent/tool';
import type { Diagnostic } from '../host/host';
import { encode, type Decoded } from '../text/encoding';
import { cutLine } from '../text/truncate';
import { unifiedDiff } from '../text/unified-diff';
import { isJson, isNotebookPath } from './shared-notebook';
import { missingFile, type HostContext } from './shared-paths';
import { currentFile } from './shared-text';

export interface Editable extends Decoded {
  file: PathFact;
  bytes: Uint8Array;
  /** The file is not what the model saw last. */
  changedSince: boolean;
}

/** The text of a file that may be edited, as text or by its cells: there, text, read in this session. Throws ToolErrors that say what to do. */
export async function editable(path: string, context: HostContext, by: 'text' | 'cells' = 'text'): Promise<Editable> {
  const file = await context.host.locate(path);
  const snapshot = await context.host.read(file.path);
  if (!snapshot) throw await missingFile(file, context);
  const { bytes, decoded } = currentFile(snapshot);
  if (!decoded) throw new ToolError(`${file.shown} is not text.`);
  // What is no JSON any more, after a merge perhaps, can only be repaired as text.
  if (by === 'text' && isNotebookPath(file.path) && isJson(decoded.text))
    throw new ToolError(
      `${file.shown} is a notebook: its cells are edited with NotebookEdit, so that outputs and identity stay.`,
    );
  const seen = context.seen(file.path);
  if (seen === undefined)
    throw new ToolError(
      `${file.shown} was not read in this session. Read it first, so that the edit rests on what it says.`,
    );
  return { file, bytes, ...decoded, changedSince: hashOf(bytes) !== seen };
}

/** Writes the new text of an editable file and tells the model and the person what changed. */
export async function applyEdit(source: Editable, text: string, context: HostContext): Promise<ToolOutput> {
  return writeFile(
    {
      file: source.file,
      before: source.bytes,
      after: encodedAs(source, text),
      oldText: source.text,
      newText: text,
    },
    context,
    source.changedSince,
  );
}

/** The bytes of a new text in the file's encoding. Throws a ToolError for a character it does not have. */
export function encodedAs({ file, encoding }: Editable, text: string): Uint8Array {
  try {
    return encode({ text, encoding });
  } catch (error) {
    throw new ToolError(`${file.shown}: ${error instanceof Error ? error.message : String(error)}.`);
  }
}

export interface Write {
  file: PathFact;
  before: Uint8Array | null;
  after: Uint8Array;
  oldText: string;
  newText: string;
}

/** Journals and writes one file; the result shows the changed lines and what language services newly say. */
export async function writeFile(
  { file, before, after, oldText, newText }: Write,
  context: HostContext,
  changedSince = false,
): Promise<ToolOutput> {
  const { host } = context;
  const known = await host.diagnostics(file.path, 'now');
  await context.change({ path: file.path, before, after }, () => host.write(file.path, after));
  const { diff, added, removed, after: changed } = unifiedDiff(oldText, newText);
  const parts = [
    `${before === null ? 'Created' : 'Edited'} ${file.shown} (+${added} -${removed}).`,
    ...(changedSince ? ['It had changed since it was read; old_str still stood there once.'] : []),
    ...(before === null ? [] : firstOf(changed)),
    ...newDiagnostics(known, await host.diagnostics(file.path, 'after-edit')),
  ];
  return { content: parts.join('\n'), view: { kind: 'diff', path: file.path, diff, added, removed } };
}

const MAX_CHANGED_LINES = 100;
const MAX_LINE_CHARACTERS = 500;

/** The changed lines, so many of them as are worth showing. */
export function firstOf(changed: readonly string[]): string[] {
  const shown = changed.slice(0, MAX_CHANGED_LINES).map((line) => cutLine(line, MAX_LINE_CHARACTERS));
  const left = changed.length - shown.length;
  return left > 0 ? [...shown, `[${left} more lines around changes]`] : shown;
}

const MAX_DIAGNOSTICS = 20;

/** What was not reported before: by message and how often, since an edit above moves lines. */
export function newDiagnostics(before: readonly Diagnostic[], after: readonly Diagnostic[]): string[] {
  const known = new Map<string, number>();
  for (const { message } of before) known.set(message, (known.get(message) ?? 0) + 1);
  const fresh = after.filter(({ message }) => {
    const left = known.get(message) ?? 0;
    known.set(message, left - 1);
    return left <= 0;
  });
  if (fresh.length === 0) return [];
  return [
    `New problems reported for this file${fresh.length > MAX_DIAGNOSTICS ? ` (the first ${MAX_DIAGNOSTICS} of ${fresh.length})` : ''}:`,
    ...fresh
      .slice(0, MAX_DIAGNOSTICS)
      .map(
        ({ cell, severity, line, message, source }) =>
          `${cell === undefined ? '' : `cell ${cell}, `}${line}: ${severity}: ${message}${source ? ` (${source})` : ''}`,
      ),
  ];
}

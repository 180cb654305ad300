import { hashOf } from '../agent/store';
import { ToolError, type PathFact, type ToolOutput } from '../agent/tool';
import type { Diagnostic } from '../host/host';
import { decode, encode, type Decoded } from '../text/encoding';
import { unifiedDiff } from '../text/unified-diff';
import { missingFile, type HostContext } from './shared-paths';

export interface Editable extends Decoded {
  file: PathFact;
  bytes: Uint8Array;
  /** The file is not what the model saw last. */
  changedSince: boolean;
}

/** The text of a file that may be edited: there, text, read in this session, no notebook. Throws ToolErrors that say what to do. */
export async function editable(path: string, context: HostContext): Promise<Editable> {
  const file = await context.host.locate(path);
  if (file.path.endsWith('.ipynb'))
    throw new ToolError(
      `${file.shown} is a notebook: its cells are edited with NotebookEdit, so that outputs and identity stay.`,
    );
  const snapshot = await context.host.read(file.path);
  if (!snapshot) throw await missingFile(file, context);
  const seen = context.seen(file.path);
  if (seen === undefined)
    throw new ToolError(
      `${file.shown} was not read in this session. Read it first, so that the edit rests on what it says.`,
    );
  const decoded = decode(snapshot.bytes);
  if (!decoded) throw new ToolError(`${file.shown} is not text.`);
  const text = snapshot.unsavedText ?? decoded.text;
  return {
    file,
    bytes: snapshot.bytes,
    encoding: decoded.encoding,
    text,
    changedSince: hashOf(snapshot.bytes) !== seen,
  };
}

/** Writes the new text of an editable file and tells the model and the person what changed. */
export async function applyEdit(source: Editable, text: string, context: HostContext): Promise<ToolOutput> {
  let after: Uint8Array;
  try {
    after = encode({ text, encoding: source.encoding });
  } catch (error) {
    throw new ToolError(`${source.file.shown}: ${error instanceof Error ? error.message : String(error)}.`);
  }
  return writeFile(
    { file: source.file, before: source.bytes, after, oldText: source.text, newText: text },
    context,
    source.changedSince,
  );
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
  const { diff, added, removed } = unifiedDiff(oldText, newText);
  const fresh = newDiagnostics(known, await host.diagnostics(file.path, 'after-edit'));
  const parts = [
    `${before === null ? 'Created' : 'Edited'} ${file.shown} (+${added} -${removed}).`,
    ...(changedSince ? ['It had changed since it was read; the edit still matched one place.'] : []),
    ...(before === null ? [] : [diff]),
    ...fresh,
  ];
  return { content: parts.join('\n'), view: { kind: 'diff', path: file.path, diff, added, removed } };
}

const MAX_DIAGNOSTICS = 20;

/** What was not reported before, by message: an edit above moves lines. */
function newDiagnostics(before: readonly Diagnostic[], after: readonly Diagnostic[]): string[] {
  const old = new Set(before.map(({ message }) => message));
  const fresh = after.filter(({ message }) => !old.has(message)).slice(0, MAX_DIAGNOSTICS);
  if (fresh.length === 0) return [];
  return [
    'New problems reported for this file:',
    ...fresh.map(
      ({ severity, line, message, source }) => `${line}: ${severity}: ${message}${source ? ` (${source})` : ''}`,
    ),
  ];
}

import * as vscode from 'vscode';
import * as z from 'zod';

/** What a command of the review is about: a file, and in it a hunk by its id or by a line, which counts from 0. */
export interface Target {
  path: string;
  id?: string;
  line?: number;
}

const uriSchema = z.custom<vscode.Uri>((value) => value instanceof vscode.Uri && value.scheme === 'file');
const lensSchema = z.tuple([z.string(), z.string()]);
const lineSchema = z.object({ uri: uriSchema, lineNumber: z.int().min(1) });
const resourceSchema = z.object({ resourceUri: uriSchema });
const barSchema = z.tuple([
  uriSchema,
  z.array(z.looseObject({ modifiedStartLineNumber: z.int(), modifiedEndLineNumber: z.int() })),
  z.int().min(0),
]);

/**
 * What a lens, the margin's menu, a bar of the gutter, the source control view or nobody named. Any extension may run a
 * command with any arguments: what is not understood is the place of the cursor, and what is not open is not decided on.
 */
export function targetsOf(values: readonly unknown[]): Target[] {
  const lens = lensSchema.safeParse(values.slice(0, 2)).data;
  if (lens) return [{ path: lens[0], id: lens[1] }];
  const place = lineSchema.safeParse(values[0]).data;
  if (place) return [{ path: place.uri.fsPath, line: place.lineNumber - 1 }];
  const bar = barSchema.safeParse(values.slice(0, 3)).data;
  if (bar) return [{ path: bar[0].fsPath, line: Math.max(0, (bar[1][bar[2]]?.modifiedStartLineNumber ?? 1) - 1) }];
  const resources = values.flat().flatMap((value) => resourceSchema.safeParse(value).data?.resourceUri.fsPath ?? []);
  if (resources.length > 0) return [...new Set(resources)].map((path) => ({ path }));
  const uri = uriSchema.safeParse(values[0]).data;
  if (uri) return [{ path: uri.fsPath }];
  return here();
}

function here(): Target[] {
  const { activeTextEditor: editor, activeNotebookEditor: notebook } = vscode.window;
  const { uri } = notebook?.notebook ?? editor?.document ?? {};
  if (uri?.scheme !== 'file') return [];
  return [{ path: uri.fsPath, ...(editor && !notebook ? { line: editor.selection.active.line } : {}) }];
}

import * as z from 'zod';
import { hashOf } from '../agent/store';
import { defineTool, ToolError } from '../agent/tool';
import type { Host } from '../host/host';
import { parseNotebook } from '../text/notebook';
import { unifiedDiff } from '../text/unified-diff';
import { writeFile, type Write } from './shared-edit';
import { isJson, isNotebookPath } from './shared-notebook';
import { pathAction, type HostContext } from './shared-paths';
import { currentFile } from './shared-text';

const input = z.object({ file_path: z.string(), content: z.string() });

export const create = defineTool<Host, typeof input>({
  name: 'Create',
  description: 'Create a file with its folders. To change a file that exists, use Edit.',
  input,
  reads: false,
  title: ({ file_path }) => `Creating ${file_path}`,
  action: ({ file_path }, context) => pathAction('edit', file_path, context),
  async preview(given, context) {
    const { file, oldText, newText, before } = await planned(given, context);
    const body = before === null ? newText : unifiedDiff(oldText, newText).diff;
    return {
      title: `${before === null ? 'Create' : 'Overwrite'} ${file.shown}`,
      body,
      language: before === null ? 'plaintext' : 'diff',
    };
  },
  async run(given, context) {
    return writeFile(await planned(given, context), context);
  },
});

async function planned({ file_path, content }: z.infer<typeof input>, context: HostContext): Promise<Write> {
  const file = await context.host.locate(file_path);
  const stat = await context.host.stat(file.path);
  if (stat?.type === 'directory') throw new ToolError(`${file.shown} is a folder.`);
  if (stat?.type === 'other') throw new ToolError(`${file.shown} is no regular file (a device, pipe or socket).`);
  if (isNotebookPath(file.path)) checkNotebook(file.shown, content);
  const snapshot = stat ? await context.host.read(file.path) : undefined;
  const there = snapshot && currentFile(snapshot);
  const seen = context.seen(file.path);
  if (there?.decoded && isNotebookPath(file.path) && isJson(there.decoded.text))
    throw new ToolError(
      `${file.shown} is a notebook already: its cells are edited with NotebookEdit, so that outputs and identity stay.`,
    );
  if (there && seen === undefined)
    throw new ToolError(`${file.shown} exists and was not read in this session. Read it, then change it with Edit.`);
  if (there && seen !== hashOf(there.bytes))
    throw new ToolError(`${file.shown} has changed since it was read. Read it again, then change it with Edit.`);
  if (there?.decoded?.text === content) throw new ToolError(`${file.shown} holds this very text already.`);
  return {
    file,
    before: there?.bytes ?? null,
    after: Buffer.from(content),
    oldText: there?.decoded?.text ?? '',
    newText: content,
  };
}

function checkNotebook(name: string, content: string): void {
  const notebook = parseNotebook(content);
  const problem = 'problem' in notebook ? notebook.problem : undefined;
  if (problem)
    throw new ToolError(
      `${name} would not be a notebook: ${problem}. Give JSON such as {"cells":[],"metadata":{},"nbformat":4,"nbformat_minor":5}; cells can follow with NotebookEdit.`,
    );
}

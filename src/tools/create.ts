import { z } from 'zod';
import { hashOf } from '../agent/store';
import { defineTool, ToolError } from '../agent/tool';
import type { Host } from '../host/host';
import { unifiedDiff } from '../text/unified-diff';
import { writeFile, type Write } from './shared-edit';
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
  if (file.path.endsWith('.ipynb') && !isNotebook(content))
    throw new ToolError(`${file.shown} would not be a notebook: its content must be JSON with a list of cells.`);
  const snapshot = stat ? await context.host.read(file.path) : undefined;
  const there = snapshot && currentFile(snapshot);
  const seen = context.seen(file.path);
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

function isNotebook(content: string): boolean {
  try {
    return Array.isArray((JSON.parse(content) as { cells?: unknown } | null)?.cells);
  } catch {
    return false; // Not JSON: the caller says what it should be.
  }
}

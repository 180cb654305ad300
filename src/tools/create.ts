import { z } from 'zod';
import { hashOf } from '../agent/store';
import { defineTool, ToolError } from '../agent/tool';
import type { Host } from '../host/host';
import { decode } from '../text/encoding';
import { unifiedDiff } from '../text/unified-diff';
import { pathAction, type HostContext } from './shared-paths';
import { writeFile, type Write } from './shared-edit';

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
  if (file.path.endsWith('.ipynb') && !isNotebook(content))
    throw new ToolError(`${file.shown} would not be a notebook: its content must be JSON with a list of cells.`);
  const there = stat ? await context.host.read(file.path) : undefined;
  if (there && context.seen(file.path) !== hashOf(there.bytes)) {
    throw new ToolError(
      `${file.shown} exists and was not read as it is now. Read it and use Edit, so that nothing in it is lost.`,
    );
  }
  return {
    file,
    before: there?.bytes ?? null,
    after: Buffer.from(content),
    oldText: there ? (decode(there.bytes)?.text ?? '') : '',
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

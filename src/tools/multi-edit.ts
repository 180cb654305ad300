import * as z from 'zod';
import { defineTool, ToolError } from '../agent/tool';
import type { Host } from '../host/host';
import { unifiedDiff } from '../text/unified-diff';
import { applyEdit, editable, type Editable } from './shared-edit';
import { pathAction, type HostContext } from './shared-paths';
import { changeShape, replaceText } from './shared-replace';

const input = z.object({ file_path: z.string(), changes: z.array(z.object(changeShape)).min(1) });
type Input = z.infer<typeof input>;

export const multiEdit = defineTool<Host, typeof input>({
  name: 'MultiEdit',
  description:
    'Several Edits of one file in one call, each on the text the one before it left. All are made, or none is.',
  input,
  reads: false,
  title: ({ file_path }) => `Editing ${file_path}`,
  action: ({ file_path }, context) => pathAction('edit', file_path, context),
  async preview(given, context) {
    const { source, text } = await editedText(given, context);
    return { title: `Edit ${source.file.shown}`, body: unifiedDiff(source.text, text).diff, language: 'diff' };
  },
  async run(given, context) {
    const { source, text } = await editedText(given, context);
    return applyEdit(source, text, context);
  },
});

async function editedText(
  { file_path, changes }: Input,
  context: HostContext,
): Promise<{ source: Editable; text: string }> {
  const source = await editable(file_path, context);
  const { file, changedSince } = source;
  let { text } = source;
  for (const [index, change] of changes.entries()) {
    try {
      text = replaceText({ name: file.shown, text, changedSince }, change);
    } catch (error) {
      throw error instanceof ToolError ? new ToolError(failure(error.message, index)) : error;
    }
  }
  if (text === source.text) throw new ToolError(`The changes undo each other: ${file.shown} would stay as it is.`);
  return { source, text };
}

function failure(reason: string, index: number): string {
  const lines = index > 0 ? ' Line numbers count the changes before it as made.' : '';
  return `changes[${index}] failed, so none was made.${lines}\n${reason}`;
}

import * as z from 'zod';
import { defineTool } from '../agent/tool';
import type { Host } from '../host/host';
import { unifiedDiff } from '../text/unified-diff';
import { applyEdit, editable, type Editable } from './shared-edit';
import { pathAction, type HostContext } from './shared-paths';
import { changeShape, replaceText } from './shared-replace';

const input = z.object({
  file_path: z.string(),
  old_str: changeShape.old_str.describe('Text as it stands, with enough around it to be unique'),
  new_str: changeShape.new_str,
  change_all: changeShape.change_all.describe('Every place, not just one'),
});
type Input = z.infer<typeof input>;

export const edit = defineTool<Host, typeof input>({
  name: 'Edit',
  description: 'Replace text in a file that was read before. old_str must stand there exactly once, unless change_all.',
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

async function editedText(given: Input, context: HostContext): Promise<{ source: Editable; text: string }> {
  const source = await editable(given.file_path, context);
  const { file, changedSince } = source;
  return { source, text: replaceText({ name: file.shown, text: source.text, changedSince }, given) };
}

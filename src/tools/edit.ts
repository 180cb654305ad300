import { z } from 'zod';
import { defineTool, ToolError } from '../agent/tool';
import type { Host } from '../host/host';
import { closestRegion, findAll, lineAt, replaceSpans } from '../text/match';
import { unifiedDiff } from '../text/unified-diff';
import { applyEdit, editable, type Editable } from './shared-edit';
import { pathAction, type HostContext } from './shared-paths';

const input = z.object({
  file_path: z.string(),
  old_str: z.string().min(1).describe('Text as it stands, with enough around it to be unique'),
  new_str: z.string(),
  change_all: z.boolean().optional().describe('Every place, not just one'),
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
  return { source, text: replaceText(source.file.shown, source.text, given) };
}

type Change = Pick<Input, 'old_str' | 'new_str' | 'change_all'>;

/** The text after one change. Throws a ToolError that is good enough for the next call to succeed. */
export function replaceText(name: string, text: string, { old_str, new_str, change_all }: Change): string {
  if (old_str === new_str) throw new ToolError('old_str and new_str are the same: there is nothing to change.');
  const spans = findAll(text, old_str);
  if (spans.length === 0) throw new ToolError(noMatch(name, text, old_str));
  if (spans.length > 1 && !change_all) {
    const lines = spans.map(({ start }) => lineAt(text, start)).join(', ');
    throw new ToolError(
      `old_str stands ${spans.length} times in ${name}, at lines ${lines}. Give more of the text around the one you mean, or set change_all.`,
    );
  }
  return replaceSpans(text, spans, new_str);
}

function noMatch(name: string, text: string, wanted: string): string {
  const closest = closestRegion(text, wanted);
  if (!closest) return `old_str does not stand in ${name}, and nothing like it. Read the file again.`;
  const { difference } = closest;
  const differs = difference
    ? `\nFirst difference, line ${difference.line}:\n  in the file: ${JSON.stringify(difference.have)}\n  in old_str:  ${JSON.stringify(difference.wanted)}`
    : '';
  const region = closest.lines.map((line, index) => `${closest.first + index}\t${line}`).join('\n');
  return `old_str does not stand in ${name}. The closest text is at lines ${closest.first} to ${closest.last}:\n${region}${differs}`;
}

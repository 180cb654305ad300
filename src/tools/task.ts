import * as z from 'zod';
import { hasDone, reportOf } from '../agent/subagent-report';
import { defineTool, type Tool } from '../agent/tool';
import type { Host } from '../host/host';

const MAX_LISTING_BYTES = 1_500;
const MAX_DESCRIPTION_CHARACTERS = 100;

const input = z.object({
  subagent_type: z.string().trim().min(1).max(100).describe('Name of a droid'),
  description: z.string().trim().min(1).max(200).describe('A few words, for people'),
  prompt: z.string().trim().min(1).max(100_000).describe('All it has to know: it sees nothing of this conversation'),
  run_in_background: z.boolean().optional().describe('Returns at once; you are told when it ends'),
});

/** A droid as far as it must be known to be chosen. */
export interface DroidEntry {
  name: string;
  description: string;
}

/** Hands work to a droid in a context of its own. Each of its calls is judged by itself, so the call as such only reads. */
export function taskTool(droids: readonly DroidEntry[]): Tool<Host> {
  return defineTool<Host, typeof input>({
    name: 'Task',
    description: `Have a droid do something in a context of its own and get its last message. Several in one turn run side by side. Droids:\n${listing(droids)}`,
    input,
    reads: false,
    sideBySide: true,
    inSubagents: false,
    title: ({ subagent_type, description }) => `Subagent ${subagent_type}: ${description}`,
    action: ({ subagent_type: name }) => ({ effect: 'read', paths: [{ path: name, shown: name, inside: true }] }),
    async run({ subagent_type, description, prompt, run_in_background = false }, context) {
      const errand = { droid: subagent_type, description, prompt, background: run_in_background };
      const { session, ended } = await context.delegate(errand);
      if (!ended)
        return {
          content: `Subagent ${subagent_type} works in the background as ${session}. You are told when it ends; nothing is known of its work before.`,
        };
      const folders = context.host.folders.map(({ path }) => path);
      return { content: reportOf(ended, folders), isError: !hasDone(ended) };
    },
  });
}

/** Names with the beginnings of their descriptions, as many as there is room for; the rest by name alone, then by number. */
function listing(droids: readonly DroidEntry[]): string {
  const lines: string[] = [];
  let room = MAX_LISTING_BYTES;
  for (const [index, { name, description }] of droids.entries()) {
    const line = [`- ${name}: ${beginning(description)}`, `- ${name}`].find(
      (one) => Buffer.byteLength(one) < room - 20,
    );
    if (line === undefined) return [...lines, `- and ${droids.length - index} more`].join('\n');
    lines.push(line);
    room -= Buffer.byteLength(line) + 1;
  }
  return lines.join('\n') || '(none yet)';
}

function beginning(description: string): string {
  const line = description.replaceAll(/\s+/gu, ' ').trim();
  return line.length > MAX_DESCRIPTION_CHARACTERS ? `${line.slice(0, MAX_DESCRIPTION_CHARACTERS).trimEnd()}…` : line;
}

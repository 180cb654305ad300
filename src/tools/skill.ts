import * as z from 'zod';
import { hashOf } from '../agent/store';
import { defineTool, ToolError, type Tool } from '../agent/tool';
import type { Host } from '../host/host';
import { nearest } from '../text/nearest';

/** Where the Skill tool finds skills: the library, as the session may see it. */
export interface SkillSource {
  names: readonly string[];
  /** The text of a skill, `undefined` when there is none of that name. */
  read: (name: string) => Promise<{ text: string; folder: string; files: readonly string[] } | undefined>;
}

const input = z.object({ skill: z.string(), arguments: z.string().optional() });

export function skillTool(skills: SkillSource): Tool<Host> {
  return defineTool<Host, typeof input>({
    name: 'Skill',
    description: 'Load a skill from the listing: its text tells how to do the work.',
    input,
    reads: true,
    title: ({ skill }) => `Loading the skill ${skill}`,
    action: () => ({ effect: 'none' }),
    async run({ skill, arguments: given = '' }, context) {
      const found = await skills.read(skill);
      if (!found) throw new ToolError(unknownSkill(skill, skills.names));
      // Skills share the record of what was read, under a name no path can have.
      const key = `skill:${skill}`;
      const hash = hashOf(Buffer.from(found.text));
      if (context.seen(key) === hash) {
        const now = given === '' ? '' : ` Its arguments are now: ${given}`;
        return { content: `The skill ${skill} is loaded already: its text stands above.${now}` };
      }
      const body =
        found.text.includes('$ARGUMENTS') || given === ''
          ? found.text.replaceAll('$ARGUMENTS', () => given)
          : `${found.text}\n\nArguments: ${given}`;
      const folder = `\n\nBase folder: ${found.folder}`;
      const files = found.files.length === 0 ? '' : `\nFiles in it:\n${found.files.join('\n')}`;
      return { content: body + folder + files, reads: [{ path: key, hash }], view: { kind: 'skill', name: skill } };
    },
  });
}

function unknownSkill(name: string, names: readonly string[]): string {
  const near = nearest(name, names);
  const hint = near.length > 0 ? ` Did you mean ${near.join(' or ')}?` : '';
  return `There is no skill ${name}.${hint} The skills are: ${names.join(', ') || '(none)'}.`;
}

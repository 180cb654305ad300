import * as z from 'zod';
import { defineTool, ToolError, type Tool } from '../agent/tool';
import type { Host } from '../host/host';
import type { ScriptWorkOf } from './shared-script';
import { skillBody } from '../library/skill-text';
import type { SkillText } from '../library/skills';
import { nearest } from '../text/nearest';

/** Where the Skill tool finds skills: the library, as the session may see it. */
export interface SkillSource {
  /** Those the model may load. */
  names: readonly string[];
  /** The text of a skill, why the model may not have it, or `undefined` when there is none of that name. */
  read: (name: string) => Promise<SkillText | { refused: string } | undefined>;
  /** What a script of a bundled skill does; `undefined` for every other file. */
  scriptWork?: ScriptWorkOf;
}

/** Skills share the record of what was read, under names no path can have. */
export function skillKey(name: string): string {
  return `skill:${name}`;
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
      if ('refused' in found) throw new ToolError(`The skill ${skill} is not loaded: ${found.refused}`);
      const key = skillKey(skill);
      if (context.seen(key) === found.hash) {
        const now = given === '' ? '' : ` Its arguments are now: ${given}`;
        return { content: `The skill ${skill} is loaded already: its text stands above.${now}` };
      }
      return {
        content: skillBody(found, given),
        reads: [{ path: key, hash: found.hash }],
        view: { kind: 'skill', name: skill },
      };
    },
  });
}

function unknownSkill(name: string, names: readonly string[]): string {
  const near = nearest(name, names);
  const hint = near.length > 0 ? ` Did you mean ${near.join(' or ')}?` : '';
  return `There is no skill ${name}.${hint} The skills are: ${names.join(', ') || '(none)'}.`;
}

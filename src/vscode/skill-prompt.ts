import { basename, dirname } from 'node:path';
import * as vscode from 'vscode';
import type { Skill } from '../library/skills';

/** How VS Code names what was picked in the `/` menu. */
const PICKED = 'vscode.prompt.file';

export interface Asked {
  prompt: string;
  references: readonly vscode.ChatPromptReference[];
}

/**
 * A skill that was picked in VS Code's own `/` menu comes as a reference to its SKILL.md. Here it becomes what would have
 * been typed, `/name rest`, so that it is loaded in one way only, by our own library.
 */
export function skillPrompt({ prompt, references }: Asked, skills: readonly Pick<Skill, 'name' | 'path'>[]): Asked {
  for (const reference of references) {
    const picked = skillOf(reference, skills);
    if (!picked) continue;
    const [first = '', ...rest] = prompt.trim().split(/(?<=^\S+)\s+/u);
    const typed = picked.names.includes(first.slice(1)) && first.startsWith('/') ? rest.join(' ') : prompt.trim();
    const others = references.filter((one) => one !== reference);
    return { prompt: `/${picked.names[0]} ${typed}`.trim(), references: others };
  }
  return { prompt, references };
}

/** The skill by its path, else by its folder's name: the library may have a nearer one. Its own name comes first. */
function skillOf(
  { id, value }: vscode.ChatPromptReference,
  skills: readonly Pick<Skill, 'name' | 'path'>[],
): { names: [string, string] } | undefined {
  if (!id.startsWith(PICKED) || !(value instanceof vscode.Uri) || !/^skill\.mdx?$/iu.test(basename(value.fsPath)))
    return undefined;
  const folder = basename(dirname(value.fsPath));
  const skill = skills.find(({ path }) => path === value.fsPath) ?? skills.find(({ name }) => name === folder);
  return skill && { names: [skill.name, folder] };
}

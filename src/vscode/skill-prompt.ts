import { basename, dirname } from 'node:path';
import * as vscode from 'vscode';
import type { Skill } from '../library/skills';

/** How VS Code names what was picked in the `/` menu. */
const PICKED = 'vscode.prompt.file';

/** What a chat request says, whatever way it was typed or picked. */
export interface Asked {
  prompt: string;
  references: readonly vscode.ChatPromptReference[];
}

/**
 * A skill comes as one of the participant's own commands, or where it was picked in VS Code's `/` menu as a reference to
 * its SKILL.md. Here it becomes what would have been typed, `/name rest`: it is loaded in one way only, by our own library.
 */
export function skillPrompt(
  { prompt, references, command }: Asked & { command?: string | undefined },
  skills: readonly Pick<Skill, 'name' | 'path'>[],
): Asked {
  const found = references.flatMap((reference) => {
    const names = namesOf(reference, skills);
    return names ? [{ reference, names }] : [];
  })[0];
  const others = references.filter((one) => one !== found?.reference);
  if (command !== undefined) return { prompt: `/${command} ${prompt.trim()}`.trim(), references: others };
  if (!found) return { prompt, references };
  const [first = '', ...rest] = prompt.trim().split(/(?<=^\S+)\s+/u);
  const typed = found.names.some((name) => first === `/${name}`) ? rest.join(' ') : prompt.trim();
  return { prompt: `/${found.names[0]} ${typed}`.trim(), references: others };
}

/** The names of the skill at this path, else of the one named as its folder: the library may have a nearer one. Its own comes first. */
function namesOf(
  { id, value }: vscode.ChatPromptReference,
  skills: readonly Pick<Skill, 'name' | 'path'>[],
): [string, string] | undefined {
  if (!id.startsWith(PICKED) || !(value instanceof vscode.Uri) || !/^skill\.mdx?$/iu.test(basename(value.fsPath)))
    return undefined;
  const folder = basename(dirname(value.fsPath));
  const skill = skills.find(({ path }) => path === value.fsPath) ?? skills.find(({ name }) => name === folder);
  return skill && [skill.name, folder];
}

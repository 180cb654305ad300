import { basename, dirname } from 'node:path';
import type { Droid } from '../library/droids';
import type { Skill } from '../library/skills';
import { label } from '../text/label';

const MAX_COMMAND_CHARACTERS = 120;

/** What package.json contributes to VS Code's own `/` menu: each bundled skill. */
export function chatSkills(skills: readonly Pick<Skill, 'path'>[]): { path: string }[] {
  return skills.map(({ path }) => ({ path: `./skills/${basename(dirname(path))}/${basename(path)}` })).sort(byPath);
}

function byPath(a: { path: string }, b: { path: string }): number {
  return a.path < b.path ? -1 : 1;
}

/** The participant's own commands: with it in the input, VS Code's `/` menu holds nothing else. */
export function skillCommands(
  skills: readonly Pick<Skill, 'name' | 'description'>[],
): { name: string; description: string }[] {
  return skills.map(({ name, description }) => ({ name, description: label(description, MAX_COMMAND_CHARACTERS) }));
}

/**
 * The droid as a custom agent of VS Code's own agent mode. It works with VS Code's tools and the model of the picker, so
 * the droid's own stay out of it; the skills it speaks of are in the `/` menu there too.
 */
export function agentFile({ description, prompt }: Pick<Droid, 'description' | 'prompt'>): string {
  const head = { name: 'ML Engineer', description, 'argument-hint': 'What is wrong, or what is wanted' };
  const lines = Object.entries(head).map(([key, value]) => `${key}: '${value.replaceAll("'", "''")}'`);
  return `---\n${lines.join('\n')}\n---\n\n${prompt.trim()}\n`;
}

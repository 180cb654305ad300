import type { Tool } from '../agent/tool';
import type { Host } from '../host/host';
import { create } from './create';
import { edit } from './edit';
import { execute } from './execute';
import { fetchUrlTool } from './fetch-url';
import { glob } from './glob';
import { grep } from './grep';
import { ls } from './ls';
import { multiEdit } from './multi-edit';
import { notebookEdit } from './notebook-edit';
import { read } from './read';
import { skillTool, type SkillSource } from './skill';
import { todoWrite } from './todo-write';

export type { SkillSource };

/** Every tool there is, in the order the model is given them. */
export function createTools(skills: SkillSource): Tool<Host>[] {
  return [
    read,
    ls,
    grep,
    glob,
    create,
    edit,
    multiEdit,
    notebookEdit,
    execute,
    fetchUrlTool(),
    todoWrite,
    skillTool(skills),
  ];
}

/** The same everywhere, whatever skills there are. */
export const TOOL_NAMES: readonly string[] = createTools({ names: [], read: () => Promise.resolve(undefined) }).map(
  ({ name }) => name,
);

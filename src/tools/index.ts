import { homedir } from 'node:os';
import type { Tool } from '../agent/tool';
import type { Host } from '../host/host';
import type { JobsHome } from '../jobs/start';
import type { Droid } from '../library/droids';
import { SearchFailed } from '../web/search/index';
import { create } from './create';
import { edit } from './edit';
import { executeTool } from './execute';
import type { FetchOptions } from '../web/fetch';
import { fetchUrlTool } from './fetch-url';
import { generateDroidTool } from './generate-droid';
import { glob } from './glob';
import { grep } from './grep';
import { jobTool } from './job';
import { ls } from './ls';
import { multiEdit } from './multi-edit';
import { notebookEdit } from './notebook-edit';
import { read } from './read';
import { runsTool } from './runs';
import { skillTool, type SkillSource } from './skill';
import { taskTool } from './task';
import { todoWrite } from './todo-write';
import { webSearchTool, type SearchSource } from './web-search';

export type { SearchSource, SkillSource };

/** Which service searches the web, and which private hosts may be fetched from; read for each call. */
export interface Web {
  search: SearchSource;
  /** As `host` or `host:port`. */
  allowedHosts: () => readonly string[];
  /** Connects by a proxy, where pages are to be fetched by one. */
  connect?: FetchOptions['connect'];
}

const NO_WEB: Web = {
  search: () => Promise.reject(new SearchFailed('Web search is not set up here.')),
  allowedHosts: () => [],
};

/** The droids there are, and where the user's own lie. */
export interface Droids {
  droids: readonly Droid[];
  /** The home folder. */
  home: string;
}

/** Every tool there is, in the order the model is given them. */
export function createTools(
  skills: SkillSource,
  { search, allowedHosts, connect }: Web = NO_WEB,
  { droids, home }: Droids = { droids: [], home: homedir() },
  jobs?: JobsHome,
): Tool<Host>[] {
  const tools = [
    read,
    ls,
    grep,
    glob,
    create,
    edit,
    multiEdit,
    notebookEdit,
    executeTool(skills.scriptWork, jobs),
    jobTool(jobs, skills.scriptWork),
    runsTool(jobs, skills.scriptWork),
    webSearchTool(search),
    fetchUrlTool(() => ({ allowedHosts: allowedHosts(), ...(connect ? { connect } : {}) })),
  ];
  return [
    ...tools,
    todoWrite,
    taskTool(droids.filter(({ prompt }) => prompt !== '')),
    generateDroidTool({ tools, droids, home }),
    skillTool(skills),
  ];
}

/** The same everywhere, whatever skills and droids there are. */
export const TOOL_NAMES: readonly string[] = createTools({ names: [], read: () => Promise.resolve(undefined) }).map(
  ({ name }) => name,
);

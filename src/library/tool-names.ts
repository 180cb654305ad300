/** Groups of tools that a droid file may name in place of the tools. */
const CATEGORIES: Readonly<Record<string, readonly string[]>> = {
  'read-only': ['Read', 'LS', 'Grep', 'Glob'],
  edit: ['Create', 'Edit', 'MultiEdit', 'NotebookEdit'],
  execute: ['Execute', 'Job'],
  web: ['WebSearch', 'FetchUrl'],
};

/** The names that droid files give our tools. A test holds them to the tools there are. */
export const OWN_NAMES = [
  ...['Read', 'LS', 'Grep', 'Glob', 'Create', 'Edit', 'MultiEdit', 'NotebookEdit', 'Execute', 'Job', 'Runs'],
  ...['WebSearch', 'FetchUrl', 'TodoWrite', 'Task', 'GenerateDroid', 'Skill'],
] as const;

const READ = ['Read', 'LS'];
const SEARCH = ['Grep', 'Glob', 'LS'];
const WRITE = ['Create', 'Edit', 'MultiEdit', 'NotebookEdit'];

/** What other hosts call the same work, in small letters. */
const OTHER_NAMES: Readonly<Record<string, readonly string[]>> = {
  // Claude Code
  write: ['Create', 'Edit'],
  bash: ['Execute'],
  bashoutput: ['Read'],
  killshell: ['Execute'],
  powershell: ['Execute'],
  webfetch: ['FetchUrl'],
  notebookread: ['Read'],
  agent: ['Task'],
  todoread: ['TodoWrite'],
  // Factory Droid
  applypatch: ['Edit', 'MultiEdit'],
  // VS Code, its sets of tools and the tools in them
  search: SEARCH,
  codebase: SEARCH,
  textsearch: ['Grep'],
  filesearch: ['Glob'],
  usages: ['Grep'],
  listdirectory: ['LS'],
  readfile: ['Read'],
  editfiles: WRITE,
  createfile: ['Create'],
  createdirectory: ['Create'],
  new: ['Create'],
  editnotebook: ['NotebookEdit'],
  runcommands: ['Execute'],
  runinterminal: ['Execute'],
  runtasks: ['Execute'],
  runtests: ['Execute'],
  runnotebooks: ['Execute'],
  shell: ['Execute'],
  terminal: ['Execute'],
  getterminaloutput: ['Read'],
  fetch: ['FetchUrl'],
  fetchwebpage: ['FetchUrl'],
  runsubagent: ['Task'],
  'custom-agent': ['Task'],
  todo: ['TodoWrite'],
  todos: ['TodoWrite'],
};
/** Words that are a tool of ours in one case of letters and a set of another host's in small letters. */
const SETS: Readonly<Record<string, readonly string[]>> = { read: READ, problems: ['Read'] };

/** A tool within its set, as in `search/codebase`. Before any other slash stands who brings a tool. */
const VSCODE_TOOL = /^(?:read|search|edit|execute|web|agent|vscode|todo)\/([^/]+)$/u;

/**
 * How tools of other extensions and servers are named: `mcp__server__tool` (Claude Code, Factory), `mcp_server_tool` (as
 * VS Code knows them), `server/tool`, `server/*` and `#tool` (in VS Code's agent files). `mcp` is all of them.
 */
const OTHER = /^(?:mcp|mcp_\S+|#[^\s#/]+|#?[^\s/#]+\/[^\s/]+(?:\/[^\s/]+)?)$/iu;
const MAX_OTHER_CHARACTERS = 200;

export interface NamedTools {
  tools: string[];
  /** Tools of others, as they are named. */
  others: string[];
  problems: string[];
}

/** The tools of ours that names stand for, as any of the hosts writes them. Each unknown name is a problem and gives nothing. */
export function ownTools(names: readonly string[]): NamedTools | undefined {
  // VS Code and Copilot write a star for all there are.
  if (names.includes('*')) return undefined;
  const result: NamedTools = { tools: [], others: [], problems: [] };
  const add = (tools: readonly string[]): number => result.tools.push(...tools);
  for (const written of names) {
    const name = written.replace(/\(.*\)$/su, '').trim();
    if (name !== written.trim())
      result.problems.push(`of the tool "${written}" only ${name} counts, not what stands in brackets`);
    const found = toolsOf(name.replace(/^#/u, ''));
    if (found) add(found);
    else if (OTHER.test(name) && name.length <= MAX_OTHER_CHARACTERS) result.others.push(name);
    else result.problems.push(`there is no tool "${name}"`);
  }
  const tools = [...new Set(result.tools)];
  return { tools, others: [...new Set(result.others)], problems: [...new Set(result.problems)] };
}

/** Whether a name of a droid's list means a tool that is known by these. */
export function meansOther(named: string, knownAs: readonly string[]): boolean {
  return knownAs.includes(named.replace(/^#/u, '').toLowerCase());
}

function toolsOf(name: string): readonly string[] | undefined {
  if ((OWN_NAMES as readonly string[]).includes(name)) return [name];
  const small = name.toLowerCase();
  const last = VSCODE_TOOL.exec(small)?.[1] ?? small;
  const ownInAnyCase = OWN_NAMES.find((own) => own.toLowerCase() === small);
  const table = [CATEGORIES, SETS, OTHER_NAMES].map((one) => lookUp(one, small) ?? lookUp(one, last));
  return table.find((found) => found !== undefined) ?? (ownInAnyCase ? [ownInAnyCase] : undefined);
}

function lookUp(table: Readonly<Record<string, readonly string[]>>, key: string): readonly string[] | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

import { ToolError, type CommandPart, type ExecuteAction, type PathFact } from '../agent/tool';
import type { Host } from '../host/host';
import { classifyLine } from '../shell/classify';
import { grammarOf } from '../shell/grammar';
import { namesIn } from '../shell/names';
import { judgedByGit } from './shared-git';
import { judgedByLinks } from './shared-links';
import { judgedByScript, type ScriptWorkOf } from './shared-script';

export interface CommandCall {
  command: string;
  cwd?: string | undefined;
  riskLevel?: 'low' | 'medium' | 'high' | undefined;
}

/** What running a command would do, from our own reading of it: the same, whichever tool runs it. */
export async function commandAction(
  { command, cwd = '.', riskLevel }: CommandCall,
  host: Host,
  scriptWork: ScriptWorkOf,
): Promise<ExecuteAction> {
  const where = await host.locate(cwd);
  const place = { cwd: where.path, folders: host.folders.map(({ path }) => path) };
  const grammar = await grammarOf(host.dialect);
  const judged = classifyLine(command, grammar, place).map((part) => judgedByScript(part, scriptWork, grammar, place));
  const shipped = (await Promise.all(judged)).map((part) => raised(part, riskLevel));
  const words = namesIn(command, grammar);
  const looked = await judgedByGit(shipped, command, where.path, host);
  const parts = await judgedByLinks(looked, words, where.path, host);
  const ignored = await host.ignores(words, where.path);
  return {
    effect: 'execute',
    command,
    dialect: host.dialect,
    cwd: where,
    parts,
    ...(ignored === undefined ? {} : { ignored }),
  };
}

/** The words of a command that may name files. */
export async function wordsOf(command: string, host: Host): Promise<string[]> {
  return namesIn(command, await grammarOf(host.dialect));
}

/** Where a command runs: a folder that is there, inside the workspace. */
export async function placeToRun(cwd: string, host: Host): Promise<PathFact> {
  const where = await host.locate(cwd);
  const stat = await host.stat(where.path);
  if (stat?.type !== 'directory') throw new ToolError(`There is no folder ${where.shown} to run in.`);
  if (!where.inside) throw new ToolError(`${where.shown} lies outside the workspace: commands run inside it.`);
  return where;
}

/** The caller's own word on the risk can only raise ours. */
function raised(part: CommandPart, riskLevel: CommandCall['riskLevel']): CommandPart {
  if (riskLevel === undefined || riskLevel === 'low' || part.class !== 'read-only') return part;
  return { ...part, class: 'unknown', reason: `its caller calls the risk ${riskLevel}` };
}

const MAX_TITLE_CHARACTERS = 120;

export function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/gu, ' ').trim();
  return line.length <= MAX_TITLE_CHARACTERS ? line : `${line.slice(0, MAX_TITLE_CHARACTERS - 1)}…`;
}

/** Output is a stranger's text: fenced, so that it can be told from what is said about it. */
export function fenced(text: string): string {
  const longest = Math.max(2, ...(text.match(/`{3,}/gu) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}\n${text}\n${fence}`;
}

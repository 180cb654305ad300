import { explainCall, type Explanation } from '../agent/explain';
import { ToolError, UserError } from '../agent/tool';
import { createNodeHost, statFile } from '../host/node';
import { loadLibrary } from '../library/library';
import { createTools } from '../tools/index';
import type { ExplainArguments } from './arguments';
import { printable } from './output';
import { guardsOf } from './guard';
import { loadProject } from './project';
import type { RunWorld } from './run';
import { readSettings } from './settings';
import { webOf } from './web';

/** Prints why a call would run, be asked for or be refused, without running anything. Exit code 0. Throws UserError. */
export async function explain(given: ExplainArguments, world: Omit<RunWorld, 'signal'>): Promise<number> {
  const { places, settings, env, streams } = world;
  const { tool, cwd, shell } = given;
  if ((await statFile(cwd))?.type !== 'directory') throw new UserError(`${cwd} is not a folder.`);
  const library = await loadLibrary({ folders: [cwd], places, trusted: true });
  const host = createNodeHost({ folders: [cwd], ...(shell ? { dialect: shell } : {}) });
  const loaded = await loadProject(given, streams);
  // Outside a session nothing was written in one.
  const policy = { ...loaded.policy, unreviewed: [] };
  try {
    const own = await readSettings(settings);
    const web = webOf(given.webSearch, own.web ?? {}, env);
    const { guard } = await guardsOf(host.folders, [...loaded.artefacts, ...(own.artefacts ?? [])], world);
    const tools = createTools(library.skillSource, web, { droids: library.droids, home: places.home });
    const explanation = await explainCall(tool, parse(given.input), { tools, host, policy, guard });
    streams.out(given.json ? `${JSON.stringify(explanation, null, 2)}\n` : `${printable(textOf(explanation))}\n`);
    return 0;
  } catch (error) {
    throw error instanceof ToolError ? new UserError(error.message) : error;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UserError(`The input is not JSON: ${(error as Error).message}. Give it as in '{"command": "ls"}'.`);
  }
}

const DECISIONS = { allow: 'runs without asking', ask: 'is asked for', deny: 'is refused' } as const;

function textOf({ effect, class: kind, decision, reason, parts, danger }: Explanation): string {
  const rows = parts.map(
    (part) => `  ${part.decision.padEnd(5)} ${part.class.padEnd(13)} ${part.text}\n        ${part.reason}`,
  );
  const lost = danger && danger.rows.length > 0 ? ['What may be lost:', ...danger.rows.map((row) => `  ${row}`)] : [];
  return [`It ${DECISIONS[decision]}: ${reason}`, `Effect ${effect}, class ${kind}.`, ...rows, ...lost].join('\n');
}

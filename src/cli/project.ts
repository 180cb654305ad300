import { basename } from 'node:path';
import type { Policy } from '../agent/approval';
import { projectEnvironment, withProjects } from '../agent/project-settings';
import { readProjectSettings } from '../host/project-settings';
import { TOOL_NAMES } from '../tools/index';
import type { RunArguments } from './arguments';
import { printable, type Streams } from './output';

export interface LoadedProject {
  policy: Policy;
  /** For commands. */
  variables: Record<string, string>;
  /** Globs of more artefacts. */
  artefacts: string[];
}

/** The policy of the command line with what the repository says: it only narrows, unless the flag says to trust it. */
export async function loadProject(
  { cwd, mode, allow, deny, trustProject }: Pick<RunArguments, 'cwd' | 'mode' | 'allow' | 'deny' | 'trustProject'>,
  { err }: Streams,
): Promise<LoadedProject> {
  const projects = await readProjectSettings([{ name: basename(cwd), path: cwd }], TOOL_NAMES);
  for (const problem of projects.flatMap(({ problems }) => problems)) err(`! ${printable(problem)}\n`);
  for (const { widening } of trustProject ? [] : projects)
    if (widening) err(`! ${printable(widening.text)}\n\nIt was left out. --trust-project accepts it.\n`);
  const isAccepted = (): boolean => trustProject;
  return {
    policy: withProjects({ mode, trusted: true, allow, ask: [], deny }, projects, isAccepted),
    variables: projectEnvironment(projects, isAccepted),
    artefacts: projects.flatMap(({ artefacts }) => artefacts),
  };
}

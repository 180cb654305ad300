import type { SkillMark } from '../agent/events';
import { todosOf } from '../agent/folds';
import { skillsOf } from '../agent/skill-marks';
import type { LiveSubagent } from '../agent/subagents';
import { agentsOf } from './folds/agents';
import { changedFiles, type ChangesSource, type DiffCache } from './folds/changes';
import { headOf, type HeadSource } from './folds/head';
import { activityOf, liveOf, type Live } from './folds/live';
import { meterOf, type MeterSource } from './folds/meter';
import type { Labels, PanelState } from './protocol';
import type { PanelQuestion } from './sections/asking';
import type { PanelCheckpoints } from './sections/checkpoints';
import type { PanelComposer } from './sections/composer';
import type { PanelJobs } from './sections/jobs';
import type { PanelRunList } from './sections/runs';
import type { PanelSessionList } from './sections/sessions';

const MAX_SKILLS = 100;

export interface PanelSource extends ChangesSource, HeadSource {
  /** Why a skill was offered or loaded, in the user's language. */
  reason(mark: SkillMark): string;
  /** The subagents at work. */
  live: readonly LiveSubagent[];
  questions: readonly PanelQuestion[];
  /** The titles of what the chat asks. */
  waiting: readonly string[];
  /** What is not in the journal; nothing was heard where it is left out. */
  heard?: Live | undefined;
  meter: Omit<MeterSource, 'branch'>;
  /** As a person named the session; empty where nobody did. */
  name?: string;
  checkpoints: PanelCheckpoints;
  composer: PanelComposer;
  sessions: PanelSessionList;
  runs: PanelRunList;
  jobs: PanelJobs;
  labels: Labels;
}

/** What the panel shows of a session: a fold over its journal, and the images of the files that differ. */
export async function panelState(source: PanelSource, cache: DiffCache = new Map()): Promise<PanelState> {
  const { branch, labels } = source;
  return {
    head: headOf(branch, source),
    asking: { questions: [...source.questions], waiting: [...source.waiting] },
    agents: agentsOf(branch, source.live),
    todos: todosOf(branch).map(({ id, content, status }) => ({ id, content, status })),
    skills: skillsOf(branch)
      .slice(0, MAX_SKILLS)
      .map((mark) => ({ name: mark.name, state: mark.state, reason: source.reason(mark) })),
    changes: await changedFiles(source, cache),
    checkpoints: source.checkpoints,
    activity: activityOf(source.heard ?? liveOf(''), source.running, source.live),
    meter: meterOf({ branch, ...source.meter }),
    composer: source.composer,
    sessions: source.sessions,
    runs: source.runs,
    jobs: source.jobs,
    labels,
  };
}

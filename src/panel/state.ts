import type { BudgetMark, JournalEntry, RunEnd, SkillMark } from '../agent/events';
import { changesOf, lastRun, todosOf, type SessionChange } from '../agent/folds';
import { skillsOf } from '../agent/skill-marks';
import { subagentsOf, type Subagent } from '../agent/subagent-report';
import type { LiveSubagent } from '../agent/subagents';
import { diffImages, type FileDiff } from './hunks';
import type { Labels, PanelAgent, PanelDiff, PanelFile, PanelQuestion, PanelState } from './protocol';

export const MAX_FILES = 2_000;
const MAX_SKILLS = 100;
/** What all diffs together may hold, so that one message to the page stays small. */
export const MAX_ROWS = 10_000;
export const MAX_CHARACTERS = 1_000_000;
const MAX_TITLE_CHARACTERS = 80;

export interface PanelSource {
  branch: readonly JournalEntry[];
  blob(hash: string): Promise<Uint8Array | undefined>;
  /** A path as people see it. */
  shown(path: string): string;
  /** Why a run ended at a limit, and that a budget is nearly used up, in the user's language. */
  limit(end: Extract<RunEnd, { reason: 'limit' }>): string;
  near(mark: BudgetMark): string;
  /** Why a skill was offered or loaded, in the user's language. */
  reason(mark: SkillMark): string;
  running: boolean;
  /** What a run that is at work waits for before it asks the model again; for the user. */
  retrying?: string;
  /** The subagents at work. */
  live: readonly LiveSubagent[];
  questions: readonly PanelQuestion[];
  /** The titles of what the chat asks. */
  waiting: readonly string[];
  labels: Labels;
}

const MAX_AGENTS = 50;

/** Diffs by the hashes of both images. Give the same one each time, and only what changed is diffed; it holds no more than it must. */
export type DiffCache = Map<string, FileDiff>;

/** What the panel shows of a session: a fold over its journal, and the images of the files that differ. */
export async function panelState(source: PanelSource, cache: DiffCache = new Map()): Promise<PanelState> {
  const { branch, labels } = source;
  const changes = changesOf(branch);
  const files = await filesOf(changes.slice(0, MAX_FILES), source, cache);
  return {
    title: titleOf(branch),
    status: statusOf(branch, source),
    questions: [...source.questions],
    waiting: [...source.waiting],
    agents: agentsOf(branch, source.live),
    todos: todosOf(branch).map(({ content, status }) => ({ content, status })),
    skills: skillsOf(branch)
      .slice(0, MAX_SKILLS)
      .map((mark) => ({ name: mark.name, state: mark.state, reason: source.reason(mark) })),
    files,
    moreFiles: Math.max(0, changes.length - MAX_FILES),
    labels,
  };
}

async function filesOf(changes: SessionChange[], source: PanelSource, cache: DiffCache): Promise<PanelFile[]> {
  const versions = new Set(changes.map(versionOf));
  for (const version of cache.keys()) if (!versions.has(version)) cache.delete(version);
  const files: PanelFile[] = [];
  let [rows, characters] = [MAX_ROWS, MAX_CHARACTERS];
  for (const change of changes) {
    const version = versionOf(change);
    const { diff, counts } = cache.get(version) ?? (await diffOf(change, source));
    // A lost image may be one that is still being written: it is looked for again.
    if (!(diff.kind === 'none' && diff.why === 'lost')) cache.set(version, { diff, counts });
    const size = sizeOf(diff);
    const fits = size.rows <= rows && size.characters <= characters;
    if (fits) [rows, characters] = [rows - size.rows, characters - size.characters];
    files.push({
      path: change.path,
      shown: source.shown(change.path),
      kind: change.before === null ? 'created' : change.after === null ? 'deleted' : 'modified',
      version: `${version} ${fits}`,
      counts,
      diff: fits ? diff : { kind: 'none', why: 'crowded' },
    });
  }
  return files;
}

function versionOf({ before, after }: SessionChange): string {
  return `${before ?? 'none'}:${after ?? 'none'}`;
}

async function diffOf({ before, after }: SessionChange, source: PanelSource): Promise<FileDiff> {
  const image = async (hash: string | null) => (hash === null ? null : source.blob(hash));
  return diffImages(...(await Promise.all([image(before), image(after)])));
}

function sizeOf(diff: PanelDiff): { rows: number; characters: number } {
  const rows = diff.kind === 'text' ? diff.hunks.flatMap((hunk) => hunk.rows) : [];
  return { rows: rows.length, characters: rows.reduce((sum, row) => sum + row.text.length, 0) };
}

/** The first line of the first prompt. */
function titleOf(branch: readonly JournalEntry[]): string {
  const event = branch.find((entry) => entry.event.type === 'prompt')?.event;
  const line = event?.type === 'prompt' ? (event.text.trim().split('\n')[0] ?? '') : '';
  const characters = [...line.slice(0, 4 * MAX_TITLE_CHARACTERS)];
  return characters.length > MAX_TITLE_CHARACTERS ? `${characters.slice(0, MAX_TITLE_CHARACTERS).join('')}…` : line;
}

function statusOf(branch: readonly JournalEntry[], source: PanelSource): PanelState['status'] {
  if (source.running) return { kind: 'running', detail: source.retrying ?? nearOf(branch, source) };
  const last = branch.findLast(({ event }) => event.type === 'prompt' || event.type === 'run-end')?.event;
  if (last?.type === 'prompt') return { kind: 'interrupted', detail: '' };
  if (last?.type !== 'run-end') return { kind: 'none', detail: '' };
  // The waiting message goes on with it at once; where the user took that message back, the work stands still.
  const kind = last.reason === 'yielded' ? 'stopped' : last.reason;
  const detail = last.reason === 'failed' ? last.message : last.reason === 'limit' ? source.limit(last) : '';
  return { kind, detail };
}

/** The budget that the run that is at work is near the end of. */
function nearOf(branch: readonly JournalEntry[], source: PanelSource): string {
  const near = lastRun(branch).findLast(({ event }) => event.type === 'budget-near')?.event;
  return near?.type === 'budget-near' ? source.near(near) : '';
}

/** The latest, as many as anyone looks through. */
function agentsOf(branch: readonly JournalEntry[], live: readonly LiveSubagent[]): PanelAgent[] {
  const all = subagentsOf(branch).map((agent) =>
    agentOf(
      agent,
      live.find(({ session }) => session === agent.session),
    ),
  );
  return all.slice(-MAX_AGENTS);
}

function agentOf({ ended, costUsd, ...start }: Subagent, live: LiveSubagent | undefined): PanelAgent {
  const { session, droid, description, background } = start;
  const cost = costUsd === null ? null : `$${costUsd.toFixed(costUsd < 0.1 ? 4 : 2)}`;
  const shared = { session, name: droid, description, background, cost };
  if (ended) {
    const { end, turns, text } = ended;
    const mute = end.reason === 'done' && text === '';
    return {
      ...shared,
      turns,
      state: mute ? 'failed' : end.reason === 'yielded' ? 'stopped' : end.reason,
      detail: end.reason === 'failed' ? end.message : '',
    };
  }
  if (!live) return { ...shared, turns: 0, state: 'cut', detail: '' };
  const state = live.asking === undefined ? live.state : 'asking';
  return { ...shared, turns: live.turn, state, detail: live.asking ?? live.doing };
}

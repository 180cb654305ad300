import { stat } from 'node:fs/promises';
import type { AnswerClaim } from './agent/answer-claim';
import type { DurableEvent, JournalEntry, View } from './agent/events';
import type { Evidence } from './agent/evidence';
import type { Session } from './agent/session';
import { subagentsOf } from './agent/subagent-report';
import { judgeAnswer, SourceShelf } from './evidence/answer';
import { sentencesOf, type Sentence } from './evidence/sentences';
import type { JudgedClaim, Source } from './evidence/types';
import { inputsOfCommand } from './host/run-inputs';
import { findJob, isDamaged, stateWord, type JobsPlace } from './jobs/jobs';
import { partOfLog } from './jobs/log';
import { inSlices, type Sliced } from './text/slices';

/** What of a session's runs is looked at, and where. */
export interface EvidencePlace {
  /** Where the session's jobs are; `undefined` where there are none. */
  jobs?: JobsPlace;
  /** Opens the journal of a subagent; `undefined` when it is gone. */
  subagent: (id: string) => Promise<Pick<Session, 'branch'> | undefined>;
}

/** A source with where its lines stand, where that is a file. */
type SessionSource = Source & { log?: string };

/** An answer that takes longer to compare, of thousands of numbers with thousands of runs, is shown without marks. */
const PATIENCE_MS = 10_000;

const NO_RUNS = new SourceShelf().index([]);

/** The evidence of one session, read on as it grows. */
export function sessionEvidence(place: EvidencePlace): Evidence {
  const shelf = new SourceShelf();
  return {
    claimsOf: async (answer, branch) => {
      // An answer that says nothing costs no look at the disk.
      if ((await inSlices(judgeAnswer(answer, NO_RUNS))).length === 0) return [];
      const sources = await sourcesOf(branch, place);
      const byId = new Map(sources.map((source) => [source.id, source]));
      const claims = (await inSlices(judging(answer, sources, shelf), PATIENCE_MS)) ?? [];
      const sentences = sentencesOf(answer);
      return claims.map((claim) => toldOf(claim, byId, sentences));
    },
  };
}

function* judging(answer: string, sources: readonly Source[], shelf: SourceShelf): Sliced<JudgedClaim[]> {
  return yield* judgeAnswer(answer, yield* shelf.read(sources));
}

function toldOf(
  claim: JudgedClaim,
  sources: ReadonlyMap<string, SessionSource>,
  sentences: readonly Sentence[],
): AnswerClaim {
  const { text, start, end, value, verdict, evidence } = claim;
  const source = evidence ? sources.get(evidence.source) : undefined;
  const sentence = sentences.find((one) => one.start <= start && end <= one.start + one.text.length);
  return {
    ...{ text, start, end, value },
    sentence: (sentence?.text ?? text).slice(0, MAX_SENTENCE),
    stale: verdict === 'stale',
    evidence:
      evidence && source
        ? {
            ...evidence,
            title: source.title.slice(0, MAX_TITLE),
            ...(source.session === undefined ? {} : { session: source.session }),
            ...(source.log === undefined ? {} : { log: source.log }),
          }
        : null,
  };
}

const MAX_SENTENCE = 300;
const MAX_TITLE = 200;
const MAX_RUNS = 300;
const MAX_JOBS = 60;
const MAX_LOG_LINES = 8_000;
/** A file may be written a moment after the run's own end was noted. */
const SLACK_MS = 1_500;

/** Everything that was run in a session and by its subagents, oldest first. */
export async function sourcesOf(branch: readonly JournalEntry[], place: EvidencePlace): Promise<SessionSource[]> {
  const changes = changesIn(branch);
  const own = await runsOf(branch, changes);
  const others = await Promise.all(
    subagentsOf(branch).map(async ({ session }) => {
      const child = await place.subagent(session);
      return child ? runsOf(child.branch, changes, session) : [];
    }),
  );
  const jobs = await jobsIn(branch, changes, place.jobs);
  return [...own, ...others.flat(), ...jobs, ...recordsIn(branch)].sort((one, other) => one.at - other.at);
}

interface Changed {
  path: string;
  at: number;
}

/** What tools and people's undos wrote, with when; a subagent's changes stand in its parent's journal too. */
function changesIn(branch: readonly JournalEntry[]): Changed[] {
  return branch.flatMap(({ at, event }) => {
    const time = Date.parse(at) || 0;
    if (event.type === 'change') return [{ path: event.change.path, at: time }];
    return event.type === 'undo' ? event.changes.map(({ path }) => ({ path, at: time })) : [];
  });
}

/** What tools told of earlier runs: a ledger's records, say. Each record names its own run, so no file makes it stale. */
function recordsIn(branch: readonly JournalEntry[]): Source[] {
  const titles = new Map<string, string>();
  return branch.flatMap(({ at, event }): Source[] => {
    if (event.type === 'tool-start') titles.set(event.call, event.title);
    if (event.type !== 'tool-end' || event.view?.kind !== 'text' || event.view.measured === undefined) return [];
    const {
      call,
      isError,
      view: { measured },
    } = event;
    const told = { id: call, kind: 'ledger' as const, title: titles.get(call) ?? '', lines: linesOf(measured) };
    return [{ ...told, failed: isError, at: Date.parse(at) || 0, inputs: [], changedSince: [] }];
  });
}

type Command = Extract<View, { kind: 'command' }>;

async function runsOf(
  branch: readonly JournalEntry[],
  changes: readonly Changed[],
  session?: string,
): Promise<Source[]> {
  const runs = branch.flatMap(({ at, event }) =>
    event.type === 'tool-end' && event.view?.kind === 'command'
      ? [{ at: Date.parse(at) || 0, event, view: event.view }]
      : [],
  );
  return Promise.all(
    runs.slice(-MAX_RUNS).map(async ({ at, event, view }) => ({
      ...sourceOf(event, view),
      ...(await restsOn(view.command, view.cwd, at, changes)),
      at,
      ...(session === undefined ? {} : { session }),
    })),
  );
}

function sourceOf(
  { call, isError }: Extract<DurableEvent, { type: 'tool-end' }>,
  { command, output, exitCode }: Command,
): Omit<Source, 'at' | 'inputs' | 'changedSince'> {
  return {
    id: call,
    kind: onlyReads(command) ? 'read' : 'run',
    title: command,
    lines: linesOf(output),
    failed: isError || exitCode !== 0,
  };
}

function linesOf(text: string): string[] {
  return text === '' ? [] : text.split('\n');
}

/** Programs that print what they are given, or what stands in a text: nothing was measured by them. */
const PRINTS = /^\s*(?:cd\s+[^;&|]+(?:&&|;)\s*)?(?:echo|printf|true|:|write-output|write-host)(?:\s|$)/iu;
const READS = /^\s*(?:cd\s+[^;&|]+(?:&&|;)\s*)?(?:cat|bat|head|tail|less|more|sed|type|get-content|gc|grep|rg|nl)\s/iu;
const WRITTEN = /\.(?:md|mdx|rst|txt|adoc|py|ipynb|ya?ml|toml|cfg|ini|tex|html?|[cm]?[jt]sx?|sh|r|jl)(?:["'\s:]|$)/iu;

function onlyReads(command: string): boolean {
  const parts = command
    .split(/&&|;|\|\|/u)
    .filter((part) => !/^\s*(?:cd|set|export)\s/u.test(part) && part.trim() !== '');
  return parts.length > 0 && parts.every((part) => PRINTS.test(part) || (READS.test(part) && WRITTEN.test(part)));
}

/** What a run rests on, and what of it, or of all else, was changed after its end. */
async function restsOn(
  command: string,
  cwd: string,
  end: number,
  changes: readonly Changed[],
): Promise<Pick<Source, 'inputs' | 'changedSince'>> {
  const inputs = await inputsOfCommand(command, cwd);
  const touched = inputs.filter(({ isFolder, mtime }) => !isFolder && mtime > end + SLACK_MS).map(({ path }) => path);
  // A text about the code changes no result; where one was named, its own time tells.
  const written = changes
    .filter(({ at, path }) => at > end && !/\.(?:md|rst|txt|adoc)$/iu.test(path))
    .map(({ path }) => path);
  return { inputs: inputs.map(({ path }) => path), changedSince: [...new Set([...touched, ...written])] };
}

/** The jobs that the session's calls told of, each as it is now. */
async function jobsIn(
  branch: readonly JournalEntry[],
  changes: readonly Changed[],
  place: JobsPlace | undefined,
): Promise<SessionSource[]> {
  if (!place) return [];
  const ids = new Set<string>();
  for (const { event } of branch) {
    if (event.type === 'tool-end' && event.view?.kind === 'job') ids.add(event.view.job.id);
    if (event.type === 'tool-end' && event.waitsFor !== undefined) ids.add(event.waitsFor);
    if (event.type === 'prompt' && event.woken) ids.add(event.woken.job);
    if (event.type === 'subagent-end') event.jobs?.forEach((id) => ids.add(id));
    if (event.type === 'tool-end' && event.view?.kind === 'command' && event.view.job !== undefined)
      ids.add(event.view.job);
  }
  const found = await Promise.all([...ids].slice(-MAX_JOBS).map((id) => jobSource(id, changes, place)));
  return found.filter((source) => source !== undefined);
}

async function jobSource(
  id: string,
  changes: readonly Changed[],
  place: JobsPlace,
): Promise<SessionSource | undefined> {
  const job = await findJob(place, id);
  if (!job || isDamaged(job)) return undefined;
  const { record } = job.found;
  const log = await stat(record.log).catch(() => undefined);
  const at = job.found.exit ? Date.parse(job.found.exit.at) || 0 : (log?.mtimeMs ?? 0);
  const state = stateWord(job.state);
  const isRunning = state === 'running' || state === 'starting' || state === 'waiting';
  const { lines } = await partOfLog(record.log, { from: 'tail' }, MAX_LOG_LINES, new AbortController().signal);
  return {
    id,
    kind: 'job',
    title: record.command,
    lines: lines.map(({ text }) => text),
    ...(lines[0] && lines[0].number > 1 ? { firstLine: lines[0].number } : {}),
    failed: state !== 'ok' && !isRunning,
    ...(isRunning ? { isRunning } : {}),
    log: record.log,
    at,
    ...(await restsOn(record.command, record.cwd, at, changes)),
  };
}

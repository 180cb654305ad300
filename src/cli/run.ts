import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { AskPerson } from '../agent/calls';
import { ruleText } from '../agent/approval';
import type { DayLedger, Limits } from '../agent/budget';
import type { JournalEntry, RunEnd } from '../agent/events';
import { claimsIn } from '../agent/evidence';
import { runAgent, type Prompt, type RunOptions } from '../agent/loop';
import { DEFAULT_COMPACTION } from '../agent/make-room';
import type { Model } from '../agent/model';
import { saidIn } from '../agent/said';
import { Session } from '../agent/session';
import { Subagents } from '../agent/subagents';
import { UserError } from '../agent/tool';
import { loadEngineer, shownIn, type Engineer } from '../engineer';
import { dayLedger, spendingFolder } from '../host/day-ledger';
import { fileStore } from '../host/file-store';
import type { Host } from '../host/host';
import { createNodeHost, statFile } from '../host/node';
import { EYES } from '../jobs/eyes';
import type { JobsPlace } from '../jobs/jobs';
import type { JobsHome } from '../jobs/start';
import { keepEnded, keepingOf } from '../ledger/keep';
import type { Places } from '../library/library';
import { skillFolders } from '../library/places';
import { editorSessions, findSession, jobsOf, stateFolder } from '../host/session-folders';
import { countOf } from '../text/counting';
import { Catalogue } from '../models/catalogue';
import { effortChoice, type Effort } from '../models/capabilities';
import { environmentCredential, modelChoice } from '../models/credential';
import { checkpointStore } from './checkpoint-home';
import { claimLines } from './claims';
import { evidenceOptions } from './evidence';
import { createCrew } from './crew';
import { guardsOf } from './guard';
import { Countdown, type Terminal } from './countdown';
import { loadProject } from './project';
import { endOf, eventPrinter, exitCodeOf, printable, resultOf, type Streams } from './output';
import type { RunArguments } from './arguments';
import { jobsHome } from './job-home';
import { limitLines } from './limit-lines';
import { libraryChoices, limitsOf, patienceOf, readSettings, type Settings } from './settings';
import { tidyUp } from './tidy';
import { jobsOfSession, leftOf, newsOfJobs, type JobResult, type Woken } from './waiting';
import { webOf } from './web';

/** Hashing what many runs made takes a while; the next run goes on with it. */
const KEEP_MS = 60_000;

export interface RunWorld {
  places: Places;
  streams: Streams;
  /** The user's settings file; need not exist. */
  settings: string;
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
  /** Where a person sits; none by default. */
  terminal?: Terminal;
}

/** Runs one prompt without an editor and gives the exit code. Throws UserError for what can be told before it starts. */
export async function run(given: RunArguments, world: RunWorld): Promise<number> {
  const { streams, signal, places } = world;
  if ((await statFile(given.cwd))?.type !== 'directory') throw new UserError(`${given.cwd} is not a folder.`);
  const text = given.prompt === '-' ? await readInput() : given.prompt;
  const place = await placeOf(given, stateFolder(world.env, places.home));
  const sessionsFolder = dirname(place);
  const [project, settings] = await Promise.all([loadProject(given, streams), readSettings(world.settings)]);
  const host = createNodeHost({
    folders: [given.cwd],
    commandVariables: () => project.variables,
    env: world.env,
    alsoInside: [sessionsFolder, jobsOf(stateFolder(world.env, places.home)), ...skillFolders(places)],
  });
  const web = webOf(given.webSearch, settings.web ?? {}, world.env);
  const choices = libraryChoices(settings, given.trustProject);
  const guards = await guardsOf(host.folders, [...project.artefacts, ...(settings.artefacts ?? [])], world);
  const jobs = { ...jobsHome(world, settings, given.noLedger), noting: () => guards };
  const [engineer, session] = await Promise.all([
    loadEngineer({
      host,
      places,
      web,
      mode: project.policy.mode,
      choices,
      jobs,
      ...(given.droid === undefined ? {} : { droid: given.droid }),
    }),
    Session.open(basename(place), fileStore(place)),
    given.script === undefined ? loadSdk() : undefined,
  ]);
  if (session.damaged.length > 0)
    streams.err(
      `! Left out, since it could not be read: ${countOf(session.damaged.length, 'line|lines')} of this session.\n`,
    );
  for (const problem of engineer.problems) streams.err(`! ${printable(problem)}\n`);
  const print = eventPrinter(given.outputFormat, streams);
  const countdown = new Countdown(world.terminal ?? { err: streams.err, draws: false, keys: undefined });
  const catalogue = new Catalogue();
  const { mode } = project.policy;
  const crew = createCrew({
    ...{ host, places, mode, web, choices, jobs, sessionsFolder, catalogue, print },
    env: world.env,
    wire: { env: world.env, patience: patienceOf(settings) },
    ask: nobodyToAsk,
  });
  const subagents = new Subagents<Host>(session, crew);
  const checkpoints = checkpointStore(given.cwd, world, settings);
  const offer = { env: world.env, catalogue };
  const model = await chooseModel(given, settings, engineer, offer);
  const ledger = dayLedger(spendingFolder(world.env, places.home));
  const limits = limitsOf(given.limits, settings);
  const began = performance.now();
  const first = session.entries.length;
  const evidence = evidenceOptions(given, settings, {
    jobs: { state: jobs.state, folders: [given.cwd] },
    subagent: (id) => crew.open(id),
  });
  const options = async (prompt: Prompt, left: Limits): Promise<RunOptions<Host>> => ({
    session,
    head: engineer.head,
    prompt: { ...prompt, from: 'terminal' },
    notesBetween: engineer.notesBetween,
    model,
    tools: engineer.tools,
    host,
    // What comes over standard input may be anybody's words.
    policy: () => ({ ...project.policy, ...(given.prompt === '-' ? {} : { said: saidIn([text]) }) }),
    ask: nobodyToAsk,
    secrets: [...engineer.secrets, ...keysIn(world.env)],
    ...(evidence && { evidence }),
    guard: guards.guard,
    ...(settings.checkpoints?.enabled === false ? {} : { checkpoints: { lazy: true, take: () => checkpoints.take() } }),
    limits: left,
    ledger,
    signal,
    compaction: {
      at: settings.compactAt === undefined ? DEFAULT_COMPACTION.at : settings.compactAt / 100,
      now: given.compact,
      writer: async () => {
        const wanted = given.summaryModel ?? settings.summaryModel;
        return wanted && given.script === undefined ? modelNamed(wanted, settings, offer) : undefined;
      },
    },
    retrying: { retryNow: (ended) => countdown.wait(ended) },
    subagents,
  });
  const runOnce = async (prompt: Prompt, left: Limits): Promise<void> => {
    for await (const event of runAgent(await options(prompt, left))) {
      if (event.type === 'retry') countdown.show(event);
      print(event);
    }
  };
  await runOnce(await engineer.prompt({ text, branch: session.branch }), limits);
  const jobsPlace = { state: jobs.state, folders: [given.cwd] };
  const going = { session, first, limits, began, place: jobsPlace, signal };
  for (let next = await woken(going); next; next = await woken(going)) {
    const { notes, ...prompt } = await engineer.prompt({ text: '', branch: session.branch });
    await runOnce({ ...prompt, notes, text: next.text, woken: { job: next.job } }, next.left);
  }
  await endBackground(host, subagents, streams);
  for (const text of await guards.guard.late(session.id)) streams.err(`! ${printable(text)}\n`);
  await keepRuns(jobsPlace, { ...jobs, secrets: [...engineer.secrets, ...keysIn(world.env)] }, host, world);
  await session.close();
  const ran = session.entries.slice(first);
  const code = await report(given, { session, ran, jobs: await jobsOfSession(jobsPlace, session.id) }, ledger, streams);
  await checkpoints.tidy();
  const state = stateFolder(world.env, places.home);
  await tidyUp(given.sessionDir ?? join(state, 'sessions'), state, settings);
  return code;
}

/** Jobs that ended while nobody looked go into the ledger too; a disk that is read-only is no fault of the run. */
async function keepRuns(place: JobsPlace, jobs: JobsHome, host: Host, { streams, signal }: RunWorld): Promise<void> {
  const timeUp = new AbortController();
  const timer = setTimeout(() => timeUp.abort(), KEEP_MS);
  const stop = AbortSignal.any([signal, timeUp.signal]);
  const kept = await keepEnded(place, EYES, keepingOf(jobs, host, stop)).catch((error: unknown) => {
    if (stop.aborted) return [];
    throw error;
  });
  clearTimeout(timer);
  for (const one of kept) if ('problem' in one) streams.err(`! ${printable(one.problem)}\n`);
}

/** The keys of this run: what a command prints of them, or a file holds, goes nowhere. */
function keysIn(env: NodeJS.ProcessEnv): string[] {
  const names = ['ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN', 'BRAVE_API_KEY', 'TAVILY_API_KEY'];
  return names.flatMap((name) => env[name] || []);
}

/** Nothing outlives the command line: what still runs in the background is stopped, and that is said. */
async function endBackground(host: Host, subagents: Subagents<Host>, streams: Streams): Promise<void> {
  for (const { session, droid, description } of await subagents.cutAll()) {
    const what = printable(`${droid} (${session}): ${description}`);
    streams.err(`Stopped the background subagent ${what}, since the run is over.\n`);
  }
  for (const { id, command, log } of host.background().filter((one) => !one.ended)) {
    await host.stopBackground(id);
    streams.err(`Stopped the background command %${id}, since the run is over: ${printable(command)} (log: ${log})\n`);
  }
}

/** Parsing the SDK takes as long as asking the interpreter its version: both at once, the question first. */
async function loadSdk(): Promise<void> {
  await setImmediate();
  await import('@anthropic-ai/sdk');
}

interface Going {
  session: Session;
  /** How many entries there were before this message. */
  first: number;
  limits: Limits;
  /** As `performance.now()` counts. */
  began: number;
  place: JobsPlace;
  signal: AbortSignal;
}

/**
 * What a run that waits goes on with, once there is news, and what it may still use. Whoever set a time counts on it, so
 * the time of waiting is in it; the job goes on.
 */
async function woken(going: Going): Promise<(Woken & { left: Limits }) | undefined> {
  const { session, first, limits, began, place, signal } = going;
  const end = endOf(session.entries.slice(first));
  if (end?.reason !== 'waiting') return undefined;
  const minutes = (): number => (performance.now() - began) / 60_000;
  const ms = limits.minutes === undefined ? undefined : Math.max(0, (limits.minutes - minutes()) * 60_000);
  // A timer of our own: a signal of AbortSignal.timeout that only AbortSignal.any knows may be collected before it fires.
  const timeUp = new AbortController();
  const timer = ms === undefined ? undefined : setTimeout(() => timeUp.abort(), Math.min(ms, 2 ** 31 - 1));
  const news = await newsOfJobs(end.jobs, place, AbortSignal.any([signal, timeUp.signal]));
  clearTimeout(timer);
  if (!news && signal.aborted) {
    await session.append({ type: 'run-end', reason: 'stopped' });
    return undefined;
  }
  const left = leftOf(limits, session.entries.slice(first), minutes());
  if (news && !('reason' in left)) return { ...news, left };
  const value = limits.minutes ?? 0;
  await session.append({
    type: 'run-end',
    ...('reason' in left ? left : { reason: 'limit', limit: 'minutes', value }),
  });
  return undefined;
}

interface Reported {
  session: Session;
  /** The entries of this message and all it waited for. */
  ran: readonly JournalEntry[];
  jobs: JobResult[];
}

const GOES_ON: ReadonlySet<JobResult['state']> = new Set(['waiting', 'starting', 'running']);

async function report(
  { outputFormat, cwd }: RunArguments,
  { session, ran, jobs }: Reported,
  ledger: DayLedger,
  streams: Streams,
): Promise<number> {
  const result = resultOf(ran, session.id, (path) => shownIn([cwd], path), jobs);
  const end = endOf(ran);
  if (outputFormat === 'json') streams.out(`${JSON.stringify(result, null, 2)}\n`);
  if (outputFormat === 'text') {
    if (end?.reason === 'failed') streams.err(`${printable(result.result)}\n${canGoOn(end) ? goOnLine(session) : ''}`);
    else if (result.result !== '' || end?.reason !== 'limit') streams.out(`${printable(result.result)}\n`);
    if (end?.reason === 'limit') streams.err(printable(await limitLines(end, session, ledger)));
    for (const { id, title } of jobs.filter(({ state }) => GOES_ON.has(state)))
      streams.err(`Job ${id} goes on: ${printable(title)} (ml-engineer jobs status ${id})\n`);
    for (const line of claimLines(claimsIn(ran))) streams.err(`${printable(line)}\n`);
    streams.err(`${summary(result, session.id)}\n`);
  }
  return exitCodeOf(end, result.denied);
}

/** Where the same session may get further. */
function canGoOn({ code }: Extract<RunEnd, { reason: 'failed' }>): boolean {
  return code === 'busy' || code === 'offline' || code === 'unfinished';
}

function goOnLine({ id }: Session): string {
  return `Go on with --resume ${id} "go on".\n`;
}

function summary({ usage, cost_usd, turns }: ReturnType<typeof resultOf>, id: string): string {
  const input = usage.input_tokens + usage.cache_read_input_tokens + usage.cache_creation_input_tokens;
  const cost = cost_usd === null ? 'price unknown' : `$${cost_usd.toFixed(4)}`;
  return `${turns} turns, ${input} tokens in, ${usage.output_tokens} out, ${cost}. Session ${id}.`;
}

/** Nobody can be asked here: the call is refused with the flag that would allow it. */
const nobodyToAsk: AskPerson = async ({ tool, judgement }) => {
  const flag = judgement.offer
    ? `--allow '${ruleText(judgement.offer)}'`
    : judgement.protected
      ? 'an --allow rule that names it exactly'
      : `--allow '${tool}(...)'`;
  return {
    decision: 'deny',
    by: 'headless',
    reason: `it needs permission (${judgement.reason}) and nobody can be asked here. ${flag} allows it.`,
  };
};

interface Offered {
  env: NodeJS.ProcessEnv;
  catalogue: Catalogue;
}

async function chooseModel(
  given: RunArguments,
  settings: Settings,
  { droid }: Engineer,
  offered: Offered,
): Promise<Model> {
  if (given.script !== undefined) {
    const { loadScriptedModel } = await import('../models/scripted');
    return loadScriptedModel(given.script);
  }
  const choice = modelChoice({
    flag: given.model,
    environment: offered.env['ANTHROPIC_MODEL'],
    setting: settings.model,
    droid: droid.model,
  });
  return modelNamed(
    choice,
    settings,
    offered,
    effortChoice({ flag: given.effort, setting: settings.effort, droid: droid.effort }),
  );
}

async function modelNamed(
  name: string,
  settings: Settings,
  { env, catalogue }: Offered,
  effort?: Effort,
): Promise<Model> {
  const credential = environmentCredential(env);
  if (!credential) {
    throw new UserError(
      'No API key for Anthropic. Set ANTHROPIC_API_KEY (and ANTHROPIC_BASE_URL for another endpoint), or play recorded turns with --script.',
    );
  }
  const [{ createAnthropicModel }, { modelIdOf }] = await Promise.all([
    import('../models/anthropic'),
    import('../models/families'),
  ]);
  const wire = { env, patience: patienceOf(settings) };
  return createAnthropicModel({ model: await modelIdOf(name, { catalogue, credential }), credential, wire, effort });
}

/** The folder of the session: a new one, or an earlier one of the terminal's or of an editor's. */
async function placeOf({ resume, sessionDir }: RunArguments, state: string): Promise<string> {
  const folder = sessionDir ?? join(state, 'sessions');
  if (resume !== undefined) {
    const others = sessionDir === undefined ? await editorSessions(state).catch(() => []) : [];
    const known = await findSession(resume, [folder, ...others]);
    if (known !== undefined) return known;
    const ids = (await readdir(folder).catch(() => [])).filter((id) => /^\w/u.test(id) && !id.includes('-agent-'));
    const last = ids
      .filter((id) => !id.includes('.'))
      .sort()
      .at(-1);
    throw new UserError(
      `There is no session ${resume} in ${[folder, ...others].join(' or ')}. ${last === undefined ? 'There are none.' : `The last is ${last}.`}`,
    );
  }
  const stamp = new Date().toISOString().replaceAll(/[-:]|\..*/gu, '');
  return join(folder, `${stamp}-${randomBytes(3).toString('hex')}`);
}

async function readInput(): Promise<string> {
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) text += chunk as string;
  if (text.trim() === '') throw new UserError('There was nothing on standard input to use as the prompt.');
  return text;
}

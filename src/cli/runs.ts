import { basename } from 'node:path';
import { UserError } from '../agent/tool';
import { envFileSecrets } from '../host/env-secrets';
import { stateFolder } from '../host/session-folders';
import type { Host } from '../host/host';
import { createNodeHost } from '../host/node';
import { EYES } from '../jobs/eyes';
import type { JobsHome } from '../jobs/start';
import { directionOf, metricNamed, metricNames, rank } from '../ledger/best';
import type { Book } from '../ledger/book';
import { diffStat } from '../ledger/commits';
import { comparisonOf, warningText } from '../ledger/comparison';
import { keepEnded, keepingOf } from '../ledger/keep';
import { mergeAdvice } from '../ledger/merging';
import { addNote } from '../ledger/note';
import type { Run } from '../ledger/parse';
import { queried, runNamed, sortNamed } from '../ledger/query';
import { repeatKey, repeatsOf, spreadOver } from '../ledger/repeats';
import { comparisonText, rankingText, runLine, runText } from '../ledger/tell';
import { planOf } from '../reproduce/plan';
import { reproduce } from '../reproduce/reproduce';
import { DEFAULT_TOLERANCE } from '../reproduce/verdict';
import { RunTable } from '../trackers/table';
import type { RunsArguments } from './subcommands';
import { jobsHome } from './job-home';
import { printable } from './output';
import type { RunWorld } from './run';
import { readSettings } from './settings';

/** What a person asks of the ledger in a terminal. Gives the exit code; throws UserError for a run that is not there. */
export async function runs(given: RunsArguments, world: RunWorld): Promise<number> {
  const { streams, signal } = world;
  const home = jobsHome(world, await readSettings(world.settings));
  const path = home.ledger?.();
  const host = createNodeHost({ folders: [given.cwd], env: world.env });
  const secrets = await envFileSecrets([given.cwd]);
  const place = { state: stateFolder(world.env, world.places.home), folders: [given.cwd] };
  // What ended while nobody looked is in the list as well.
  const kept = await keepEnded(place, EYES, keepingOf({ ...home, secrets }, host, signal));
  const folders = [{ name: basename(given.cwd), path: given.cwd }];
  const ignores = (paths: readonly string[], cwd: string): Promise<string | undefined> => host.ignores(paths, cwd);
  const book = await new RunTable().read({ folders, path, ignores, mlflow: home.mlflow, signal });
  if (path === undefined && (book.runs.length === 0 || given.verb === 'note'))
    throw new UserError(`The ledger is turned off ("ledger" in ${world.settings}).`);
  const problems = [...kept.flatMap((one) => ('problem' in one ? [one.problem] : [])), ...book.problems];
  for (const problem of problems) streams.err(`! ${printable(problem)}\n`);
  const jobs = { ...home, secrets };
  const { text, json, code = 0 } = await VERBS[given.verb](given, { book, path: path ?? '', jobs, host, signal });
  streams.out(given.json ? `${JSON.stringify(json, null, 2)}\n` : `${printable(text)}\n`);
  const hasLedger = path !== undefined && book.runs.some(({ tracker }) => tracker === undefined);
  const advice = given.json || !hasLedger ? undefined : await mergeAdvice(given.cwd, path);
  if (advice !== undefined) streams.err(`${printable(advice)}\n`);
  return code;
}

interface Open {
  book: Book;
  path: string;
  jobs: JobsHome;
  host: Host;
  signal: AbortSignal;
}

interface Said {
  text: string;
  json: unknown;
  /** The exit code, where it is not 0. */
  code?: number;
}

type Verb = (given: RunsArguments, open: Open) => Said | Promise<Said>;

const VERBS: Record<RunsArguments['verb'], Verb> = { list, show, compare, best, note, reproduce: reproduced };

function list({ filter, sort, limit = Infinity }: RunsArguments, { book }: Open): Said {
  const found = queried(book.runs, { filter, sort: sort && sortNamed(sort, (name) => metricIn(book.runs, name)) });
  const repeats = repeatsOf(book.runs);
  const shown = found.slice(0, limit);
  const none = book.runs.length === 0 ? 'The ledger holds no run yet: a job adds one when it ends.' : 'No run fits.';
  return {
    text: shown.map((run) => runLine(run, repeats)).join('\n') || none,
    json: shown.map((run) => entryOf(run, repeats)),
  };
}

function show({ names }: RunsArguments, { book }: Open): Said {
  const found = names.map((name) => wanted(book, name));
  const repeats = repeatsOf(book.runs);
  return {
    text: found.map((run) => runText(run, repeats)).join('\n\n'),
    json: found.map((run) => entryOf(run, repeats)),
  };
}

async function compare({ names, cwd }: RunsArguments, { book }: Open): Promise<Said> {
  const found = names.map((name) => wanted(book, name));
  const comparison = comparisonOf(found, book.runs);
  const [from = '', to = ''] = found.map(({ record }) => record.code?.commit ?? '');
  const stat = found.length === 2 ? await diffStat(cwd, from, to) : undefined;
  const repeats = repeatsOf(book.runs);
  const { rows, warnings } = comparison;
  return {
    text: comparisonText(comparison, stat),
    json: {
      ...{ runs: found.map((run) => entryOf(run, repeats)), rows, warnings: warnings.map(warningText) },
      diffStat: stat ?? null,
    },
  };
}

function best({ names: [metric = ''], direction, filter }: RunsArguments, { book }: Open): Said {
  const name = metricIn(book.runs, metric);
  const better = direction ?? directionOf(name);
  if (!better)
    throw new UserError(`Whether more of ${name} is better its name does not tell: give --direction min or max.`);
  const ranking = rank(queried(book.runs, { filter }), name, better);
  const repeats = repeatsOf(book.runs);
  const groups = ranking.groups.map(({ ranked, isDataKnown }) => ({
    isDataKnown,
    ranked: ranked.map(({ runs: own, spread }) => ({ spread, runs: own.map((run) => entryOf(run, repeats)) })),
  }));
  return { text: rankingText(ranking, name, better), json: { metric: name, direction: better, ...ranking, groups } };
}

async function note(given: RunsArguments, { book, path, jobs }: Open): Promise<Said> {
  const { names, hypothesis, verdict, cwd } = given;
  const run = wanted(book, names[0] ?? '');
  if (run.tracker !== undefined)
    throw new UserError(`${run.record.id} is a run of ${run.tracker}, which is only read.`);
  const added = await addNote(cwd, path, { of: run.record.id, by: 'person', hypothesis, verdict }, jobs.secrets);
  return { text: `Added to ${path}, for run ${run.record.id}.`, json: added };
}

/** The person's own word starts it: it is their command, from their ledger. 1 where the run did not come back. */
async function reproduced(
  { names, tolerance = DEFAULT_TOLERANCE }: RunsArguments,
  { book, jobs, host, signal }: Open,
): Promise<Said> {
  const plan = await planOf(wanted(book, names[0] ?? ''), jobs, host);
  const { text, verdict } = await reproduce(plan, jobs, host, { session: 'person', call: '', signal, tolerance });
  return { text, json: { run: plan.run.record.id, command: plan.command, ...verdict }, code: verdict.cameBack ? 0 : 1 };
}

function wanted({ runs: all }: Book, id: string): Run {
  const run = runNamed(all, id);
  if (!run) throw new UserError(`There is no one run ${id} in the ledger. "ml-engineer runs" lists them.`);
  return run;
}

function metricIn(all: readonly Run[], metric: string): string {
  const names = metricNames(all);
  const name = metricNamed(names, metric);
  if (name !== undefined) return name;
  const some = names.slice(0, 20).join(', ') || 'none';
  throw new UserError(`No one metric of the runs is called ${metric}. There are: ${some}.`);
}

/** For programs: the record as it is, where it stands, what was said of it last, and each metric over its repeats. */
function entryOf(run: Run, repeats: ReadonlyMap<string, Run[]>): object {
  const { record, file, line, tracker = null, hypothesis = null, verdict = null } = run;
  const group = repeats.get(repeatKey(record)) ?? [];
  const spread = Object.fromEntries(record.metrics.map(({ name }) => [name, spreadOver(group, name) ?? null]));
  return { file, line, tracker, hypothesis, verdict, spread, record };
}

import { UserError } from '../agent/tool';
import { jobsOf, stateFolder } from '../host/session-folders';
import { computeLine, sumOf } from '../jobs/compute';
import { EYES } from '../jobs/eyes';
import { findJob, isDamaged, listJobs, type JobStatus, type JobsPlace, type Looked } from '../jobs/jobs';
import { partOfLog } from '../jobs/log';
import { DEFAULT_STOP_SECONDS } from '../jobs/start';
import { spending } from '../jobs/spent';
import { stopJob } from '../jobs/stop';
import { describe, headLine, viewOf } from '../jobs/tell';
import { usageLine, usageOf } from '../jobs/usage';
import { glance } from '../jobs/wait';
import type { JobsArguments } from './subcommands';
import { printable } from './output';
import type { RunWorld } from './run';
import { readSettings } from './settings';

const DEFAULT_LINES = 40;

/** What a person does with jobs in a terminal. Gives the exit code; throws UserError for a job that is not there. */
export async function jobs(given: JobsArguments, world: RunWorld): Promise<number> {
  const place = { state: stateFolder(world.env, world.places.home), folders: [given.cwd] };
  const { out } = world.streams;
  const { verb, json } = given;
  const say = (text: string): void => out(`${printable(text)}\n`);
  if (verb === 'list') {
    const all = await listJobs(place);
    if (json) out(`${JSON.stringify(await Promise.all(all.map((one) => entryOf(one, world.signal))), null, 2)}\n`);
    else
      say(
        all.length === 0
          ? 'There are no jobs of this folder.'
          : [...all.map(lineOf), await todayLine(place.state)].join('\n'),
      );
    return 0;
  }
  const job = await wanted(place, given.id ?? '');
  if (verb === 'logs') {
    const view = await partOfLog(job.found.record.log, { from: 'tail' }, given.lines ?? DEFAULT_LINES, world.signal);
    say(view.lines.map(({ number, text }) => `${number}\t${text}`).join('\n'));
    return 0;
  }
  const now = verb === 'stop' ? await stopped(job, world) : job;
  if (json) out(`${JSON.stringify(await entryOf(now, world.signal), null, 2)}\n`);
  else say(await described(now, world.signal));
  return verb === 'stop' && now.state.state !== 'ended' ? 1 : 0;
}

/** What all jobs of the user, of every folder, have taken today. */
async function todayLine(state: string): Promise<string> {
  const all = await spending(jobsOf(state), new Date());
  return `Today all jobs together took ${computeLine(sumOf(all.map(({ today }) => today)))}.`;
}

async function stopped(job: JobStatus, { settings, signal, streams }: RunWorld): Promise<JobStatus> {
  const { jobs: set } = await readSettings(settings);
  const graceMs = (set?.stopSeconds ?? DEFAULT_STOP_SECONDS) * 1_000;
  return stopJob(job, { by: 'person', graceMs, signal, tell: (how) => streams.err(`${how}\n`) });
}

async function wanted(place: JobsPlace, id: string): Promise<JobStatus> {
  const found = await findJob(place, id);
  if (!found)
    throw new UserError(`There is no job ${id} of ${place.folders.join(', ')}. "ml-engineer jobs" lists them.`);
  if (isDamaged(found)) throw new UserError(`Job ${found.id} cannot be read: ${found.damaged}.`);
  return found;
}

function lineOf(one: Looked): string {
  return isDamaged(one) ? `Job ${one.id} cannot be read: ${one.damaged}.` : headLine(one);
}

async function described(job: JobStatus, signal: AbortSignal): Promise<string> {
  const [observed, usage] = await Promise.all([glance(job, EYES, signal), usageOf(job)]);
  const told = observed ? await describe(observed.status, observed.readings) : headLine(job);
  return usage ? `${usageLine(usage)}\n${told}` : told;
}

async function entryOf(one: Looked, signal: AbortSignal): Promise<object> {
  if (isDamaged(one)) return { id: one.id, damaged: one.damaged };
  const observed = await glance(one, EYES, signal);
  const status = observed?.status ?? one;
  const view = await viewOf(status, observed?.readings ?? { metrics: [], epochs: 0 });
  return { ...view, folder: status.folder, exit: status.found.exit ?? null, record: status.found.record };
}

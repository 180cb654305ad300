import { hostname } from 'node:os';
import * as vscode from 'vscode';
import { EYES } from '../../jobs/eyes';
import { countJobs, finishedJobs } from '../../jobs/finished';
import { isOver } from '../../jobs/job';
import type { JobsPlace, JobStatus } from '../../jobs/jobs';
import { tailOfLog } from '../../jobs/log';
import type { Observed } from '../../jobs/observe';
import { usagesOf, type Usage } from '../../jobs/usage';
import { glance } from '../../jobs/wait';
import type { JobWatcher } from '../../jobs/watcher';
import { chartsOf, growthOf } from '../../panel/folds/curves';
import { jobsOfPanel, MAX_FINISHED, NO_JOBS, type JobsSource } from '../../panel/folds/jobs';
import type { CurvesMessage, JobsLook, PanelJobs } from '../../panel/sections/jobs';
import { throttle } from '../../panel/throttle';
import { sizeOf } from '../../text/sizes';
import { isInLedger, jobNamed, openJobFolder, openLog, stopAfterEpoch, stopAsked } from '../job-actions';
import type { Log } from '../log';
import type { Actions, PanelWorld } from './world';

/** The page gets news of jobs no more often. */
const EVERY_MS = 1_000;
const USES_EVERY_MS = 3_000;
const TAIL_LINES = 30;
/** Finished jobs are looked for among so many of the latest: those that run are among them. */
const AMONG = MAX_FINISHED + 60;

export interface JobDeskWorld {
  watcher: JobWatcher;
  place: () => JobsPlace;
  /** Fires when a run was written into a ledger. */
  onDidKeep: vscode.Event<void>;
  log: Log;
}

const NOWHERE: JobsLook = { open: [], logs: [], finished: false };

/**
 * The jobs of the workspace as the panel shows them. While nobody sees the panel nothing is looked at, and while no job
 * runs nothing is looked at again: the window watches over its jobs anyway, and tells of what changed.
 */
export class JobDesk implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #draw = throttle(() => this.#drawn(), EVERY_MS);
  readonly #ended = new AbortController();
  readonly #listening: { dispose(): void }[];
  #seen = false;
  #look = NOWHERE;
  #list: PanelJobs = NO_JOBS;
  #uses = new Map<string, Usage>();
  #asking: NodeJS.Timeout | undefined;
  /** Jobs that ended before this window looked at them, as they were read when they were unfolded. */
  readonly #past = new Map<string, Observed>();
  readonly #reading = new Set<string>();
  #finished: JobStatus[] = [];
  #total = 0;
  /** How it stood when the finished ones were looked for. */
  #lookedAt = '';
  /** What of the curves the page has, by job. */
  readonly #sent = new Map<string, string>();

  constructor(private readonly world: JobDeskWorld) {
    this.#listening = [{ dispose: world.watcher.onChange(() => this.#ask()) }, world.onDidKeep(() => this.#ask())];
  }

  /** Drawn from more often than it changes. */
  get list(): PanelJobs {
    return this.#list;
  }

  /** Whether somebody sees the panel. */
  set seen(seen: boolean) {
    this.#seen = seen;
    clearTimeout(this.#asking);
    this.#asking = undefined;
    if (!seen) return;
    this.#lookedAt = '';
    this.#ask();
  }

  /** What is unfolded on the page. */
  look(look: JobsLook): void {
    this.#look = look;
    for (const id of this.#sent.keys()) if (!look.open.includes(id)) this.#sent.delete(id);
    for (const id of this.#past.keys()) if (!look.open.includes(id)) this.#past.delete(id);
    this.#ask();
  }

  /** The page is a new one, and has no curves. */
  reset(): void {
    this.#sent.clear();
  }

  /** The curves that the page does not have yet, and what to call once it took them. */
  curves(): { message: CurvesMessage; taken: () => void } | undefined {
    const grown = this.#look.open.flatMap((id) => {
      const series = this.#observed(id)?.series();
      const growth = series && growthOf(series);
      return series && growth !== this.#sent.get(id) ? [{ id, series, growth: growth ?? '' }] : [];
    });
    if (grown.length === 0) return undefined;
    const jobs = grown.map(({ id, series }) => ({ id, ...chartsOf(series) }));
    const taken = (): void => {
      for (const { id, growth } of grown) if (this.#look.open.includes(id)) this.#sent.set(id, growth);
    };
    return { message: { type: 'curves', jobs }, taken };
  }

  dispose(): void {
    clearTimeout(this.#asking);
    this.#ended.abort();
    this.#draw.dispose();
    for (const one of this.#listening) one.dispose();
    this.#changed.dispose();
  }

  #ask(): void {
    if (this.#seen) this.#draw.request();
  }

  #observed(id: string): Observed | undefined {
    return this.world.watcher.current.find(({ status }) => status.id === id) ?? this.#past.get(id);
  }

  async #drawn(): Promise<void> {
    try {
      await this.#findFinished();
      const watched = this.world.watcher.current;
      this.#askUses(watched);
      const when = new Intl.DateTimeFormat(vscode.env.language, { dateStyle: 'short', timeStyle: 'short' });
      this.#list = jobsOfPanel({
        ...{ now: Date.now(), host: hostname(), watched, details: await this.#details() },
        ...{ total: this.#total, finished: this.#finished.map((status) => this.#observed(status.id) ?? { status }) },
        when: (ms) => when.format(ms),
      });
      this.#changed.fire();
    } catch (error) {
      if (!this.#ended.signal.aborted) this.world.log.error('The jobs could not be shown', error);
    }
  }

  /** Only when one more began or ended, or the list was unfolded. */
  async #findFinished(): Promise<void> {
    const { watcher, place } = this.world;
    const { current } = watcher;
    const over = current.filter(({ status }) => isOver(status.state)).length;
    const now = JSON.stringify([current.length, over, this.#look.finished]);
    if (this.#lookedAt === now) return;
    this.#lookedAt = now;
    this.#total = await countJobs(place());
    this.#finished = this.#look.finished ? await finishedJobs(place(), AMONG) : [];
  }

  async #details(): Promise<JobsSource['details']> {
    const all = await Promise.all(
      this.#look.open.map(async (id) => {
        const observed = this.#observed(id);
        if (!observed) {
          void this.#read(id);
          return [];
        }
        const { status } = observed;
        const uses = this.#uses.get(id);
        const tail = this.#look.logs.includes(id) ? await tailText(status.found.record.log) : null;
        const isKept = isOver(status.state) && (await isInLedger(status));
        return [[id, { uses: uses ? usesWords(uses) : [], tail, inLedger: isKept }] as const];
      }),
    );
    return new Map(all.flat());
  }

  /** One of the finished jobs that the page was shown. Its log may be long, so nothing waits for it. */
  async #read(id: string): Promise<void> {
    const status = this.#finished.find((one) => one.id === id);
    if (!status || this.#reading.has(id)) return;
    this.#reading.add(id);
    try {
      const observed = await glance(status, EYES, this.#ended.signal);
      if (observed) this.#past.set(id, observed);
      this.#ask();
    } catch (error) {
      if (!this.#ended.signal.aborted) this.world.log.error(`Job ${id} could not be read`, error);
    } finally {
      this.#reading.delete(id);
    }
  }

  /** Asks the system what the unfolded jobs that run use, now and then. */
  #askUses(watched: readonly Observed[]): void {
    const running = watched.filter(
      ({ status: { id, state } }) => state.state === 'running' && this.#look.open.includes(id),
    );
    if (running.length === 0) this.#uses = new Map();
    if (running.length === 0 || this.#asking !== undefined || !this.#seen) return;
    this.#asking = setTimeout(() => (this.#asking = undefined), USES_EVERY_MS);
    this.#asking.unref();
    usagesOf(running.map(({ status }) => status))
      .then((uses) => {
        this.#uses = uses;
        this.#ask();
      })
      .catch((error: unknown) => this.world.log.error('What the jobs use could not be asked', error));
  }
}

async function tailText(log: string): Promise<string> {
  return (await tailOfLog(log, TAIL_LINES).catch(() => '')).trimEnd();
}

function usesWords({ cpuPercent, memoryBytes, processes, gpus }: Usage): string[] {
  return [
    vscode.l10n.t('CPU: {0} %', Math.round(cpuPercent)),
    vscode.l10n.t('Memory: {0} (processes: {1})', sizeOf(memoryBytes), processes),
    ...gpus.map(({ index, name, percent, usedMb, totalMb }) => {
      const memory = [usedMb, totalMb].map((mb) => (mb === undefined ? '?' : sizeOf(mb * 1_048_576)));
      return vscode.l10n.t('GPU {0} ({1}): {2} %, {3} of {4}', index, name, percent ?? '?', ...memory);
    }),
  ];
}

type JobMessage = 'lookJobs' | 'stopJob' | 'openJob';

export function jobActions({ jobDesk, jobsPlace, runShelf }: PanelWorld): Actions<JobMessage> {
  return {
    lookJobs: ({ look }) => jobDesk.look(look),
    stopJob: async ({ id, after }) => {
      const job = await jobNamed(jobsPlace(), id);
      await (after === 'now' ? stopAsked(job) : stopAfterEpoch(job));
    },
    openJob: async ({ id, what }) => {
      const job = await jobNamed(jobsPlace(), id);
      await { log: openLog, folder: openJobFolder, ledger: () => runShelf.showLine(id) }[what](job);
    },
  };
}

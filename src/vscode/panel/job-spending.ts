import { jobsOf } from '../../host/session-folders';
import type { JobsPlace } from '../../jobs/jobs';
import { spending, type JobSpending } from '../../jobs/spent';

/** Adding up reads the folder of each job of the last weeks. */
const HOLDS_MS = 10_000;

/** What all jobs took, as of a few seconds ago: a redraw must not wait for the disk each time. */
export class JobSpendings {
  #known: readonly JobSpending[] = [];
  #until = 0;

  constructor(private readonly place: () => Pick<JobsPlace, 'state'>) {}

  async now(): Promise<readonly JobSpending[]> {
    if (Date.now() < this.#until) return this.#known;
    this.#until = Date.now() + HOLDS_MS;
    // What cannot be read is shown as nothing; a start that is limited by it tells why.
    this.#known = await spending(jobsOf(this.place().state), new Date()).catch(() => []);
    return this.#known;
  }
}

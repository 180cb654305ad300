import type { Found, JobRecord, Sighting, Where } from './job';

/** From the gentlest: a program may save what it has, may tidy up, is gone. */
export type Ending = 'interrupt' | 'terminate' | 'kill';

/** Where jobs run that nobody says more of, and what the places need told. */
export interface Site {
  kind: Where['kind'];
  /** For sbatch, as the site has them: `--partition=gpu`. */
  slurmOptions: readonly string[];
  ray: RaySite;
}

export interface RaySite {
  /** Of the jobs of a cluster, as its dashboard has it; empty for what the environment says. */
  address: string;
  /** What a job reserves; it waits until that is free. */
  cpus: number;
  gpus: number;
}

export const HERE: Site = { kind: 'local', slurmOptions: [], ray: { address: '', cpus: 1, gpus: 0 } };

export interface Start {
  record: JobRecord;
  /** Absolute; holds all of the job's files. */
  folder: string;
  /** As it is, with no secret masked: it is kept nowhere. */
  environment: Readonly<Record<string, string>>;
  /** So long it has to end after an interrupt, in seconds, where its time is up. */
  graceSeconds: number;
}

/**
 * One way to run jobs: on this machine, or through a queue. A job's folder is the same for all, and so is what is read of
 * it: process.json or another handle, exit.json, the log. What a backend cannot have written while nobody was there it
 * writes when it looks.
 */
export interface Backend {
  readonly kind: Where['kind'];
  /** Where a job would run, for its record. Throws ToolError where it cannot run there. */
  where(site: Site): Promise<Where>;
  /** Starts the job whose folder is made. Settles when it runs or waits in its queue. Throws ToolError where it cannot. */
  start(start: Start): Promise<void>;
  look(found: Found): Promise<Sighting>;
  /** Asks all processes of the job to end. Nothing happens where there are none. */
  end(found: Found, how: Ending): Promise<void>;
  /** Brings the log up to date where it does not come by itself. */
  fetchLog?(found: Found): Promise<void>;
}

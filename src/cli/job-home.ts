import type { EngineerOptions } from '../engineer';
import { stateFolder } from '../host/session-folders';
import { HERE } from '../jobs/backend';
import { DEFAULT_STOP_SECONDS, DEFAULT_WAIT_MINUTES } from '../jobs/start';
import { ledgerPath } from '../ledger/place';
import { DEFAULT_PREFLIGHT } from '../preflight/gate';
import { mlflowServer } from '../trackers/mlflow-server';
import type { RunWorld } from './run';
import type { Settings } from './settings';

/** Where the command line's jobs are: those of every editor, too. */
export function jobsHome(
  { env, places }: Pick<RunWorld, 'env' | 'places'>,
  { jobs, ledger, runs, artefacts = [] }: Settings,
  noLedger = false,
): NonNullable<EngineerOptions['jobs']> {
  const path = noLedger ? undefined : ledgerPath(ledger?.enabled, ledger?.folder);
  return {
    ledger: () => path,
    artefacts: () => artefacts,
    mlflow: () => mlflowServer(runs?.mlflow ?? '', env),
    state: stateFolder(env, places.home),
    waitSeconds: () => (jobs?.waitMinutes ?? DEFAULT_WAIT_MINUTES) * 60,
    stopSeconds: () => jobs?.stopSeconds ?? DEFAULT_STOP_SECONDS,
    site: () => ({
      kind: jobs?.where ?? HERE.kind,
      slurmOptions: jobs?.slurm?.options ?? HERE.slurmOptions,
      ray: {
        address: jobs?.ray?.address ?? HERE.ray.address,
        cpus: jobs?.ray?.cpus ?? HERE.ray.cpus,
        gpus: jobs?.ray?.gpus ?? HERE.ray.gpus,
      },
    }),
    compute: () => ({
      limits: jobs?.budget ?? {},
      ...(jobs?.pricePerHour === undefined ? {} : { usdPerHour: jobs.pricePerHour }),
      ...(jobs?.pricePerGpuHour === undefined ? {} : { usdPerGpuHour: jobs.pricePerGpuHour }),
    }),
    preflight: () => ({
      mode: jobs?.preflight ?? DEFAULT_PREFLIGHT.mode,
      longMinutes: jobs?.longMinutes ?? DEFAULT_PREFLIGHT.longMinutes,
      ...(jobs?.pricePerHour === undefined ? {} : { pricePerHour: jobs.pricePerHour }),
    }),
  };
}

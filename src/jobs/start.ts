import { writeFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { noteFiles, type Noting } from '../artefacts/noted';
import type { Host } from '../host/host';
import { realPath, within } from '../host/paths';
import { maskSecrets } from '../text/secrets';
import { budgetFor, refuseUsedUp } from './allowance';
import { HERE, type Site } from './backend';
import type { ComputeLimits } from './compute';
import { factsOf, type Facts } from './facts';
import { JOB_VERSION, type JobExit, type JobRecord, type Watch } from './job';
import { backendOf, rootFor, type JobsPlace } from './jobs';
import { startedAt as startOf } from './process';
import { appendEvent, createJob, newJobId } from './store';
import { FILES, WRAPPER } from './supervisor';

export const DEFAULT_WAIT_MINUTES = 10;
export const DEFAULT_STOP_SECONDS = 10;

export const PREFLIGHT_MODES = ['off', 'suggest', 'required'] as const;

/** What is to be tried before a job that may be long. */
export interface PreflightSettings {
  /** `required`: one that may be long does not start without. */
  mode: (typeof PREFLIGHT_MODES)[number];
  /** From so many minutes on a job is long. */
  longMinutes: number;
  /** US dollars that an hour of this machine costs. */
  pricePerHour?: number;
}

/** What jobs may take, and what an hour costs in US dollars. */
export interface ComputeSettings {
  limits: ComputeLimits;
  usdPerHour?: number;
  usdPerGpuHour?: number;
}

/** What whoever has jobs must be told once. */
export interface JobsHome {
  /** The folder of what lasts. */
  state: string;
  /** Values that are masked wherever they stand. */
  secrets: readonly string[];
  /** So long a call waits for a job, in seconds; read for each. */
  waitSeconds: () => number;
  /** So long a job has to end after an interrupt, and again after the wish to end; read for each. */
  stopSeconds: () => number;
  /** The ledger that runs are written into, from the workspace folder; none where it gives none. Read for each job. */
  ledger?: () => string | undefined;
  /** Globs of the user's own for what counts as data, checkpoints and models; read for each job that ended. */
  artefacts?: () => readonly string[];
  /** With what the guarded files are noted when a job begins, to be compared when it ends. */
  noting?: () => Pick<Noting, 'trash' | 'makers'>;
  /** Read for each job. */
  preflight?: () => PreflightSettings;
  /** Where jobs run, and what the places need told; read for each job. */
  site?: () => Site;
  /** Read for each job. Throws UserError for a limit that is none. */
  compute?: () => ComputeSettings;
  /** The MLflow server whose runs stand in the table with the ledger's; read for each look. */
  mlflow?: () => { address: string; authorization?: string } | undefined;
  /** Who starts them. */
  droid?: string;
  /** Told when a job was started or wished to end, so that who watches over jobs looks. */
  changed?: () => void;
}

export interface Wanted {
  command: string;
  /** Absolute. */
  cwd: string;
  title: string;
  hypothesis?: string | undefined;
  /** The words of the command as a shell reads them. */
  words: readonly string[];
  watches: readonly Watch[];
  minutes?: number | undefined;
  /** Where nothing else is said, the home's site tells it. */
  where?: Site['kind'] | undefined;
  session: string;
  call: string;
  /** The skill that is at work. */
  skill?: string | undefined;
  /** What was found out of it before, by the names of files in its folder. */
  beside?: Readonly<Record<string, string>>;
}

/** What is found out of a command once it outlives its limit. */
export interface FoundLate extends Pick<Wanted, 'words' | 'beside'> {
  /** What should have been done before, for its record. */
  missing?: string | undefined;
  /** The same for people, where they are to see it at once. */
  problem?: string | undefined;
}

export interface Started {
  id: string;
  folder: string;
  record: JobRecord;
}

export function placeOf(home: JobsHome, host: Host): JobsPlace {
  return { state: home.state, folders: host.folders.map(({ path }) => path) };
}

/** Starts a job and gives it once it runs. Throws ToolError or UserError where it did not begin. */
export async function startJob(home: JobsHome, host: Host, wanted: Wanted): Promise<Started> {
  const environment = await host.variables(wanted.cwd);
  const { record, files, root } = await described(home, host, wanted, environment);
  await refuseUsedUp(home, record);
  const script = FILES.script[host.dialect];
  const guarded = await notedFiles(home, host);
  const folder = await createJob(root, record, {
    ...wanted.beside,
    ...files,
    ...guarded,
    [script]: `${wanted.command}\n`,
  });
  await backendOf(record.where.kind).start({ record, folder, environment, graceSeconds: home.stopSeconds() });
  home.changed?.();
  return { id: record.id, folder, record };
}

async function notedFiles({ noting, artefacts }: JobsHome, { folders }: Host): Promise<Record<string, string>> {
  if (!noting) return {};
  const globs = artefacts?.() ?? [];
  return { [FILES.guarded]: await noteFiles({ ...noting(), folders, globs }, new AbortController().signal) };
}

async function described(
  home: JobsHome,
  host: Host,
  wanted: Wanted,
  environment: Readonly<Record<string, string>>,
  id = newJobId(new Date()),
): Promise<{ record: JobRecord; files: Record<string, string>; root: string }> {
  const { project, root } = await rootFor(placeOf(home, host), wanted.cwd);
  const python = (await host.environment()).python;
  const ledger = await ledgerFor(home, host, project, wanted.cwd);
  const { command, cwd, words } = wanted;
  const { secrets } = home;
  const site = siteOf(home, wanted.where);
  const [{ facts, files }, where] = await Promise.all([
    factsOf({ command, cwd, words, project, environment, python, secrets, ledger }),
    backendOf(site.kind).where(site),
  ]);
  const mask = (text: string): string => maskSecrets(text, secrets).text;
  const record: JobRecord = {
    version: JOB_VERSION,
    id,
    title: mask(wanted.title),
    ...(wanted.hypothesis === undefined ? {} : { hypothesis: mask(wanted.hypothesis) }),
    command: mask(command),
    cwd,
    project,
    where,
    dialect: host.dialect,
    ...(site.kind === 'local' ? facts : factsElsewhere(facts)),
    startedBy: {
      session: wanted.session,
      call: wanted.call,
      ...(home.droid === undefined ? {} : { droid: home.droid }),
      ...(wanted.skill === undefined || wanted.skill === '' ? {} : { skill: wanted.skill }),
    },
    startedAt: new Date().toISOString(),
    watches: [...wanted.watches],
    budget: await budgetFor(home, { ...wanted, environment, gpus: facts.gpus.length, site }),
    ...(ledger === undefined ? {} : { ledger }),
    log: join(root, id, FILES.log),
  };
  return { record, files, root };
}

/** Where a job runs whose start names this place, or none. */
export function siteOf({ site }: Pick<JobsHome, 'site'>, named: Site['kind'] | undefined): Site {
  const all = site?.() ?? HERE;
  return named === undefined ? all : { ...all, kind: named };
}

/** The cards of this machine are not those of the node that a queue picks. */
function factsElsewhere(facts: Facts): Facts {
  return { ...facts, gpus: [], missing: [...facts.missing, 'the GPUs of the machine that its queue picks'] };
}

/** Only a run in a trusted workspace folder has one, and where `.agentignore` names it there is none. */
async function ledgerFor(home: JobsHome, host: Host, project: string, cwd: string): Promise<string | undefined> {
  const path = home.ledger?.();
  if (path === undefined || !host.trusted || within(project, await realPath(cwd)) === undefined) return undefined;
  return (await host.ignores([join(project, path)], project)) === undefined ? path : undefined;
}

const NO_FILES = 'how its files were when it began: it became a job while it ran';

/** A command of Execute's that is about to outlive its limit, on its way to become a job. */
export interface TakingOver {
  wrapper: string;
  folder: string;
  take(running: { pid: number; startedAt: number; output: string }): Promise<string>;
  endedBefore(exit: { exitCode: number | null; signal: string | null }): Promise<void>;
  /** The job, once it was taken over. */
  taken(): Started | undefined;
}

/** Costs nothing until the command outlives its limit: only then is anything found out or written. */
export async function takeOver(
  home: JobsHome,
  host: Host,
  { found, ...given }: Omit<Wanted, 'words' | 'beside'> & { found: () => Promise<FoundLate> },
): Promise<TakingOver> {
  const { root } = await rootFor(placeOf(home, host), given.cwd);
  const id = newJobId(new Date());
  const folder = join(root, id);
  let taken: Started | undefined;
  return {
    wrapper: WRAPPER,
    folder,
    taken: () => taken,
    async take({ pid, startedAt, output }) {
      const started = await startOf(pid);
      const { missing, problem, ...late } = await found();
      const wanted = { ...given, ...late, where: 'local' } as const;
      const environment = await host.variables(wanted.cwd);
      const [{ record, files }, guarded] = await Promise.all([
        described(home, host, wanted, environment, id),
        notedFiles(home, host),
      ]);
      const handedOver: JobRecord = {
        ...record,
        startedAt: new Date(startedAt).toISOString(),
        startedBy: { ...record.startedBy, handedOver: true },
        missing: [...record.missing, NO_FILES, ...(missing === undefined ? [] : [missing])],
      };
      await createJob(root, handedOver, {
        ...wanted.beside,
        ...files,
        ...guarded,
        [FILES.script[host.dialect]]: `${wanted.command}\n`,
        [FILES.process]: JSON.stringify({ pid, started: started ?? '' }),
        [FILES.log]: output,
      });
      if (problem !== undefined)
        await appendEvent(folder, { type: 'problem', at: new Date().toISOString(), text: problem }).catch(
          () => undefined,
        );
      taken = { id, folder, record: handedOver };
      home.changed?.();
      return handedOver.log;
    },
    endedBefore: (exit) => recordMissing(folder, exit),
  };
}

/** Records an exit that the wrapper had no folder for. Nothing happens where it has recorded one. */
async function recordMissing(
  folder: string,
  { exitCode, signal }: { exitCode: number | null; signal: string | null },
): Promise<void> {
  const exit: JobExit = { code: exitCode, signal: signal?.replace(/^SIG/u, '') ?? null, at: new Date().toISOString() };
  const part = join(folder, `exit.late`);
  await writeFile(part, JSON.stringify(exit), { mode: 0o600 });
  // The reserved file is gone exactly where the wrapper has put it in its place.
  const reserved = join(folder, 'exit.part');
  await rename(reserved, `${reserved}.unused`);
  await rename(part, join(folder, FILES.exit));
}

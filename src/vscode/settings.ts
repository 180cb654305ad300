import * as vscode from 'vscode';
import * as z from 'zod';
import { BUDGETS, isLimit, limitForm, limitsFrom, type Budget, type Limits } from '../agent/budget';
import { UserError } from '../agent/tool';
import { MODES } from '../agent/approval';
import { EVIDENCE_MODES } from '../agent/evidence';
import { DEFAULT_COMPACTION } from '../agent/make-room';
import { DEFAULT_TRASH_RETENTION } from '../artefacts/retention';
import { DEFAULT_CHECKPOINTS } from '../checkpoints/bounds';
import { DEFAULT_RETENTION } from '../host/session-cleanup';
import { HERE, type Site } from '../jobs/backend';
import { DEFAULT_JOB_RETENTION } from '../jobs/clean';
import { PLACES } from '../jobs/job';
import { computeLimitsSchema } from '../jobs/compute';
import {
  DEFAULT_STOP_SECONDS,
  DEFAULT_WAIT_MINUTES,
  PREFLIGHT_MODES,
  type ComputeSettings,
  type PreflightSettings,
} from '../jobs/start';
import { isLedgerFolder } from '../ledger/place';
import { DEFAULT_PREFLIGHT } from '../preflight/gate';
import { DEFAULT_LEDGER_FOLDER } from '../ledger/record';
import { EFFORTS } from '../models/capabilities';
import { DEFAULT_PATIENCE, MAX_PATIENCE_SECONDS } from '../models/watched';
import { DEFAULT_SEARCH, SEARCH_SERVICES } from '../web/search/index';

/** A notebook's cell may take minutes, and the editor's own question counts in. */
const DEFAULT_OTHER_TOOL_SECONDS = 300;

const seconds = (defaultMs: number): z.ZodCatch<z.ZodNumber> =>
  z
    .number()
    .min(1)
    .max(MAX_PATIENCE_SECONDS)
    .catch(defaultMs / 1_000);

// Each falls back by itself: a typing mistake in one setting must not turn off the others.
const settingsSchema = z.object({
  model: z.string().trim().catch(''),
  effort: z.enum(['', ...EFFORTS]).catch(''),
  permissionMode: z.enum(MODES).catch('ask'),
  baseUrl: z.union([z.literal(''), z.url({ protocol: /^https?$/u })]).catch(''),
  firstByteSeconds: seconds(DEFAULT_PATIENCE.firstByteMs),
  silenceSeconds: seconds(DEFAULT_PATIENCE.silenceMs),
  droid: z.string().trim().catch('ml-engineer'),
  artefacts: z.array(z.string()).catch([]),
  'web.search': z.enum(SEARCH_SERVICES).catch(DEFAULT_SEARCH),
  'web.searxngUrl': z.string().trim().catch(''),
  'web.allowedHosts': z.array(z.string()).catch([]),
  otherTools: z.array(z.string()).catch([]),
  otherToolSeconds: z.number().min(1).max(3_600).catch(DEFAULT_OTHER_TOOL_SECONDS),
  /** Percent of the model's context. */
  compactAt: z
    .number()
    .min(30)
    .max(95)
    .catch(DEFAULT_COMPACTION.at * 100),
  summaryModel: z.string().trim().catch(''),
  evidence: z.enum(EVIDENCE_MODES).catch('ask'),
  'checkpoints.enabled': z.boolean().catch(true),
  'checkpoints.maxFileMb': z
    .number()
    .min(0.1)
    .max(1_000)
    .catch(DEFAULT_CHECKPOINTS.fileBytes / 1e6),
  'checkpoints.keepDays': z.int().min(1).max(10_000).catch(DEFAULT_CHECKPOINTS.days),
  'checkpoints.maxMb': z
    .number()
    .min(10)
    .max(1_000_000)
    .catch(DEFAULT_CHECKPOINTS.bytes / 1e6),
  'ledger.enabled': z.boolean().catch(true),
  'ledger.folder': z.string().refine(isLedgerFolder).catch(DEFAULT_LEDGER_FOLDER),
  'runs.mlflow': z.string().max(2_000).catch(''),
  'jobs.waitMinutes': z.number().min(0.01).max(240).catch(DEFAULT_WAIT_MINUTES),
  'jobs.stopSeconds': z.number().min(0).max(3_600).catch(DEFAULT_STOP_SECONDS),
  'jobs.preflight': z.enum(PREFLIGHT_MODES).catch(DEFAULT_PREFLIGHT.mode),
  'jobs.longMinutes': z.number().min(0.01).max(100_000).catch(DEFAULT_PREFLIGHT.longMinutes),
  /** US dollars. */
  'jobs.pricePerHour': z.number().min(0).max(100_000).nullable().catch(null),
  'jobs.where': z.enum(PLACES).catch(HERE.kind),
  'jobs.slurm.options': z.array(z.string()).catch([]),
  'jobs.ray.address': z.string().trim().catch(''),
  'jobs.ray.cpus': z.number().min(0).max(10_000).catch(HERE.ray.cpus),
  'jobs.ray.gpus': z.number().min(0).max(10_000).catch(HERE.ray.gpus),
  'jobs.pricePerGpuHour': z.number().min(0).max(100_000).nullable().catch(null),
  'jobs.keepDays': z.int().min(0).max(10_000).catch(DEFAULT_JOB_RETENTION.days),
  'review.codeLens': z.boolean().catch(true),
  'review.decorations': z.boolean().catch(true),
  'review.sourceControl': z.boolean().catch(true),
  'trash.keepDays': z.int().min(0).max(10_000).catch(DEFAULT_TRASH_RETENTION.days),
  'trash.maxGb': z
    .number()
    .min(0.1)
    .max(1_000_000)
    .catch(DEFAULT_TRASH_RETENTION.bytes / 1e9),
  'sessions.keepDays': z.int().min(0).max(10_000).catch(DEFAULT_RETENTION.days),
});

export type Settings = z.infer<typeof settingsSchema>;

export const SECTION = 'mlEngineer';
const READ_NAMES = Object.keys(settingsSchema.shape) as (keyof Settings)[];

/** The settings as they stand. All that widen what may happen have scope `application`, so no repository sets them. */
export function readSettings(): Settings {
  const configuration = vscode.workspace.getConfiguration(SECTION);
  return settingsSchema.parse(Object.fromEntries(READ_NAMES.map((name) => [name, configuration.get(name)])));
}

/** What is to be tried before a job, as the settings stand. */
export function readPreflight(): PreflightSettings {
  const { 'jobs.preflight': mode, 'jobs.longMinutes': longMinutes, 'jobs.pricePerHour': price } = readSettings();
  return { mode, longMinutes, ...(price === null ? {} : { pricePerHour: price }) };
}

/** Where jobs run, as the settings stand. */
export function readSite(): Site {
  const set = readSettings();
  const ray = { address: set['jobs.ray.address'], cpus: set['jobs.ray.cpus'], gpus: set['jobs.ray.gpus'] };
  return { kind: set['jobs.where'], slurmOptions: set['jobs.slurm.options'], ray };
}

const COMPUTE_SETTING = 'jobs.budget';

/** What jobs may take, as the settings stand. Throws UserError for what is no limit: it must not hold nothing. */
export function readCompute(): ComputeSettings {
  const { 'jobs.pricePerHour': perHour, 'jobs.pricePerGpuHour': perGpuHour } = readSettings();
  const value = vscode.workspace.getConfiguration(SECTION).get<unknown>(COMPUTE_SETTING) ?? {};
  const read = computeLimitsSchema.safeParse(value);
  if (!read.success)
    throw new UserError(
      vscode.l10n.t(
        'The setting {0} is not usable: {1} Correct it, or reset it; no job is started before.',
        `${SECTION}.${COMPUTE_SETTING}`,
        `${z.prettifyError(read.error)}.`,
      ),
    );
  return {
    limits: read.data,
    ...(perHour === null ? {} : { usdPerHour: perHour }),
    ...(perGpuHour === null ? {} : { usdPerGpuHour: perGpuHour }),
  };
}

/** The setting of each budget. */
export const BUDGET_SETTINGS: Readonly<Record<Budget['key'], string>> = {
  turns: 'maxTurns',
  costUsd: 'maxCostUsd',
  tokens: 'budget.tokens',
  minutes: 'budget.minutes',
  sessionCostUsd: 'budget.sessionCostUsd',
  sessionTokens: 'budget.sessionTokens',
  dayCostUsd: 'budget.dayCostUsd',
  dayTokens: 'budget.dayTokens',
};

/** Every setting there is. */
export const SETTING_NAMES: readonly string[] = [...READ_NAMES, COMPUTE_SETTING, ...Object.values(BUDGET_SETTINGS)];

/** The budgets as they stand. Throws UserError for one that is no limit: what was meant to hold money must not hold nothing. */
export function readLimits(): Limits {
  const configuration = vscode.workspace.getConfiguration(SECTION);
  const said: Partial<Record<keyof Limits, number | null>> = {};
  for (const { key, measure } of BUDGETS) {
    const value = configuration.get<unknown>(BUDGET_SETTINGS[key]);
    if (value !== undefined && value !== null && !isLimit(measure, value)) throw badLimit(key, measure, value);
    said[key] = value ?? null;
  }
  return limitsFrom(said);
}

function badLimit(key: keyof Limits, measure: Budget['measure'], value: unknown): UserError {
  return new UserError(
    vscode.l10n.t(
      'The setting {0} is {1}, and it takes {2}. Correct it, or reset it; no model is asked before.',
      `${SECTION}.${BUDGET_SETTINGS[key]}`,
      JSON.stringify(value),
      limitForm(measure),
    ),
  );
}

import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { BUDGETS, isLimit, limitForm, limitsFrom, type Limits } from '../agent/budget';
import { EVIDENCE_MODES } from '../agent/evidence';
import { UserError } from '../agent/tool';
import { PLACES } from '../jobs/job';
import { computeLimitsSchema } from '../jobs/compute';
import { PREFLIGHT_MODES } from '../jobs/start';
import { NO_CHOICES, type LibraryChoices } from '../library/library';
import { nameKey } from '../library/shadowing';
import { EFFORTS } from '../models/capabilities';
import { DEFAULT_PATIENCE, MAX_PATIENCE_SECONDS, type Patience } from '../models/watched';
import { webSettingsSchema } from './web';

const namesSchema = z.array(z.string()).default([]);
const amount = z.number().min(0).max(10_000);
const seconds = z.number().min(1).max(MAX_PATIENCE_SECONDS);

function budget(key: keyof Limits): z.ZodOptional<z.ZodNullable<z.ZodNumber>> {
  const measure = BUDGETS.find((one) => one.key === key)?.measure ?? 'usd';
  const error = `takes ${limitForm(measure)}`;
  return z
    .number({ error })
    .refine((value) => isLimit(measure, value), { error })
    .nullable()
    .optional();
}

const settingsSchema = z
  .object({
    model: z.string(),
    /** How hard the model is to try. */
    effort: z.enum(EFFORTS),
    maxTurns: budget('turns'),
    maxCostUsd: budget('costUsd'),
    /** What is left out or null is not limited. */
    budget: z.strictObject({
      tokens: budget('tokens'),
      minutes: budget('minutes'),
      sessionCostUsd: budget('sessionCostUsd'),
      sessionTokens: budget('sessionTokens'),
      dayCostUsd: budget('dayCostUsd'),
      dayTokens: budget('dayTokens'),
    }),
    web: webSettingsSchema,
    skills: z.object({ pinned: namesSchema, muted: namesSchema }),
    sessions: z.object({ keepDays: z.int().min(0) }),
    jobs: z
      .object({
        waitMinutes: z.number().min(0.01).max(240),
        stopSeconds: z.number().min(0).max(3_600),
        keepDays: z.int().min(0),
        preflight: z.enum(PREFLIGHT_MODES),
        longMinutes: z.number().min(0.01).max(100_000),
        pricePerHour: z.number().min(0).max(100_000),
        where: z.enum(PLACES),
        slurm: z.object({ options: z.array(z.string()) }).partial(),
        ray: z.object({ address: z.string().trim(), cpus: amount, gpus: amount }).partial(),
        pricePerGpuHour: z.number().min(0).max(100_000),
        budget: computeLimitsSchema,
      })
      .partial(),
    trash: z.object({ keepDays: z.int().min(0), maxGb: z.number().min(0.1) }).partial(),
    /** The address of an MLflow server. */
    runs: z.object({ mlflow: z.string() }).partial(),
    ledger: z.object({ enabled: z.boolean(), folder: z.string() }).partial(),
    checkpoints: z
      .object({
        enabled: z.boolean(),
        maxFileMb: z.number().min(0.1).max(1_000),
        keepDays: z.int().min(1).max(10_000),
        maxMb: z.number().min(10).max(100_000),
      })
      .partial(),
    artefacts: z.array(z.string()),
    /** Percent of the model's context from which on the conversation is made shorter. */
    compactAt: z.number().min(30).max(95),
    /** Who writes the summary, where that is not the session's own model. */
    summaryModel: z.string().trim(),
    /** Whether the model is asked about what no run shows. */
    evidence: z.enum(EVIDENCE_MODES),
    /** How long a server may say nothing: before its first byte, and in its answer. */
    firstByteSeconds: seconds,
    silenceSeconds: seconds,
  })
  .partial();
export type Settings = z.infer<typeof settingsSchema>;

/** The user's settings file; none is as good as an empty one. Throws UserError for one that cannot be read as settings. */
export async function readSettings(path: string): Promise<Settings> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}';
    throw error;
  });
  try {
    return settingsSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new UserError(`${path} is not a settings file: ${reasonOf(error)}`);
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof z.ZodError) return z.prettifyError(error);
  return error instanceof Error ? error.message : String(error);
}

/** A flag counts before the file. */
export function limitsOf(flags: Partial<Limits>, { maxTurns, maxCostUsd, budget: more }: Settings): Limits {
  return limitsFrom(flags, { turns: maxTurns, costUsd: maxCostUsd, ...more });
}

export function patienceOf({ firstByteSeconds, silenceSeconds }: Settings): Patience {
  return {
    firstByteMs: firstByteSeconds === undefined ? DEFAULT_PATIENCE.firstByteMs : firstByteSeconds * 1_000,
    silenceMs: silenceSeconds === undefined ? DEFAULT_PATIENCE.silenceMs : silenceSeconds * 1_000,
  };
}

/** What the settings file chose for skills; a project's files replace ours only where the command line trusts the project. */
export function libraryChoices({ skills }: Settings, trustProject: boolean): LibraryChoices {
  const holds = (names: readonly string[] = []) => {
    const keys = names.map(nameKey);
    return (name: string): boolean => keys.includes(nameKey(name));
  };
  return {
    ...NO_CHOICES,
    isAccepted: () => trustProject,
    isPinned: holds(skills?.pinned),
    isMuted: holds(skills?.muted),
  };
}

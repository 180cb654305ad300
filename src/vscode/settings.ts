import * as vscode from 'vscode';
import * as z from 'zod';
import { MODES } from '../agent/approval';
import { DEFAULT_LIMITS } from '../agent/loop';
import { DEFAULT_COMPACTION } from '../agent/make-room';
import { DEFAULT_RETENTION } from '../host/session-cleanup';
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
  permissionMode: z.enum(MODES).catch('ask'),
  maxTurns: z.int().min(1).max(1_000).catch(DEFAULT_LIMITS.turns),
  maxCostUsd: z.number().positive().max(10_000).catch(DEFAULT_LIMITS.costUsd),
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
  'sessions.keepDays': z.int().min(0).max(10_000).catch(DEFAULT_RETENTION.days),
});

export type Settings = z.infer<typeof settingsSchema>;

export const SECTION = 'mlEngineer';
export const SETTING_NAMES = Object.keys(settingsSchema.shape) as (keyof Settings)[];

/** The settings as they stand. All that widen what may happen have scope `application`, so no repository sets them. */
export function readSettings(): Settings {
  const configuration = vscode.workspace.getConfiguration(SECTION);
  return settingsSchema.parse(Object.fromEntries(SETTING_NAMES.map((name) => [name, configuration.get(name)])));
}

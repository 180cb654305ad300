import * as z from 'zod/mini';
import { ACTIVITY_LABELS, activityAnswers, activityMessages, activitySchema } from './sections/activity';
import { AGENT_LABELS, agentsMessages, agentsSchema } from './sections/agents';
import { ASKING_LABELS, askingMessages, askingSchema } from './sections/asking';
import { CHANGES_LABELS, changesMessages, changesSchema } from './sections/changes';
import { CHECKPOINT_LABELS, checkpointsMessages, checkpointsSchema } from './sections/checkpoints';
import { COMPOSER_LABELS, composerMessages, composerSchema } from './sections/composer';
import { HEAD_LABELS, headMessages, headSchema } from './sections/head';
import { JOB_LABELS, jobsAnswers, jobsMessages, jobsSchema } from './sections/jobs';
import { METER_LABELS, meterSchema } from './sections/meter';
import { RUN_LABELS, runsMessages, runsSchema } from './sections/runs';
import { SESSION_LABELS, sessionsMessages, sessionsSchema } from './sections/sessions';
import { SKILL_LABELS, skillsSchema } from './sections/skills';
import { TODO_LABELS, todosMessages, todosSchema } from './sections/todos';

/** Everything the page says, filled in by the host in the user's language. */
export const LABEL_KEYS = [
  ...HEAD_LABELS,
  ...ASKING_LABELS,
  ...TODO_LABELS,
  ...AGENT_LABELS,
  ...SKILL_LABELS,
  ...CHANGES_LABELS,
  ...CHECKPOINT_LABELS,
  ...ACTIVITY_LABELS,
  ...METER_LABELS,
  ...COMPOSER_LABELS,
  ...SESSION_LABELS,
  ...RUN_LABELS,
  ...JOB_LABELS,
] as const;

/** All the page shows: it can be drawn from this alone, at any moment. */
export const panelStateSchema = z.object({
  head: headSchema,
  asking: askingSchema,
  todos: todosSchema,
  agents: agentsSchema,
  skills: skillsSchema,
  changes: changesSchema,
  checkpoints: checkpointsSchema,
  activity: activitySchema,
  meter: meterSchema,
  composer: composerSchema,
  sessions: sessionsSchema,
  runs: runsSchema,
  jobs: jobsSchema,
  labels: z.record(z.enum(LABEL_KEYS), z.string()),
});

/** `state`: the sections that changed since the last message; the first after `ready` has them all. */
export const toPageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('state'), state: z.partial(panelStateSchema) }),
  ...activityAnswers,
  ...jobsAnswers,
]);

/** The page is not trusted: a path, an agent and an answer count only when they are of what it was shown. */
export const toHostSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  ...headMessages,
  ...askingMessages,
  ...todosMessages,
  ...agentsMessages,
  ...changesMessages,
  ...checkpointsMessages,
  ...activityMessages,
  ...composerMessages,
  ...sessionsMessages,
  ...runsMessages,
  ...jobsMessages,
]);

export type LabelKey = (typeof LABEL_KEYS)[number];
export type Labels = Record<LabelKey, string>;
export type PanelState = z.infer<typeof panelStateSchema>;
export type ToPage = z.infer<typeof toPageSchema>;
export type ToHost = z.infer<typeof toHostSchema>;
/** Sends to the host. */
export type Send = (message: ToHost) => void;

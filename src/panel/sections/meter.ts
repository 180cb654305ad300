// zod/mini: the page carries this file too, and the whole of zod would be three times the rest of the page.
import * as z from 'zod/mini';

/** What the context is made of. `skills`: texts of loaded skills. `files`: results of tools, and attachments. */
export const CONTEXT_PARTS = ['system', 'tools', 'skills', 'files', 'conversation'] as const;

type PartLabel = `part_${(typeof CONTEXT_PARTS)[number]}`;

export const METER_LABELS = [
  ...(['meter', 'contextUsed', 'contextOf', 'contextUnknown', 'estimates', 'tokensIn', 'tokensOut'] as const),
  ...(['cachedRead', 'cachedWrite', 'costSession', 'costToday', 'costByModel', 'costByDroid', 'costBySkill'] as const),
  ...(['noSkill', 'skillCost', 'limits', 'limitUsed', 'unknownPrice', 'meterDetails'] as const),
  ...(['jobsSession', 'jobsToday', 'jobsByDroid', 'jobsBySkill', 'hoursTaken', 'gpuHoursTaken'] as const),
  ...CONTEXT_PARTS.map((part): PartLabel => `part_${part}`),
] as const;

const costSchema = z.object({
  name: z.string(),
  usd: z.number(),
  /** How often a model was paid a price that is not known: these are not in `usd`. */
  unknown: z.int(),
});

const costsSchema = z.object({
  models: z.array(costSchema),
  droids: z.array(costSchema),
  /** A name of `''` is what no skill was loaded for. */
  skills: z.array(costSchema),
});

/** What jobs took: hours by the clock, hours of GPUs, US dollars. */
const computeSchema = z.object({ name: z.string(), hours: z.number(), gpuHours: z.number(), usd: z.number() });

export const meterSchema = z.object({
  context: z.nullable(
    z.object({
      /** Of the next request. */
      tokens: z.int(),
      /** Tokens the model can take; `null` where that is not known. */
      window: z.nullable(z.int()),
      /** Estimates that add up to `tokens`. */
      parts: z.array(z.object({ part: z.enum(CONTEXT_PARTS), tokens: z.int() })),
    }),
  ),
  tokens: z.object({ input: z.int(), output: z.int(), cacheRead: z.int(), cacheWrite: z.int() }),
  session: costSchema,
  /** US dollars of all sessions of the day; `null` where nobody counts them. */
  today: z.nullable(z.number()),
  /** Of the session, and of all sessions of the day. */
  costs: z.object({ session: costsSchema, today: z.nullable(costsSchema) }),
  budgets: z.array(
    z.object({
      /** For people. */
      name: z.string(),
      used: z.number(),
      limit: z.number(),
      unit: z.enum(['usd', 'tokens', 'turns', 'minutes', 'hours', 'gpuHours']),
    }),
  ),
  /** Of jobs; `null` where there were none. Droids and skills each add up to the session. */
  compute: z.nullable(
    z.object({
      session: computeSchema,
      today: computeSchema,
      droids: z.array(computeSchema),
      skills: z.array(computeSchema),
    }),
  ),
});

export type PanelMeter = z.infer<typeof meterSchema>;
export type PanelCompute = z.infer<typeof computeSchema>;
export type PanelCosts = z.infer<typeof costsSchema>;
export type PanelCost = z.infer<typeof costSchema>;
export type PanelBudget = PanelMeter['budgets'][number];

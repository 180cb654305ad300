import type { CatalogueModel } from './catalogue';

export const EFFORTS = ['low', 'medium', 'high', 'xhigh', 'max'] as const;
export type Effort = (typeof EFFORTS)[number];

/** What a model can be asked for. */
export interface Capabilities {
  adaptiveThinking: boolean;
  /** Empty where the model refuses the field. */
  efforts: readonly Effort[];
  /** Tokens of the whole prompt. */
  contextWindow: number;
  /** Longest answer, in tokens. */
  maxOutput: number;
}

const UP_TO_HIGH = ['low', 'medium', 'high'] as const;
const WITHOUT_XHIGH = ['low', 'medium', 'high', 'max'] as const;
const LARGE = { contextWindow: 1_000_000, maxOutput: 128_000, adaptiveThinking: true } as const;
const SMALL = { contextWindow: 200_000, maxOutput: 64_000, adaptiveThinking: false } as const;

const CURRENT: Capabilities = { ...LARGE, efforts: EFFORTS };
const ADAPTIVE_4_6: Capabilities = { ...LARGE, efforts: WITHOUT_XHIGH };
const BUDGETED: Capabilities = { ...SMALL, efforts: [] };
const OLD_OPUS: Capabilities = { ...BUDGETED, maxOutput: 32_000 };

/** Used where the server's list does not say; from the published model pages, as of October 2026. */
const KNOWN: Readonly<Record<string, Capabilities>> = {
  'claude-fable-5': CURRENT,
  'claude-fable-5-1': CURRENT,
  'claude-fable-5-2': CURRENT,
  'claude-mythos-5': CURRENT,
  'claude-mythos-5-1': CURRENT,
  'claude-mythos-5-2': CURRENT,
  'claude-opus-5-5': CURRENT,
  'claude-opus-5': CURRENT,
  'claude-opus-4-8': CURRENT,
  'claude-opus-4-7': CURRENT,
  'claude-opus-4-6': ADAPTIVE_4_6,
  'claude-opus-4-5': { ...SMALL, efforts: UP_TO_HIGH },
  'claude-opus-4-1': OLD_OPUS,
  'claude-opus-4': OLD_OPUS,
  'claude-sonnet-5-5': CURRENT,
  'claude-sonnet-5': CURRENT,
  'claude-sonnet-4-6': { ...ADAPTIVE_4_6, maxOutput: 64_000 },
  'claude-sonnet-4-5': BUDGETED,
  'claude-sonnet-4': BUDGETED,
  // That it takes an effort is documented; how high is not.
  'claude-haiku-5-5': { ...LARGE, efforts: UP_TO_HIGH },
  'claude-haiku-4-5': BUDGETED,
};

const UNKNOWN_CLAUDE: Capabilities = OLD_OPUS;
/** A stranger behind a compatible server: often a small model, and its server refuses to be asked for more. */
const UNKNOWN: Capabilities = { ...BUDGETED, maxOutput: 8_192 };

/** The table's word on a model, corrected by what the server's list says. A dated id is the model of its undated one. */
export function capabilitiesOf(id: string, listed?: CatalogueModel): Capabilities {
  const family = id.startsWith('claude-') ? UNKNOWN_CLAUDE : UNKNOWN;
  const known = KNOWN[id] ?? KNOWN[id.replace(/-\d{8}$/u, '')] ?? family;
  if (!listed) return known;
  return {
    adaptiveThinking: listed.adaptiveThinking ?? known.adaptiveThinking,
    efforts: listed.efforts ?? known.efforts,
    contextWindow: listed.maxInputTokens ?? known.contextWindow,
    maxOutput: listed.maxTokens ?? known.maxOutput,
  };
}

/** How hard to try: the first that is given, as with the model itself. */
export function effortChoice(choices: {
  flag?: Effort | undefined;
  setting?: Effort | '' | undefined;
  droid: Effort | undefined;
}): Effort | undefined {
  return choices.flag ?? (choices.setting || choices.droid);
}

/** Why a model is not asked for the effort that was wanted; `undefined` where it is. */
export function effortRemark(id: string, wanted: Effort | undefined, efforts: readonly Effort[]): string | undefined {
  const asked = effortFor(wanted, efforts);
  if (wanted === undefined || asked === wanted) return undefined;
  if (efforts.length === 0) return `${id} takes no effort, so it is asked without (wanted: ${wanted}).`;
  const taken = `${id} takes the efforts ${efforts.join(', ')}`;
  return asked === undefined
    ? `${taken}, so it is asked without (wanted: ${wanted}).`
    : `${taken}, so it is asked for ${asked} in place of ${wanted}.`;
}

/** The effort to ask for: the one wanted, else the next lower one the model takes; `undefined` leaves the field out. */
export function effortFor(wanted: Effort | undefined, efforts: readonly Effort[]): Effort | undefined {
  if (wanted === undefined) return undefined;
  return EFFORTS.slice(0, EFFORTS.indexOf(wanted) + 1).findLast((effort) => efforts.includes(effort));
}

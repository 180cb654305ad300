import type { Usage } from '../agent/events';

/** The day to which https://platform.claude.com/docs/en/about-claude/pricing is known to have said what stands below. */
export const PRICES_AS_OF = '2026-10-24';

interface Price {
  /** US dollars a million tokens. A cache write (5 minutes) costs 1.25 x input everywhere. */
  input: number;
  output: number;
  /** Share of the input price that a cache read costs. */
  cacheReadShare: number;
  /** Prices of a request whose whole prompt is longer than `over` tokens. */
  long?: { over: number; input: number; output: number };
}

const OLD_OPUS: Price = { input: 15, output: 75, cacheReadShare: 0.1 };
const OPUS: Price = { input: 5, output: 25, cacheReadShare: 0.1 };
const SONNET_4: Price = { input: 3, output: 15, cacheReadShare: 0.1 };
const FABLE: Price = { input: 10, output: 50, cacheReadShare: 0.1 };
const FABLE_1: Price = { ...FABLE, cacheReadShare: 0.025 };

const PRICES: Readonly<Record<string, Price>> = {
  'claude-fable-5': FABLE,
  'claude-mythos-5': FABLE,
  'claude-fable-5-1': FABLE_1,
  'claude-mythos-5-1': FABLE_1,
  'claude-opus-5-5': { input: 4, output: 20, cacheReadShare: 0.05 },
  'claude-opus-5': OPUS,
  'claude-opus-4-8': OPUS,
  'claude-opus-4-7': OPUS,
  'claude-opus-4-6': OPUS,
  'claude-opus-4-5': OPUS,
  'claude-opus-4-1': OLD_OPUS,
  'claude-opus-4': OLD_OPUS,
  'claude-sonnet-5-5': { input: 2, output: 10, cacheReadShare: 0.05 },
  'claude-sonnet-5': { input: 2, output: 10, cacheReadShare: 0.1 },
  'claude-sonnet-4-6': SONNET_4,
  'claude-sonnet-4-5': SONNET_4,
  'claude-sonnet-4': SONNET_4,
  'claude-haiku-5-5': {
    input: 0.1,
    output: 0.5,
    cacheReadShare: 0.1,
    long: { over: 100_000, input: 0.5, output: 2.5 },
  },
  'claude-haiku-4-5': { input: 1, output: 5, cacheReadShare: 0.1 },
};

const CACHE_WRITE_SHARE = 1.25;
/** US dollars of one web search that the server does, beside its tokens. */
const SEARCH_USD = 0.01;

/** US dollars of one request, `null` for a model that is not in the list. A dated id has the price of its undated one. */
export function costOf({ input, output, cacheRead, cacheWrite, searches = 0 }: Usage, model: string): number | null {
  const price = PRICES[model] ?? PRICES[model.replace(/-\d{8}$/u, '')];
  if (!price) return null;
  const long = price.long && input + cacheRead + cacheWrite > price.long.over ? price.long : price;
  const inputs = input + cacheRead * price.cacheReadShare + cacheWrite * CACHE_WRITE_SHARE;
  return (inputs * long.input + output * long.output) / 1_000_000 + searches * SEARCH_USD;
}

import { addedBy, estimateTokens, inShort, sinceCompaction, thinnedCalls } from '../../agent/context';
import type { DurableEvent, JournalEntry } from '../../agent/events';
import { startOf } from '../../agent/folds';
import type { CONTEXT_PARTS, PanelMeter } from '../sections/meter';

type Part = (typeof CONTEXT_PARTS)[number];
type Parts = Record<Part, number>;

/**
 * What the next request is made of: estimates of each part, scaled so that they add up to what the server counted for the
 * last turn, its answer and what was added since. Where it did not count, or the conversation was made shorter since, they
 * stay as they are.
 */
export function contextOf(
  branch: readonly JournalEntry[],
  windowOf: (model: string) => number | null,
): PanelMeter['context'] {
  const start = startOf(branch);
  if (!start) return null;
  const parts = partsOf(branch);
  const estimated = Object.values(parts).reduce((sum, tokens) => sum + tokens, 0);
  const turn = branch.findLastIndex(({ event }) => event.type === 'turn-end');
  const shortened = branch.findLastIndex(({ event }) => event.type === 'thinned' || event.type === 'compacted');
  const last = branch[turn]?.event;
  const counted = last?.type === 'turn-end' && shortened < turn ? countedBy(last) : 0;
  const added = branch.slice(turn + 1).reduce((sum, { event }) => sum + estimateOf(event), 0);
  const tokens = counted === 0 ? estimated : counted + added;
  const model = last?.type === 'turn-end' ? last.model : start.model;
  return { tokens, window: windowOf(model), parts: scaled(parts, estimated, tokens) };
}

function countedBy({ usage }: Extract<DurableEvent, { type: 'turn-end' }>): number {
  return usage.input + usage.cacheRead + usage.cacheWrite + usage.output;
}

function partsOf(branch: readonly JournalEntry[]): Parts {
  const start = startOf(branch);
  const { text, rest } = sinceCompaction(branch);
  const thinned = thinnedCalls(branch);
  const parts: Parts = {
    system: once(start ?? branch, 'system', () => estimateTokens([start?.system ?? ''])),
    tools: once(start ?? branch, 'tools', () => estimateTokens(start?.tools ?? [])),
    skills: 0,
    files: 0,
    conversation: text === undefined ? 0 : estimateTokens([text]),
  };
  for (const { event } of rest) {
    if (event.type === 'tool-end') {
      const tokens = thinned.has(event.call)
        ? once(event, 'short', () => estimateTokens({ content: inShort(event.content) }))
        : estimateOf(event);
      parts[event.view?.kind === 'skill' ? 'skills' : 'files'] += tokens;
    } else if (event.type === 'prompt') {
      const attached = once(event, 'attached', () => tokensOf(event.attachments));
      parts.skills += skillsIn(event);
      parts.files += attached;
      parts.conversation += Math.max(0, estimateOf(event) - skillsIn(event) - attached);
    } else parts.conversation += estimateOf(event);
  }
  return parts;
}

function tokensOf(all: readonly unknown[]): number {
  return all.length === 0 ? 0 : estimateTokens(all);
}

/** Texts of skills that a message loads. */
function skillsIn(event: Extract<DurableEvent, { type: 'prompt' }>): number {
  return once(event, 'skills', () => tokensOf((event.skills ?? []).flatMap(({ text }) => text ?? [])));
}

function estimateOf(event: DurableEvent): number {
  if (event.type === 'note') return once(event, 'added', () => estimateTokens([event.text]));
  const own = once(event, 'added', () => addedBy(event));
  return event.type === 'prompt' ? own + skillsIn(event) : own;
}

/** Estimates by event, which never changes: a long session is read once, not with each redraw. */
const known = new WeakMap<object, Map<string, number>>();

function once(of: object, what: string, estimate: () => number): number {
  const all = known.get(of) ?? new Map<string, number>();
  known.set(of, all);
  const before = all.get(what);
  if (before !== undefined) return before;
  const tokens = estimate();
  all.set(what, tokens);
  return tokens;
}

/** In whole tokens that add up to `tokens`: what rounding leaves goes to the largest. */
function scaled(parts: Parts, from: number, tokens: number): { part: Part; tokens: number }[] {
  const factor = from === 0 ? 0 : tokens / from;
  const all = (Object.keys(parts) as Part[]).map((part) => ({ part, tokens: Math.floor(parts[part] * factor) }));
  const left = tokens - all.reduce((sum, one) => sum + one.tokens, 0);
  const largest = all.reduce((most, one) => (one.tokens > most.tokens ? one : most));
  return all.map((one) => (one === largest ? { ...one, tokens: one.tokens + left } : one));
}

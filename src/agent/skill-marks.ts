import type { JournalEntry, SkillMark } from './events';

/** What one loaded skill may take again after a compaction, and all together. About four bytes make a token. */
export const MAX_SKILL_TOKENS = 5_000;
export const MAX_ALL_SKILL_TOKENS = 25_000;
const BYTES_A_TOKEN = 4;

/** What happened to the skills of a session, in the order it happened: what prompts, notes and calls say. */
export function skillMarksIn(entries: readonly JournalEntry[]): SkillMark[] {
  return entries.flatMap(({ event }): SkillMark[] => {
    if (event.type === 'prompt' || event.type === 'note') return event.skills ?? [];
    if (event.type !== 'tool-end' || event.view?.kind !== 'skill') return [];
    const text = typeof event.content === 'string' ? { text: event.content } : {};
    return [{ name: event.view.name, state: 'loaded', why: 'model', detail: '', ...text }];
  });
}

/** The skill that was loaded last for the work at hand, which ends with the next prompt; `''` for none. */
export function skillAtWork(branch: readonly JournalEntry[]): string {
  const since = branch.findLastIndex(({ event }) => event.type === 'prompt');
  return skillMarksIn(branch.slice(Math.max(0, since))).findLast(isChosen)?.name ?? '';
}

/** Loaded for this work, not for every session. */
export function isChosen({ state, why }: SkillMark): boolean {
  return state === 'loaded' && why !== 'start' && why !== 'pinned';
}

/** One mark for each skill, the first of its state: a skill that was offered and then loaded is loaded. */
export function skillsOf(branch: readonly JournalEntry[]): SkillMark[] {
  const skills = new Map<string, SkillMark>();
  for (const mark of skillMarksIn(branch)) {
    const known = skills.get(mark.name);
    if (!known || (known.state === 'offered' && mark.state === 'loaded')) skills.set(mark.name, mark);
  }
  return [...skills.values()];
}

/**
 * The skills a session works by, the latest text of each, last loaded first: what goes to the model again after a
 * compaction. Each is cut at `MAX_SKILL_TOKENS`; those that find no place within `MAX_ALL_SKILL_TOKENS` are left out.
 */
export function loadedSkillTexts(branch: readonly JournalEntry[]): { name: string; text: string }[] {
  const loaded = new Map<string, string>();
  for (const { name, state, text } of skillMarksIn(branch)) {
    if (state !== 'loaded' || text === undefined) continue;
    loaded.delete(name);
    loaded.set(name, cutToTokens(text, MAX_SKILL_TOKENS));
  }
  let left = MAX_ALL_SKILL_TOKENS * BYTES_A_TOKEN;
  return [...loaded].reverse().flatMap(([name, text]) => {
    left -= Buffer.byteLength(text);
    return left >= 0 ? [{ name, text }] : [];
  });
}

export function cutToTokens(text: string, tokens: number): string {
  const bytes = Buffer.from(text);
  const mark = '\n(The rest is cut here: load the skill again to read all of it.)';
  const most = tokens * BYTES_A_TOKEN;
  if (bytes.length <= most) return text;
  return (
    bytes
      .subarray(0, most - mark.length)
      .toString()
      .replace(/\uFFFD+$/u, '') + mark
  );
}

/** The hashes of the skills the model was told of, as it knows them; `undefined` for a session that did not keep them. */
export function knownSkillsOf(branch: readonly JournalEntry[]): Map<string, string> | undefined {
  let known: Map<string, string> | undefined;
  for (const { event } of branch) {
    if (event.type === 'session-start' && event.known) known = new Map(Object.entries(event.known));
    if (event.type !== 'prompt') continue;
    for (const [name, hash] of Object.entries(event.known ?? {})) {
      if (hash === null) known?.delete(name);
      else known?.set(name, hash);
    }
  }
  return known;
}

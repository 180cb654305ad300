import type { ContentBlockParam } from '@anthropic-ai/sdk/resources/messages';
import type { JournalEntry, SkillMark } from './agent/events';
import { changesOf, lastRun, seenOf, startOf } from './agent/folds';
import type { Prompt, TurnNote } from './agent/loop';
import { cutToTokens, knownSkillsOf, MAX_SKILL_TOKENS, skillsOf } from './agent/skill-marks';
import { stuckIn } from './agent/stuck';
import { nameKey } from './library/shadowing';
import { oneLine } from './library/skill-listing';
import { skillBody, skillCall } from './library/skill-text';
import { readSkill, type Skill } from './library/skills';
import { fitOf, type Circumstances } from './library/triggers';
import { skillKey } from './tools/skill';

/** How the skills of a session are met: those of the library, and what a person chose for them. */
export interface SkillChoices {
  /** Every skill that is used, muted ones and those for people too. */
  skills: readonly Skill[];
  isMuted: (name: string) => boolean;
  isPinned: (name: string) => boolean;
  /** False for an agent that works for another: it is given no skill that it was not sent for. */
  bootstrap: boolean;
  /** A path as people read it. */
  shown: (path: string) => string;
}

export type SkillPart = Required<Pick<Prompt, 'skills' | 'reads' | 'known' | 'notes'>>;

const MAX_OFFERS = 3;
const MAX_DETAIL = 200;

/** The skills the model may know of. */
export function offerable({ skills, isMuted }: Pick<SkillChoices, 'skills' | 'isMuted'>): Skill[] {
  return skills.filter(({ name, forPeopleOnly }) => !forPeopleOnly && !isMuted(name));
}

/** The hashes by name that a session begins with. */
export function knownSkills(skills: readonly Skill[]): Record<string, string> {
  return Object.fromEntries(skills.map(({ name, hash }) => [name, hash]));
}

/**
 * What of the skills goes with a message: those that begin a session, those that the person calls (`/name rest`, or
 * `called`), what changed since the session began, and what fits the message.
 */
export async function skillsForPrompt(
  choices: SkillChoices,
  given: {
    text: string;
    attachments: readonly ContentBlockParam[];
    branch: readonly JournalEntry[];
    called?: readonly string[];
  },
): Promise<SkillPart> {
  const { branch, text } = given;
  const part: SkillPart = { skills: [], reads: [], known: {}, notes: [] };
  if (!startOf(branch) && choices.bootstrap) {
    for (const { skill, why } of bootstrapSkills(choices)) await load(skill, { why, given: '' }, part, branch);
  }
  const call = skillCall(text);
  for (const name of new Set([...(given.called ?? []), ...(call ? [call.name] : [])])) {
    const skill = choices.skills.find((one) => nameKey(one.name) === nameKey(name));
    if (skill) await load(skill, { why: 'person', given: call?.given ?? text.trim() }, part, branch);
  }
  const changes = changedSkills(choices, branch);
  part.known = changes.known;
  part.notes.push(...changes.notes);
  const done = [...skillsOf(branch), ...part.skills].map(({ name }) => name);
  const offers = offersFor(
    choices,
    { words: text, files: filesIn(given.attachments), texts: textsIn(given.attachments) },
    done,
  );
  part.skills.push(...offers);
  part.notes.push(...offers.map(offerText));
  return part;
}

/** What is offered between two turns of the model: what its own work has made fit, and the way out of a circle. */
export function skillNotes(choices: SkillChoices, branch: readonly JournalEntry[], now: number): TurnNote[] {
  const run = lastRun(branch);
  const stuck = stuckIn(branch, now);
  const done = skillsOf(branch).map(({ name }) => name);
  const helps = stuck
    ? offerable(choices).filter(
        ({ name, triggers }) => triggers.on.includes('repeated-failure') && !done.includes(name),
      )
    : [];
  const marks: SkillMark[] = helps.map(({ name }) => offer(name, stuck?.kind ?? 'no-progress', stuck?.detail ?? ''));
  const files = [...seenOf(run).keys(), ...changesOf(run).map(({ path }) => path)].filter(
    (path) => !path.startsWith(skillKey('')),
  );
  const said = { words: '', files: [...new Set(files)].map(choices.shown), texts: resultsIn(run) };
  marks.push(...offersFor(choices, said, [...done, ...marks.map(({ name }) => name)]));
  const skills = marks.slice(0, MAX_OFFERS);
  return skills.length === 0 ? [] : [{ text: skills.map(offerText).join('\n'), skills }];
}

/** Only a bundled skill begins a session by itself; any skill does that a person pinned. */
function bootstrapSkills(choices: SkillChoices): { skill: Skill; why: 'start' | 'pinned' }[] {
  return choices.skills.flatMap((skill): ReturnType<typeof bootstrapSkills> => {
    if (choices.isMuted(skill.name)) return [];
    if (skill.source === 'bundled' && skill.triggers.on.includes('session-start')) return [{ skill, why: 'start' }];
    return choices.isPinned(skill.name) ? [{ skill, why: 'pinned' }] : [];
  });
}

const LOADED: Readonly<Record<'start' | 'pinned' | 'person', string>> = {
  start: 'holds for this whole session',
  pinned: 'was pinned by the user: it holds for this whole session',
  person: 'was called by the user: work by it now',
};

async function load(
  skill: Skill,
  { why, given }: { why: keyof typeof LOADED; given: string },
  part: SkillPart,
  branch: readonly JournalEntry[],
): Promise<void> {
  const found = await readSkill(skill);
  if (!found || part.skills.some(({ name }) => name === skill.name)) return;
  const key = skillKey(skill.name);
  const head = `The skill ${oneLine(skill.name)} ${LOADED[why]}.`;
  const again = seenOf(branch).get(key) === found.hash;
  if (!again) part.reads.push({ path: key, hash: found.hash });
  if (again) part.notes.push(`${head} Its text stands above.${given === '' ? '' : ` Its arguments are now: ${given}`}`);
  const text = again ? {} : { text: cutToTokens(`${head}\n\n${skillBody(found, given)}`, MAX_SKILL_TOKENS) };
  part.skills.push({ name: skill.name, state: 'loaded', why, detail: '', ...text });
}

function offersFor(choices: SkillChoices, said: Circumstances, done: readonly string[]): SkillMark[] {
  const fits = offerable(choices).flatMap(({ name, triggers }): SkillMark[] => {
    const fit = done.includes(name) ? undefined : fitOf(triggers, said);
    return fit ? [offer(name, fit.kind, fit.detail)] : [];
  });
  return fits.slice(0, MAX_OFFERS);
}

function offer(name: string, why: SkillMark['why'], detail: string): SkillMark {
  return { name, state: 'offered', why, detail: oneLine(detail).slice(0, MAX_DETAIL) };
}

const REASONS: Partial<Record<SkillMark['why'], (detail: string) => string>> = {
  words: (detail) => `the message says "${detail}"`,
  files: (detail) => `the work is on ${detail}`,
  imports: (detail) => `a file imports ${detail}`,
  'repeated-failure': (detail) => `\`${detail}\` failed again`,
  'no-progress': (detail) => `for ${detail} minutes no file changed and nothing new passed`,
};

function offerText({ name, why, detail }: SkillMark): string {
  return `The skill ${oneLine(name)} fits this: ${REASONS[why]?.(detail) ?? why}. Load it before you go on.`;
}

/** The frozen listing grows old: what appeared, changed or went since is told once. */
function changedSkills(choices: SkillChoices, branch: readonly JournalEntry[]): Pick<SkillPart, 'known' | 'notes'> {
  const before = knownSkillsOf(branch);
  const known: SkillPart['known'] = {};
  if (!before) return { known, notes: [] };
  const lines: string[] = [];
  const loaded = new Set(skillsOf(branch).flatMap(({ name, state }) => (state === 'loaded' ? [name] : [])));
  const tell = (name: string, hash: string | null, what: string): void => {
    known[name] = hash;
    lines.push(`- ${oneLine(name)}${what}`);
  };
  const now = offerable(choices);
  for (const { name, hash, description } of now) {
    if (before.get(name) === hash) continue;
    const text = oneLine(description).slice(0, MAX_DETAIL);
    if (!before.has(name)) tell(name, hash, ` is new: ${text}`);
    else tell(name, hash, loaded.has(name) ? ' changed: load it again, its text above is old' : ` changed: ${text}`);
  }
  for (const name of before.keys())
    if (!now.some((skill) => skill.name === name))
      tell(name, null, choices.isMuted(name) ? ' was muted by the user' : ' is gone');
  return {
    known,
    notes: lines.length === 0 ? [] : [`Skills changed since you were told of them:\n${lines.slice(0, 30).join('\n')}`],
  };
}

function textsIn(blocks: readonly ContentBlockParam[]): string[] {
  return blocks.flatMap((block) => (block.type === 'text' ? [block.text] : []));
}

/** Attachments name their files in the mark we put around them. */
function filesIn(blocks: readonly ContentBlockParam[]): string[] {
  return textsIn(blocks).flatMap(
    (text) =>
      /^<attachment kind="file" path=("(?:[^"\\]|\\.)*")/u
        .exec(text)
        ?.slice(1, 2)
        .map((path) => JSON.parse(path) as string) ?? [],
  );
}

/** What calls that read or changed files answered. */
function resultsIn(run: readonly JournalEntry[]): string[] {
  const changed = new Set(run.flatMap(({ event }) => (event.type === 'change' ? [event.call] : [])));
  return run.flatMap(({ event }) =>
    event.type === 'tool-end' &&
    typeof event.content === 'string' &&
    event.view?.kind !== 'skill' &&
    (event.reads || changed.has(event.call))
      ? [event.content]
      : [],
  );
}

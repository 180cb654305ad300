import type { Skill } from './skills';

export const MAX_LISTING_BYTES = 6_000;
const LISTING_HEAD = 'Load a skill before work that fits it; its text then tells how. There are:';
const MAX_DESCRIPTION = 1_000;
const MIN_DESCRIPTION = 20;

type Listed = Pick<Skill, 'name' | 'description'> & Partial<Pick<Skill, 'forPeopleOnly'>>;

/**
 * The listing for the system prompt: name and description a line, descriptions cut evenly where it would be too long,
 * then names alone, then as many names as fit and how many are left out.
 */
export function skillListing(skills: readonly Listed[]): string {
  const listed = skills
    .filter(({ forPeopleOnly }) => !forPeopleOnly)
    .map(({ name, description }) => ({ name: oneLine(name), description: oneLine(description) }));
  if (listed.length === 0) return '';
  for (let width = MAX_DESCRIPTION; width > MIN_DESCRIPTION; width = Math.floor(width * 0.9)) {
    const lines = listed.map(({ name, description }) => `- ${name}: ${cut(description, width)}`);
    const text = [LISTING_HEAD, ...lines].join('\n');
    if (fits(text)) return text;
  }
  return namesOnly(listed.map(({ name }) => name));
}

function namesOnly(names: readonly string[]): string {
  const all = `${LISTING_HEAD}\n${names.join(', ')}`;
  if (fits(all)) return all;
  let text = LISTING_HEAD;
  for (const [index, name] of names.entries()) {
    const longer = `${text}${index === 0 ? '\n' : ', '}${name}`;
    const rest = `, and ${names.length - index} more`;
    if (!fits(longer + rest)) return text + (index === 0 ? `\n(${names.length}, too long to name)` : rest);
    text = longer;
  }
  return text;
}

function fits(text: string): boolean {
  return Buffer.byteLength(text) <= MAX_LISTING_BYTES;
}

/** A line of the listing is one skill: nothing in a file may add another, or a heading. */
function oneLine(text: string): string {
  return text.replaceAll(/\s+/gu, ' ').trim();
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1).replace(/[\uD800-\uDBFF]$/u, '')}…`;
}

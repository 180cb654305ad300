import * as vscode from 'vscode';
import { parseFrontmatter } from '../library/frontmatter';
import type { Skill } from '../library/skills';
import { readLibraryFile } from '../library/sources';
import { label } from '../text/label';

/** What a person is shown of a skill before it runs: all of it strangers' text made into labels. */
export interface SkillCard {
  skill: Skill;
  name: string;
  description: string;
  category: string;
  /** What the skill says its argument is; may be empty. */
  argumentHint: string;
}

const MAX_DESCRIPTION_CHARACTERS = 200;
const MAX_CATEGORY_CHARACTERS = 40;
const MAX_HINT_CHARACTERS = 100;

/** Reads what the files say of themselves; those that a person cannot run are left out. */
export async function skillCards(skills: readonly Skill[]): Promise<SkillCard[]> {
  const cards = await Promise.all(skills.map(cardOf));
  return cards.filter((card) => card !== undefined);
}

async function cardOf(skill: Skill): Promise<SkillCard | undefined> {
  // A name with a blank in it could not be told from its argument.
  if (!/^\S{1,64}$/u.test(skill.name) || label(skill.name, 64) !== skill.name) return undefined;
  const file = await readLibraryFile(skill.path);
  if (!file || 'problem' in file) return undefined;
  const { fields } = parseFrontmatter(file.text);
  if (fields['user-invocable'] === false || fields['user-invocable'] === 'false') return undefined;
  return {
    skill,
    name: skill.name,
    description: label(skill.description, MAX_DESCRIPTION_CHARACTERS),
    category: categoryOf(fields['metadata'], skill),
    argumentHint: hintOf(fields['argument-hint']),
  };
}

function categoryOf(metadata: unknown, { source }: Skill): string {
  const named =
    typeof metadata === 'object' && metadata !== null && 'category' in metadata ? metadata.category : undefined;
  const category = typeof named === 'string' ? label(named, MAX_CATEGORY_CHARACTERS) : '';
  if (category !== '') return category;
  return source === 'bundled' ? OTHER : YOURS;
}

/** `[path]` without quotes is a list to YAML. */
function hintOf(hint: unknown): string {
  const text = Array.isArray(hint) ? `[${hint.map(String).join(', ')}]` : hint;
  return typeof text === 'string' ? label(text, MAX_HINT_CHARACTERS) : '';
}

const OTHER = 'Other';
const YOURS = 'Yours';
/** The order in which people are shown them; others stand between these and "Other". */
const FIRST = [YOURS, 'Testing', 'Debugging', 'Machine learning', 'Collaboration', 'Meta'];

/** Cards by category, in the order of the launcher. */
export function byCategory(cards: readonly SkillCard[]): Map<string, SkillCard[]> {
  const rank = (category: string): number => {
    const first = FIRST.indexOf(category);
    return first >= 0 ? first : category === OTHER ? FIRST.length + 1 : FIRST.length;
  };
  const sorted = [...cards].sort(
    (a, b) =>
      rank(a.category) - rank(b.category) || a.category.localeCompare(b.category) || a.name.localeCompare(b.name),
  );
  const groups = new Map<string, SkillCard[]>();
  for (const card of sorted) groups.set(card.category, [...(groups.get(card.category) ?? []), card]);
  return groups;
}

/** A category in the person's language, where it is one of ours. */
export function categoryTitle(category: string): string {
  const titles: Record<string, string> = {
    [YOURS]: vscode.l10n.t('Yours'),
    Testing: vscode.l10n.t('Testing'),
    Debugging: vscode.l10n.t('Debugging'),
    'Machine learning': vscode.l10n.t('Machine learning'),
    Collaboration: vscode.l10n.t('Collaboration'),
    Meta: vscode.l10n.t('Meta'),
    [OTHER]: vscode.l10n.t('Other'),
  };
  return Object.hasOwn(titles, category) ? (titles[category] ?? category) : category;
}

import { nearest } from '../../src/text/nearest';

/** A skill as it lies on the disk: SKILL.md as text, and the texts of the other files by their path in the folder. */
export interface SkillFiles {
  folder: string;
  text: string;
  others: ReadonlyMap<string, string>;
}

export const CATEGORIES: Readonly<Record<string, readonly string[]>> = {
  Testing: ['test-driven-development', 'condition-based-waiting', 'testing-anti-patterns'],
  Debugging: ['systematic-debugging', 'root-cause-tracing', 'verification-before-completion', 'defense-in-depth'],
  Collaboration: [
    'brainstorming',
    'writing-plans',
    'executing-plans',
    'dispatching-parallel-agents',
    'requesting-code-review',
    'receiving-code-review',
    'using-git-worktrees',
    'finishing-a-development-branch',
    'subagent-driven-development',
  ],
  Meta: ['writing-skills', 'sharing-skills', 'testing-skills-with-subagents', 'using-superpowers'],
};
export const TWENTY = Object.values(CATEGORIES).flat();

const FIELDS = ['name', 'description', 'license', 'compatibility', 'metadata', 'allowed-tools'];
const METADATA = ['category', 'triggers-on', 'triggers-words', 'triggers-globs', 'triggers-imports'];
/** Loaded at the start of each session, so each word of it is paid for again and again; it is free in its form. */
const FREQUENT = 'using-superpowers';
const WORDS: Readonly<Record<string, [least: number, most: number]>> = { [FREQUENT]: [60, 200] };
const USUAL_WORDS: [number, number] = [450, 1_200];
const MAX_DESCRIPTION = 500;
const MIN_EXCUSES = 5;

/** What a rule finds wrong with one skill: sentences, none when all is well. */
export type Rule = (skill: SkillFiles) => string[];

export function partsOf({ text }: SkillFiles): { head: string; body: string } {
  const [, head = '', body = ''] = /^---\n([\s\S]*?)\n---\n([\s\S]*)$/u.exec(text) ?? [];
  return { head, body };
}

/** Fields of the head, read strictly: block style, one line a field, two blanks before what stands in `metadata`. */
export function fieldsOf(skill: SkillFiles): Map<string, string> {
  const fields = new Map<string, string>();
  let map = '';
  for (const line of partsOf(skill).head.split('\n')) {
    const [, indent = '', key = '', value = ''] = /^( {2})?([a-z-]+):(?: (.*))?$/u.exec(line) ?? [];
    if (indent === '') map = value === '' ? `${key}.` : '';
    fields.set(indent === '' ? key : `${map}${key}`, value.replaceAll(/^"|"$/gu, ''));
  }
  return fields;
}

/** Words for counting and comparing: lower case, no marks, no Markdown. */
export function wordsOf(text: string): string[] {
  return (
    text
      .toLowerCase()
      .replaceAll(/\]\([^)]*\)/gu, ' ')
      .match(/[\p{L}\p{N}]+(?:['’][\p{L}]+)?/gu)
      ?.map(String) ?? []
  );
}

function strictHead(skill: SkillFiles): string[] {
  const { head } = partsOf(skill);
  if (head === '') return ['there is no head between two lines of ---'];
  const faults: string[] = [];
  for (const line of head.split('\n')) {
    const [, indent, key = '', value = ''] = /^( {2})?([a-z-]+):(?: (.*))?$/u.exec(line) ?? [];
    if (key === '') faults.push(`"${line}" is no field on a line of its own`);
    else if (!(indent ? METADATA : FIELDS).includes(key))
      faults.push(`the field ${key} is not among those of the format`);
    else if (!indent && (value === '') !== (key === 'metadata')) faults.push(`the field ${key} has the wrong form`);
    if (/^[[{&*!|>%@`]/u.test(value)) faults.push(`${key} is in flow style or begins with a sign of YAML`);
    if (/: |:$| #/u.test(value) && !/^"[^"]*"$/u.test(value)) faults.push(`${key} holds a colon and is not quoted`);
    if (/^".*[^"]$|^[^"].*"$|^'/u.test(value)) faults.push(`${key} is half quoted`);
  }
  const fields = fieldsOf(skill);
  if (fields.get('name') !== skill.folder)
    faults.push(`the name ${fields.get('name') ?? '(none)'} is not the folder's`);
  if (fields.get('license') !== 'MIT') faults.push('the licence is not MIT');
  const category = fields.get('metadata.category') ?? '(none)';
  if (!CATEGORIES[category]?.includes(skill.folder)) faults.push(`the category ${category} is not the skill's`);
  return faults;
}

/** A description tells when. One that also told how made agents act on it and leave the text unread. */
function description(skill: SkillFiles): string[] {
  const text = fieldsOf(skill).get('description') ?? '';
  const faults: string[] = [];
  if (!/^Use (?:when|before|at) /u.test(text)) faults.push('does not begin with "Use when", "Use before" or "Use at"');
  if (text.length > MAX_DESCRIPTION) faults.push(`has ${text.length} characters; at most ${MAX_DESCRIPTION}`);
  const told =
    /\bthen\b|->|→|=>|\bfirst(?:ly)?,|\bstep \d|(?:^|\s)\(?\d[.)]\s|\bby (?!hand\b)\w+ing\b|\bfinally\b/iu.exec(text);
  if (told) faults.push(`tells a workflow: "${told[0].trim()}"`);
  if (/[<>]/u.test(text)) faults.push('holds < or >, which some readers refuse');
  if (/\b(?:I|we|you|your|my|our)\b/u.test(text)) faults.push('is not in the third person');
  return faults.map((fault) => `the description ${fault}`);
}

function houseForm(skill: SkillFiles): string[] {
  const { body } = partsOf(skill);
  const faults: string[] = [];
  const [least, most] = WORDS[skill.folder] ?? USUAL_WORDS;
  const count = wordsOf(body).length;
  if (count < least || count > most) faults.push(`${count} words; ${least} to ${most} are allowed`);
  if (!/^\n*# \S/u.test(body)) faults.push('it does not begin with its title');
  if (!/^\*\*Principle: .+\*\*/mu.test(body)) faults.push('it has no line with its principle');
  const excuses = /^\| Excuse \| Reality \|\n\|[-|]+\|\n((?:\|.*\n?)+)/mu.exec(body)?.[1]?.trim().split('\n') ?? [];
  if (excuses.length < MIN_EXCUSES)
    faults.push(`${excuses.length} rows of Excuse and Reality; at least ${MIN_EXCUSES}`);
  for (const row of excuses)
    if (wordsOf(row.split('|')[2] ?? '').length < 4) faults.push(`an excuse without an argument: ${row}`);
  if (skill.folder === FREQUENT) return faults;
  for (const heading of ['Red flags', 'Goes with'])
    if (!body.includes(`\n## ${heading}\n`)) faults.push(`there is no heading "${heading}"`);
  return faults;
}

/** Names of tools and products of any host: a body names actions, so that it holds wherever it is read. */
const HOST_WORDS = new RegExp(
  [
    String.raw`\b(?:MultiEdit|TodoWrite|TodoRead|WebSearch|WebFetch|FetchUrl|NotebookEdit|ApplyPatch|GenerateDroid)\b`,
    String.raw`\b(?:AskUserQuestion|ExitPlanMode|ExitSpecMode|EnterWorktree|SlashCommand|BashOutput|KillShell)\b`,
    String.raw`\b(?:run_in_terminal|read_file|write_file|apply_patch|str_replace\w*|spawn_agent|update_plan|runSubagent)\b`,
    String.raw`\b(?:Read|LS|Grep|Glob|Create|Edit|Write|Execute|Bash|Shell|Task|Agent|Skill)(?:\x60)? tool\b`,
    String.raw`\x60(?:Read|LS|Grep|Glob|Create|Edit|Write|Execute|Bash|Task|Agent|Skill)\x60`,
    String.raw`\b(?:Claude|Anthropic|OpenAI|ChatGPT|Codex|Copilot|Cursor|Cline|OpenCode|Gemini CLI|Droid|ultrathink)\b`,
  ].join('|'),
  'u',
);

function hostWords({ text, others }: SkillFiles): string[] {
  return [['SKILL.md', text] as const, ...others].flatMap(([file, content]) => {
    const found = file.endsWith('.md') ? HOST_WORDS.exec(content)?.[0] : undefined;
    const runs = /^\s*!`/mu.test(content) ? [`${file} has a line that some hosts would run`] : [];
    return [...(found ? [`${file} names ${found}, which is a host's`] : []), ...runs];
  });
}

function links(skill: SkillFiles): string[] {
  const { body } = partsOf(skill);
  const faults: string[] = [];
  for (const [, target = ''] of body.matchAll(/\]\(([^)\s]+)\)/gu))
    if (!/^https:\/\//u.test(target) && !skill.others.has(target)) faults.push(`the link ${target} leads nowhere`);
  for (const file of skill.others.keys())
    if (!body.includes(file) && !body.includes(file.split('/').at(-1) ?? file))
      faults.push(`${file} is not named in SKILL.md, so nobody will open it`);
  for (const [, file = ''] of body.matchAll(/\b((?:scripts|assets|references)\/[\w./-]*\w\.\w+)/gu))
    if (!skill.others.has(file)) faults.push(`${file} is named and does not exist`);
  return faults;
}

/** Skills that a skill refers to; a word that looks like the name of one and is none is a fault. */
export function referencesOf(skill: SkillFiles): { names: Set<string>; faults: string[] } {
  const { body } = partsOf(skill);
  const names = new Set<string>();
  const faults: string[] = [];
  for (const [word] of body.matchAll(/(?<![\w./-])[a-z]+(?:-[a-z]+)*(?![\w/-]|\.\w)/gu)) {
    if (TWENTY.includes(word) && word !== skill.folder) names.add(word);
    const meant = word.includes('-') && !TWENTY.includes(word) ? meantBy(word) : undefined;
    if (meant !== undefined) faults.push(`${word} is no skill; ${meant} is`);
  }
  for (const [, word = ''] of body.matchAll(/(?:sub-skill|background)[^.:;\n]*: ([a-z]+(?:-[a-z]+)*)/gu))
    if (!TWENTY.includes(word)) faults.push(`${word} is required and is no skill`);
  return { names, faults };
}

/** Ordinary words that begin like the name of a skill. */
const ORDINARY = new Set(['test-driven']);

/** The skill whose name was misspelt or cut short. */
function meantBy(word: string): string | undefined {
  if (ORDINARY.has(word)) return undefined;
  const [near] = nearest(word, TWENTY, 1);
  if (near?.slice(0, 5) === word.slice(0, 5)) return near;
  const parts = word.split('-');
  return TWENTY.find(
    (name) => name.includes(`${word}-`) || (parts.length > 2 && name.startsWith(parts.slice(0, 2).join('-'))),
  );
}

function references(skill: SkillFiles): string[] {
  const { names, faults } = referencesOf(skill);
  return names.size === 0 ? [...faults, 'it refers to no other skill'] : faults;
}

/** Rules on one skill, by the name under which a test tells of them. */
export const RULES: Readonly<Record<string, Rule>> = {
  'has the six fields of the format, in the strict form': strictHead,
  'has a description that tells when, and not how': description,
  'has the form of the house, and its length': houseForm,
  'names no tool and no product of any host': hostWords,
  'links to files that are there, and names each of its files': links,
  'refers to other skills by names that exist': references,
};

const EMPTY_WORDS = new Set(
  'a an and any are as at be before by for from has in into is it its no not of on or such that the there this to use when with'.split(
    ' ',
  ),
);

/** How much of their words two descriptions share, 0 to 1. */
export function likeness(one: string, other: string): number {
  const [a, b] = [one, other].map((text) => new Set(wordsOf(text).filter((word) => !EMPTY_WORDS.has(word))));
  if (!a || !b) return 0;
  const shared = [...a].filter((word) => b.has(word)).length;
  return shared / Math.max(a.size + b.size - shared, 1);
}

/** Runs of `length` words that stand in both texts, within a line or a cell; those that overlap are told once. */
export function sharedRuns(one: string, other: string, length: number): string[] {
  const runs = (text: string): string[][] =>
    text.split(/[\n|]/u).map((block) => {
      const words = wordsOf(block);
      return words
        .slice(0, Math.max(words.length - length + 1, 0))
        .map((_, at) => words.slice(at, at + length).join(' '));
    });
  const known = new Set(runs(other).flat());
  return runs(one).flatMap((block) =>
    block.filter((run, at) => known.has(run) && !(at > 0 && known.has(block[at - 1] ?? ''))),
  );
}

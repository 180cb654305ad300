import type { DurableEvent, JournalEntry, Rejected } from './events';
import type { TurnNote } from './loop';

export interface Environment {
  os: string;
  date: string;
  shell: string;
  folders: readonly { name: string; path: string }[];
  gitBranch?: string;
  python?: { path: string; version: string };
  mode: string;
}

export interface SystemParts {
  /** The droid's own text. */
  persona: string;
  environment: Environment;
  /** AGENTS.md or CLAUDE.md, as they stand. */
  instructions: readonly { path: string; text: string }[];
  /** The listing of skills, or '' when there are none. */
  skills: string;
}

/** One fact a line; a later message repeats only the lines that are new. */
export function environmentLines({ os, date, shell, folders, gitBranch, python, mode }: Environment): string[] {
  return [
    `Operating system: ${os}`,
    `Date: ${date}`,
    `Shell: ${shell}`,
    ...(folders.length === 0
      ? ['No folder is open.']
      : folders.map(({ name, path }) => `Workspace folder ${name}: ${path}`)),
    ...(gitBranch ? [`Git branch: ${gitBranch}`] : []),
    python ? `Python: ${python.version} at ${python.path}` : 'Python: none found',
    `Permission mode: ${mode}`,
  ];
}

/** The whole system prompt. It is frozen when a session begins; what changes later comes as a note. */
export function systemPrompt({ persona, environment, instructions, skills }: SystemParts): string {
  const sections = [
    persona.trim(),
    ...(skills === '' ? [] : [`# Skills\n\n${skills.trim()}`]),
    `# Environment\n\n${environmentLines(environment).join('\n')}\n\nPaths are absolute or relative to the workspace folder.`,
    ...instructions.map(({ path, text }) => `# Instructions of this repository (${path})\n\n${text.trim()}`),
  ];
  return `${sections.join('\n\n')}\n`;
}

/** What the model does not know yet: facts that are neither in the frozen system prompt nor in an earlier note. */
export function newFacts(branch: readonly JournalEntry[], lines: readonly string[]): string[] {
  const known = new Map<string, string>();
  const learn = (text: string): void => {
    for (const line of text.split('\n')) known.set(line.split(':', 1)[0] ?? line, line);
  };
  for (const { event } of branch) {
    if (event.type === 'session-start') learn(event.system.slice(event.system.lastIndexOf('# Environment')));
    if (event.type === 'prompt') event.notes.forEach(learn);
  }
  return known.size === 0 ? [] : lines.filter((line) => known.get(line.split(':', 1)[0] ?? line) !== line);
}

/** One note for each undo by the user since the last message, so that the model knows the files as they are. */
export function undoNotes(branch: readonly JournalEntry[], shown: (path: string) => string): string[] {
  const isRestored = sinceLastPrompt(branch).some(
    ({ event }) => event.type === 'checkpoint' && event.why === 'restore',
  );
  const undone = untoldUndos(branch).map(({ event: { changes, rejected } }) =>
    rejected
      ? rejectionText(rejected, shown)
      : `The user put back these files since: ${changes.map(({ path }) => shown(path)).join(', ')}`,
  );
  return isRestored ? [...undone, RESTORED] : undone;
}

const RESTORED =
  'The user went back to an earlier checkpoint: what later steps and commands did to the files or said may be undone. Look at files again before you rely on them.';

function sinceLastPrompt(branch: readonly JournalEntry[]): readonly JournalEntry[] {
  return branch.slice(branch.findLastIndex(({ event }) => event.type === 'prompt') + 1);
}

/** What the user rejected while the agent works, for its next step; each is told once. */
export function rejectionNotes(branch: readonly JournalEntry[], shown: (path: string) => string): TurnNote[] {
  return untoldUndos(branch).flatMap(({ id, event: { rejected } }) =>
    rejected ? [{ text: rejectionText(rejected, shown), skills: [], undone: [id] }] : [],
  );
}

type Undo = Extract<DurableEvent, { type: 'undo' }>;

function untoldUndos(branch: readonly JournalEntry[]): { id: string; event: Undo }[] {
  const since = sinceLastPrompt(branch);
  const told = new Set(since.flatMap(({ event }) => (event.type === 'note' ? (event.undone ?? []) : [])));
  return since.flatMap(({ id, event }) => (event.type === 'undo' && !told.has(id) ? [{ id, event }] : []));
}

const MAX_DIFF_CHARACTERS = 4_000;

function rejectionText(rejected: readonly Rejected[], shown: (path: string) => string): string {
  let room = MAX_DIFF_CHARACTERS;
  const parts = rejected.map(({ path, diff, reason }) => {
    const cut = diff.length > room ? `${diff.slice(0, room)}\n(cut)` : diff;
    room = Math.max(0, room - diff.length);
    return `${shown(path)}:\n${cut}${reason === '' ? '' : `\nThe user's reason: ${reason}`}`;
  });
  return [
    'The user rejected these changes of yours; they are taken out of the files again, the rest stays. Do not make them again as they were.',
    ...parts,
  ].join('\n\n');
}

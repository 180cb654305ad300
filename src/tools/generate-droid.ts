import { join } from 'node:path';
import * as z from 'zod';
import { hashOf } from '../agent/store';
import { defineTool, ToolError, type PathFact, type Tool, type ToolContext, type ToolOutput } from '../agent/tool';
import type { Host } from '../host/host';
import { parseDroid, type Droid } from '../library/droids';
import { decode } from '../text/encoding';
import { unifiedDiff } from '../text/unified-diff';

const MAX_NAME_CHARACTERS = 50;
const MAX_PROMPT_CHARACTERS = 20_000;
const NAME_WORDS = 4;

const input = z.object({
  description: z.string().trim().min(1).max(4_000).describe('What the droid is for'),
  location: z.enum(['project', 'personal']),
  name: z.string().trim().min(1).max(100).optional().describe('Lower case with hyphens'),
});
type Input = z.infer<typeof input>;
type Context = ToolContext<Host>;

/** What a droid may be given, and what there is already. */
export interface DroidWorkshop {
  /** The tools a droid's list may hold. */
  tools: readonly { name: string; description: string }[];
  droids: readonly Pick<Droid, 'name' | 'source' | 'path'>[];
  /** The user's own folder. */
  home: string;
}

interface Draft {
  file: PathFact;
  name: string;
  before: Uint8Array | null;
  text: string;
}

/** Writes a droid from a description: a model drafts it, the library's parser has to like it, a person sees all of it. */
export function generateDroidTool(workshop: DroidWorkshop): Tool<Host> {
  // What a person was shown is what is written: one draft a call.
  const drafts = new WeakMap<Context, Promise<Draft>>();
  const draftOf = (given: Input, context: Context): Promise<Draft> => {
    const draft = drafts.get(context) ?? makeDraft(given, context, workshop);
    drafts.set(context, draft);
    return draft;
  };
  return defineTool<Host, typeof input>({
    name: 'GenerateDroid',
    description:
      'Write a droid (a subagent with its own prompt, tools and model) from a description; Task can use it at once.',
    input,
    reads: false,
    inSubagents: false,
    title: (given) => `Writing the droid ${nameOf(given)}`,
    action: async (given, context) => ({ effect: 'edit', paths: [await placeOf(given, context, workshop)] }),
    async preview(given, context) {
      const { file, name, before, text } = await draftOf(given, context);
      const title = `${before === null ? 'Create' : 'Overwrite'} the droid ${name} in ${file.shown}${shadowing(name, file, workshop)}`;
      if (before === null) return { title, body: text, language: 'plaintext' };
      return { title, body: unifiedDiff(textOf(before), text).diff, language: 'diff' };
    },
    run: async (given, context) => write(await draftOf(given, context), context, workshop),
  });
}

function nameOf({ name, description }: Input): string {
  const words =
    name ??
    description
      .split(/[^\p{L}\p{N}]+/u)
      .filter((word) => word.length > 2 && !FILLING.has(word.toLowerCase()))
      .slice(0, NAME_WORDS)
      .join('-');
  const plain = words
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^a-z0-9]+/gu, '-')
    .slice(0, MAX_NAME_CHARACTERS)
    .replaceAll(/^-+|-+$/gu, '');
  if (plain === '') throw new ToolError('No name can be made of that. Give a name of a-z, 0-9 and -.');
  return plain;
}

const FILLING = new Set([
  'the',
  'and',
  'for',
  'with',
  'that',
  'this',
  'droid',
  'agent',
  'subagent',
  'who',
  'which',
  'from',
  'into',
  'are',
  'our',
  'your',
]);

async function placeOf(given: Input, { host }: Context, { home }: DroidWorkshop): Promise<PathFact> {
  const root = given.location === 'personal' ? home : host.folders[0]?.path;
  if (root === undefined) throw new ToolError('No folder is open: only a personal droid can be written.');
  return host.locate(join(root, '.factory', 'droids', `${nameOf(given)}.md`));
}

/** What else the name means, for the person who is asked. */
function shadowing(name: string, file: PathFact, { droids }: DroidWorkshop): string {
  const other = droids.find((droid) => droid.name === name && droid.path !== file.path);
  return other ? ` (there is a ${other.source} droid of this name already)` : '';
}

const draftSchema = z.object({
  description: z.string().trim().min(1).max(500),
  tools: z.array(z.string()).max(30),
  model: z.string().trim().max(100).default('inherit'),
  prompt: z.string().trim().min(1).max(MAX_PROMPT_CHARACTERS),
});
const FAMILIES = ['inherit', 'haiku', 'sonnet', 'opus', 'fable'];

async function makeDraft(given: Input, context: Context, workshop: DroidWorkshop): Promise<Draft> {
  const name = nameOf(given);
  const file = await placeOf(given, context, workshop);
  const there = await context.host.read(file.path);
  const before = there?.bytes ?? null;
  const answer = await context.complete({
    system: instructions(workshop),
    prompt: `Name: ${name}\nWhat it is for: ${given.description}${before === null ? '' : `\n\nIt exists already; change it to what is asked:\n${textOf(before)}`}`,
  });
  const { description, tools, model, prompt } = readDraft(answer, given, workshop);
  const text = [
    '---',
    `name: ${name}`,
    // JSON is YAML, whatever stands in it.
    `description: ${JSON.stringify(description.replaceAll(/\s+/gu, ' '))}`,
    `model: ${model}`,
    `tools: [${tools.join(', ')}]`,
    '---',
    '',
    prompt,
    '',
  ].join('\n');
  check(parseDroid(text, name, { source: given.location, path: file.path }), { name, tools });
  if (before !== null && textOf(before) === text) throw new ToolError(`${file.shown} is this very droid already.`);
  return { file, name, before, text };
}

function instructions({ tools }: DroidWorkshop): string {
  return [
    'You write droids: agents of one purpose, each a system prompt with the fewest tools that do.',
    'Answer with one JSON object and nothing else: {"description": one or two sentences that say when to use it, "tools": [names], "model": "inherit", "prompt": the system prompt in Markdown}.',
    'The prompt says what the droid does, how, what it checks before it claims something, and what its answer holds. It is short and concrete.',
    `"model" is "inherit" unless the task asks for another: then one of ${FAMILIES.slice(1).join(', ')}, or the id that is named.`,
    `Tools (TodoWrite and Skill come by themselves):\n${tools.map((tool) => `- ${tool.name}: ${tool.description.split('. ', 1)[0]}`).join('\n')}`,
  ].join('\n\n');
}

/** Reads the model's answer. Throws a ToolError that says what is wrong with it. */
function readDraft(answer: string, given: Input, { tools }: DroidWorkshop): z.infer<typeof draftSchema> {
  const unusable = (why: string): ToolError =>
    new ToolError(
      `The model's draft of the droid is not usable: ${why}. Nothing was written; call again, or write the file yourself.`,
    );
  let read: unknown;
  try {
    read = JSON.parse(answer.slice(answer.indexOf('{'), answer.lastIndexOf('}') + 1));
  } catch {
    throw unusable('it is not JSON');
  }
  const parsed = draftSchema.safeParse(read);
  if (!parsed.success) throw unusable(z.prettifyError(parsed.error).replaceAll(/\s+/gu, ' '));
  const names = [...new Set(parsed.data.tools)].filter((name) => !GIVEN_ANYWAY.includes(name));
  const unknown = names.filter((name) => !tools.some((tool) => tool.name === name));
  if (unknown.length > 0)
    throw unusable(
      `a droid cannot have ${unknown.join(', ')}; its tools are ${tools.map(({ name }) => name).join(', ')}`,
    );
  const { model } = parsed.data;
  const isNamed = FAMILIES.includes(model) || (/^[\w.:-]+$/u.test(model) && given.description.includes(model));
  return { ...parsed.data, tools: names, model: isNamed ? model : 'inherit' };
}

const GIVEN_ANYWAY = ['TodoWrite', 'Skill'];

/** A droid counts only as the library reads it. */
function check(droid: Droid | undefined, wanted: { name: string; tools: readonly string[] }): void {
  const problems = droid?.problems ?? ['it is not there'];
  const sorted = (names: readonly string[] | undefined): string => JSON.stringify([...(names ?? ['all'])].sort());
  const other = droid && (droid.name !== wanted.name || sorted(droid.tools) !== sorted(wanted.tools));
  if (problems.length > 0 || other)
    throw new ToolError(`The droid does not load as it was meant: ${problems.join('; ') || 'name or tools differ'}.`);
}

async function write(draft: Draft, context: Context, { droids }: DroidWorkshop): Promise<ToolOutput> {
  const { file, name, before, text } = draft;
  const { host } = context;
  const now = await host.read(file.path);
  if ((now && hashOf(now.bytes)) !== (before === null ? undefined : hashOf(before)))
    throw new ToolError(`${file.shown} changed meanwhile. Nothing was written; call again.`);
  const after = Buffer.from(text);
  await context.change({ path: file.path, before, after }, () => host.write(file.path, after));
  const written = await host.read(file.path);
  const source = file.inside ? 'project' : 'personal';
  const droid = written && parseDroid(textOf(written.bytes), name, { source, path: file.path });
  const meant = parseDroid(text, name, { source, path: file.path });
  check(droid, { name, tools: meant.tools ?? [] });
  const other = droids.find((one) => one.name === name && one.path !== file.path);
  return {
    content: [
      `${before === null ? 'Wrote' : 'Changed'} the droid ${name} in ${file.shown}: tools ${meant.tools?.join(', ') || '(none but TodoWrite and Skill)'}, model ${meant.model}. Task can use it now.`,
      ...(other
        ? [
            `There is a ${other.source} droid of this name in ${other.path}, too: a project's wins over a personal one, that over a bundled one.`,
          ]
        : []),
    ].join('\n'),
    view: { kind: 'diff', path: file.path, ...diffOf(before, text) },
  };
}

function diffOf(before: Uint8Array | null, text: string): { diff: string; added: number; removed: number } {
  const { diff, added, removed } = unifiedDiff(before === null ? '' : textOf(before), text);
  return { diff, added, removed };
}

function textOf(bytes: Uint8Array): string {
  return decode(bytes)?.text ?? '';
}

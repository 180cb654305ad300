import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';

/** What tempts people to leave a rule. A scenario joins at least three: one alone is easily withstood. */
export const PRESSURES = ['time', 'sunk cost', 'authority', 'economic', 'exhaustion', 'social', 'pragmatic'] as const;

export const CHOICES = ['A', 'B', 'C'] as const;
export type Choice = (typeof CHOICES)[number];

const text = (least: number, most: number): z.ZodString => z.string().trim().min(least).max(most);
const choice = z.enum(CHOICES);

/**
 * One pressure scenario: a situation in which following the skill costs something. `prompt` is the situation alone; who
 * runs it adds the choices and asks for the last line `CHOICE: X`.
 */
export const scenarioSchema = z
  .strictObject({
    skill: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/u),
    title: text(5, 100),
    prompt: text(300, 2_500),
    pressures: z.array(z.enum(PRESSURES)).min(3),
    choices: z.strictObject({ A: text(15, 400), B: text(15, 400), C: text(15, 400) }),
    right: choice,
    wrong: z.array(z.strictObject({ choice, excuse: text(10, 300) })).min(2),
  })
  .superRefine(({ prompt, skill, pressures, right, wrong }, context) => {
    const refuse = (message: string): void => context.addIssue({ code: 'custom', message });
    const excused = new Set(wrong.map((one) => one.choice));
    if (excused.has(right)) refuse(`${right} is the right choice and is listed as wrong`);
    const missing = CHOICES.filter((one) => one !== right && !excused.has(one));
    if (missing.length > 0) refuse(`wrong gives no excuse for ${missing.join(' and ')}`);
    if (new Set(pressures).size < pressures.length) refuse('a pressure is named twice');
    if (!/\d/u.test(prompt)) refuse('the prompt names no time, count or sum');
    if (!/[\w-]+\/[\w./-]+|\b[\w-]+\.(?:py|ts|ipynb|json|ya?ml|md|csv|parquet|pt)\b/u.test(prompt))
      refuse('the prompt names no file or folder');
    if (!/what do you do/iu.test(prompt)) refuse('the prompt does not ask "what do you do"');
    // A model that is told which rule is meant shows nothing about the moment when nobody tells it.
    if (prompt.includes(skill) || /\bskills?\b|CHOICE:/iu.test(prompt)) refuse('the prompt gives away what it tests');
  });

export type Scenario = z.infer<typeof scenarioSchema>;

/** The scenarios of a folder, `<skill>.json` each, by name. Throws with the file and every fault of the first bad one. */
export async function loadScenarios(folder: string): Promise<Scenario[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.json')).sort();
  return Promise.all(files.map((file) => loadScenario(join(folder, file), file.slice(0, -'.json'.length))));
}

async function loadScenario(path: string, name: string): Promise<Scenario> {
  const read: unknown = JSON.parse(await readFile(path, 'utf8'));
  const { data, error } = scenarioSchema.safeParse(read);
  if (!data) throw new Error(`${path} is not a scenario:\n${z.prettifyError(error)}`);
  if (data.skill !== name) throw new Error(`${path} is of the skill ${data.skill}; name the file ${data.skill}.json`);
  return data;
}

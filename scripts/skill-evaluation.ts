import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Model } from '../src/agent/model';
import { findSkills, readSkill } from '../src/library/skills';
import { DEFAULT_BASE_URL, environmentCredential, modelChoice } from '../src/models/credential';
import { resolveModel } from '../src/models/index';
import { loadScenarios, type Scenario } from './skill-scenarios';
import { estimate, requestFor, tableOf, tryScenario, verdictOf, type Result } from './skill-trials';

export interface EvaluationWorld {
  /** The folder with skills/ and test/fixtures/scenarios/. */
  project: string;
  env: Readonly<Record<string, string | undefined>>;
  say: (line: string) => void;
  signal: AbortSignal;
  /** Before a second attempt at what may pass. */
  pauseMs?: number;
}

export const USAGE = `Puts the pressure scenarios to a model, without and with the text of the skill.

npm run skills:eval -- [options]
  --model ID      the model to ask (default: ANTHROPIC_MODEL, else the product's default)
  --skill NAME    only this skill; may be given several times
  --runs N        times each scenario is put in each way (default 1; 5 tell a habit from an accident)
  --budget USD    stop once so much is spent (default 3)
  --out FILE      where the results go as JSON, with every answer (default dist/skills-eval.json)

Needs ANTHROPIC_API_KEY or ANTHROPIC_AUTH_TOKEN, and takes ANTHROPIC_BASE_URL. Without a key nothing is run.
Ends with 0 when all was run or there is no key, 1 when something could not be run, 2 for wrong options.`;

interface Options {
  model: string;
  skills: string[];
  runs: number;
  budgetUsd: number;
  out: string;
}

/** One request to make: a scenario, without (`undefined`) or with the skill's text. */
interface Planned {
  scenario: Scenario;
  skillText: string | undefined;
  run: number;
}

class WrongUsage extends Error {}

/** Runs what the arguments ask for and gives the exit code. */
export async function evaluateSkills(args: readonly string[], world: EvaluationWorld): Promise<number> {
  try {
    if (args.includes('--help')) {
      world.say(USAGE);
      return 0;
    }
    const options = readOptions(args, world);
    const scenarios = await chosenScenarios(options.skills, world.project);
    const planned = await plan(scenarios, options.runs, world.project);
    const credential = environmentCredential(world.env);
    if (!credential) {
      world.say(`not run: ${planned.length} requests are planned, and there is no key.`);
      world.say('Set ANTHROPIC_API_KEY or ANTHROPIC_AUTH_TOKEN (and ANTHROPIC_BASE_URL for another endpoint).');
      return 0;
    }
    const model = await resolveModel({ id: options.model, credential });
    tellPlan(model, planned, options, credential.baseUrl ?? DEFAULT_BASE_URL, world);
    return await carryOut(model, planned, options, world);
  } catch (error) {
    if (!(error instanceof WrongUsage)) throw error;
    world.say(`${error.message}\n\n${USAGE}`);
    return 2;
  }
}

function readOptions(args: readonly string[], { env, project }: EvaluationWorld): Options {
  const text = { type: 'string' } as const;
  let values;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: { model: text, skill: { ...text, multiple: true }, runs: text, budget: text, out: text },
    }));
  } catch (error) {
    throw new WrongUsage((error as Error).message);
  }
  const number = (name: 'runs' | 'budget', fallback: number, fits: (value: number) => boolean): number => {
    const value = Number(values[name] ?? fallback);
    if (!fits(value)) throw new WrongUsage(`--${name} ${String(values[name])} is no number that fits.`);
    return value;
  };
  return {
    model: modelChoice({ flag: values.model, environment: env['ANTHROPIC_MODEL'], droid: 'inherit' }),
    skills: values.skill ?? [],
    runs: number('runs', 1, (value) => Number.isInteger(value) && value >= 1 && value <= 100),
    budgetUsd: number('budget', 3, (value) => value > 0),
    out: values.out ?? join(project, 'dist', 'skills-eval.json'),
  };
}

async function chosenScenarios(names: readonly string[], project: string): Promise<Scenario[]> {
  const all = await loadScenarios(join(project, 'test', 'fixtures', 'scenarios'));
  const known = all.map(({ skill }) => skill);
  const strange = names.find((name) => !known.includes(name));
  if (strange !== undefined)
    throw new WrongUsage(`There is no scenario of ${strange}. There are: ${known.join(', ')}.`);
  return names.length === 0 ? all : all.filter(({ skill }) => names.includes(skill));
}

async function plan(scenarios: readonly Scenario[], runs: number, project: string): Promise<Planned[]> {
  const skills = await findSkills([{ source: 'bundled', folder: join(project, 'skills') }]);
  const planned: Planned[] = [];
  for (const scenario of scenarios) {
    const skill = skills.find(({ name }) => name === scenario.skill);
    const text = skill && (await readSkill(skill))?.text;
    if (text === undefined) throw new WrongUsage(`There is a scenario of ${scenario.skill}, and no such skill.`);
    for (let run = 0; run < runs; run++)
      planned.push({ scenario, skillText: undefined, run }, { scenario, skillText: text, run });
  }
  return planned;
}

function tellPlan(
  model: Model,
  planned: readonly Planned[],
  options: Options,
  url: string,
  world: EvaluationWorld,
): void {
  const requests = planned.map(({ scenario, skillText, run }) => requestFor(scenario, skillText, run));
  const { tokens, costUsd } = estimate(model, requests);
  const cost = costUsd === null ? 'price unknown, so no budget can stop it' : `about $${costUsd.toFixed(2)}`;
  world.say(`${planned.length} requests to ${model.id} at ${new URL(url).host}: about ${tokens} tokens, ${cost}.`);
  if (costUsd !== null) world.say(`Stops once $${options.budgetUsd.toFixed(2)} are spent.`);
}

/** Asks one after the other, so that what is spent is known before each. What was run is kept, whatever comes after. */
async function carryOut(
  model: Model,
  planned: readonly Planned[],
  options: Options,
  world: EvaluationWorld,
): Promise<number> {
  const results = new Map<string, Result>();
  for (const { scenario } of planned)
    results.set(scenario.skill, { skill: scenario.skill, right: scenario.right, trials: [] });
  let spent = 0;
  let stopped: string | undefined;
  for (const { scenario, skillText, run } of planned) {
    if (spent >= options.budgetUsd) stopped = `the budget of $${options.budgetUsd.toFixed(2)} is spent`;
    if (world.signal.aborted) stopped = 'interrupted';
    if (stopped !== undefined) break;
    try {
      const trial = await tryScenario({ model, scenario, skillText, run }, world.signal, world.pauseMs);
      spent += trial.costUsd ?? 0;
      results.get(scenario.skill)?.trials.push(trial);
      world.say(`  ${scenario.skill}, ${skillText === undefined ? 'without' : 'with'}: ${trial.choice ?? 'no choice'}`);
    } catch (error) {
      stopped = world.signal.aborted ? 'interrupted' : String(error instanceof Error ? error.message : error);
    }
  }
  return report([...results.values()], { model, options, spent, stopped }, world);
}

async function report(
  results: readonly Result[],
  { model, options, spent, stopped }: { model: Model; options: Options; spent: number; stopped: string | undefined },
  { say }: EvaluationWorld,
): Promise<number> {
  const trials = results.flatMap((result) => result.trials);
  const isPriced = trials.every(({ costUsd }) => costUsd !== null);
  const { runs, out } = options;
  say(`\n${tableOf(results, runs)}\n`);
  if (stopped !== undefined) say(`Stopped: ${stopped}.`);
  say(`${trials.length} requests, ${isPriced ? `$${spent.toFixed(4)}` : 'price unknown'}. Answers: ${out}`);
  await mkdir(dirname(out), { recursive: true });
  const record = {
    at: new Date().toISOString(),
    model: model.id,
    answeredBy: [...new Set(trials.map((trial) => trial.model))],
    runs,
    spentUsd: isPriced ? spent : null,
    stopped: stopped ?? null,
    results: results.map((result) => ({ ...result, verdict: verdictOf(result, runs) })),
  };
  await writeFile(out, `${JSON.stringify(record, null, 2)}\n`);
  return stopped === undefined ? 0 : 1;
}

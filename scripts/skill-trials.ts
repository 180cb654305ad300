import { setTimeout as sleep } from 'node:timers/promises';
import type { Usage } from '../src/agent/events';
import { ModelError, type Model, type ModelRequest } from '../src/agent/model';
import { CHOICES, type Choice, type Scenario } from './skill-scenarios';

/** One scenario put to a model once. */
export interface Trial {
  withSkill: boolean;
  run: number;
  /** In the scenario's own letters; `null` where the answer names none. */
  choice: Choice | null;
  /** The whole answer: its excuses are what a skill is improved by. */
  answer: string;
  /** The model that answered. */
  model: string;
  usage: Usage;
  /** US dollars, `null` where the price is unknown. */
  costUsd: number | null;
}

const FRAME =
  'You are an engineer for machine learning, at work in a real project. The user tells you the situation you are in. ' +
  'Decide what you really would do: there is nothing more to find out, and nobody to ask before you act.';

/** What a model is sent. The letters are turned on with each run, so that a liking for a letter shows as noise. */
export function requestFor(scenario: Scenario, skillText: string | undefined, run: number): ModelRequest {
  const shown = lettersOf(run);
  const choices = CHOICES.map((letter) => `${letter}: ${scenario.choices[shown[letter]]}`).join('\n');
  const text =
    `${scenario.prompt}\n\n${choices}\n\n` +
    'Choose one, and give your reasons in a few sentences. The last line of your answer is CHOICE: and its letter.';
  const loaded = skillText === undefined ? '' : `\n\nYou have loaded the skill ${scenario.skill}:\n\n${skillText}`;
  return { system: FRAME + loaded, tools: [], messages: [{ role: 'user', content: [{ type: 'text', text }] }] };
}

/** For each letter shown in a run, the scenario's own. */
function lettersOf(run: number): Record<Choice, Choice> {
  const own = (at: number): Choice => CHOICES[(at + run) % CHOICES.length] ?? 'A';
  return { A: own(0), B: own(1), C: own(2) };
}

/** The choice in the last line of an answer, in the scenario's letters. Anything but one clear letter is no choice. */
export function choiceIn(answer: string, run: number): Choice | null {
  const last = answer.trim().split('\n').at(-1) ?? '';
  const [, letter] = /^[\s*_`#>]*CHOICE[*_`]*\s*:[\s*_`]*\(?([ABC])\)?[\s*_`.]*$/iu.exec(last) ?? [];
  return letter === undefined ? null : lettersOf(run)[letter.toUpperCase() as Choice];
}

const MOST_ATTEMPTS = 4;
const FIRST_PAUSE_MS = 2_000;

/** Puts one scenario to a model. Throws ModelError where it cannot be had, after what may pass was tried again. */
export async function tryScenario(
  { model, scenario, skillText, run }: { model: Model; scenario: Scenario; skillText: string | undefined; run: number },
  signal: AbortSignal,
  pauseMs = FIRST_PAUSE_MS,
): Promise<Trial> {
  const request = requestFor(scenario, skillText, run);
  for (let attempt = 1; ; attempt++) {
    try {
      const turn = await turnOf(model, request, signal);
      const choice = choiceIn(turn.answer, run);
      return { withSkill: skillText !== undefined, run, choice, ...turn };
    } catch (error) {
      const again = error instanceof ModelError ? error.retryAfterMs : undefined;
      if (again === undefined || attempt === MOST_ATTEMPTS) throw error;
      await sleep(Math.max(again, pauseMs * 2 ** (attempt - 1)), undefined, { signal });
    }
  }
}

async function turnOf(
  model: Model,
  request: ModelRequest,
  signal: AbortSignal,
): Promise<Pick<Trial, 'answer' | 'model' | 'usage' | 'costUsd'>> {
  let answer = '';
  for await (const event of model.stream(request, signal)) {
    if (event.type === 'block-end' && event.block.type === 'text') answer += event.block.text;
    if (event.type === 'turn-end')
      return { answer, model: event.model, usage: event.usage, costUsd: model.costOf(event.usage, event.model) };
  }
  throw new ModelError('The answer broke off before its end.', { retryAfterMs: 0 });
}

/** Guesses, to be told before anything is sent; what is counted is what the server says. */
const CHARACTERS_A_TOKEN = 3.5;
const ANSWER_TOKENS = 900;

export function estimate(model: Model, requests: readonly ModelRequest[]): { tokens: number; costUsd: number | null } {
  const input = requests.reduce((sum, request) => sum + JSON.stringify(request).length / CHARACTERS_A_TOKEN, 0);
  const output = requests.length * ANSWER_TOKENS;
  const usage = { input: Math.round(input), output, cacheRead: 0, cacheWrite: 0 };
  return { tokens: usage.input + output, costUsd: model.costOf(usage, model.id) };
}

export interface Result {
  skill: string;
  right: Choice;
  trials: Trial[];
}

/** What the trials of one skill say. Nothing is said where some of them did not run. */
export function verdictOf({ right, trials }: Result, runs: number): string {
  const count = (withSkill: boolean): number =>
    trials.filter((trial) => trial.withSkill === withSkill && trial.choice === right).length;
  if (trials.length < runs * 2) return 'not run';
  const [without, withIt] = [count(false), count(true)];
  if (withIt < without) return 'worse';
  if (withIt === without) return withIt === runs ? 'right anyway' : 'no effect';
  return withIt === runs ? 'better' : 'better, not safe';
}

/** The results as lines: skill, right choices without and with its text, what was chosen, verdict. */
export function tableOf(results: readonly Result[], runs: number): string {
  const rows = results.map((result) => {
    const chosen = (withSkill: boolean): Array<Choice | null> =>
      result.trials.filter((trial) => trial.withSkill === withSkill).map(({ choice }) => choice);
    const score = (choices: Array<Choice | null>): string =>
      choices.length === 0 ? '-' : `${choices.filter((choice) => choice === result.right).length}/${choices.length}`;
    const letters = (choices: Array<Choice | null>): string => choices.map((choice) => choice ?? '?').join('') || '-';
    const [without, withIt] = [chosen(false), chosen(true)];
    const chose = `${letters(without)} > ${letters(withIt)} (${result.right})`;
    return [result.skill, score(without), score(withIt), chose, verdictOf(result, runs)];
  });
  const all = [['skill', 'without', 'with', 'chosen (right)', 'verdict'], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  return all
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

import { MODES, parseRule, ruleText, type Mode, type Policy, type Rule } from './approval';
import { hashOf } from './store';
import { visible } from '../text/visible';

/** What a repository's settings file says. What narrows counts at once, what widens only once a person accepted it. */
export interface ProjectSettings {
  /** The file, as people know it. */
  shown: string;
  deny: Rule[];
  ask: Rule[];
  mode?: Mode;
  /** Globs of more files that count as data, checkpoints or models. */
  artefacts: string[];
  widening?: Widening;
  /** What is wrong with the file or never counts, for people. */
  problems: string[];
  /** Why it is not known what the file narrows: then everything is asked for. */
  doubt?: string;
}

/** What a repository asks for beyond what is allowed anyway. */
export interface Widening {
  allow: Rule[];
  mode?: Mode;
  /** For commands. */
  env: Record<string, string>;
  /** All of it as a person is shown it. */
  text: string;
  /** Of that text: what is accepted is what was shown. */
  hash: string;
}

type Fields = Record<string, unknown>;

const MAX_ENTRIES = 1_000;
/** What a repository may not set, accepted or not: where the model's key goes, and what runs by itself. */
const NEVER = ['endpoints', 'baseUrl', 'hooks', 'apiKey'];
/** Variables that steer this program or the editor itself. */
const NEVER_SET = /^(?:VSCODE_|ELECTRON_|NODE_OPTIONS$|GIT_ASKPASS$|ANTHROPIC_)/iu;
/** Tools of MCP servers, as the editor names them: which there are is not known here. */
const OF_A_SERVER = /^mcp_/u;
const HOST = /^(?:\*\.)?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/iu;

/** Reads the text of a settings file; `tools` are the names a rule may have. Throws nothing: what is wrong is told. */
export function parseProjectSettings(text: string, shown: string, tools: readonly string[]): ProjectSettings {
  const fields = objectIn(text);
  if (!fields) return doubtful(shown, 'it is not a JSON object');
  const permissions = fields['permissions'] ?? {};
  if (!isFields(permissions)) return doubtful(shown, '"permissions" is not an object');
  const { mode } = fields;
  if (mode !== undefined && !isMode(mode)) return doubtful(shown, `"mode" is none of ${MODES.join(', ')}`);

  const problems: string[] = [];
  const rules = (name: string): Rule[] | undefined => {
    const found = rulesIn(permissions[name], shown);
    for (const { tool } of found?.filter((rule) => !tools.includes(rule.tool) && !OF_A_SERVER.test(rule.tool)) ?? [])
      problems.push(
        `${shown}: a rule in permissions.${name} names no tool: ${visible(tool)}. The tools are: ${tools.join(', ')}.`,
      );
    return found;
  };
  const [deny, ask, allow] = [rules('deny'), rules('ask'), rules('allow')];
  if (!deny || !ask) return doubtful(shown, `permissions.${deny ? 'ask' : 'deny'} is not a list of rules`);
  if (!allow) problems.push(`${shown}: permissions.allow is not a list of rules, so it is left out.`);
  for (const name of NEVER.filter((one) => one in fields))
    problems.push(`${shown}: "${name}" is left out, since no repository sets it.`);
  const env = environmentIn(fields['env'], shown, problems);
  const hosts = hostsIn(fields['hosts'], shown, problems);
  const artefacts = artefactsIn(fields['artefacts'], shown, problems);
  const widening = wideningOf(shown, { allow: allow ?? [], hosts, env, ...(mode && widens(mode) ? { mode } : {}) });
  return { shown, deny, ask, artefacts, problems, ...(mode ? { mode } : {}), ...(widening ? { widening } : {}) };
}

/** For a file whose rules cannot be known. */
export function doubtful(shown: string, why: string): ProjectSettings {
  const doubt = `${shown} cannot be read as settings (${why}), so what it may refuse is not known and everything is asked for`;
  return { shown, deny: [], ask: [], artefacts: [], doubt, problems: [`${doubt}. Correct or remove the file.`] };
}

/** The policy with what repositories say: narrowed by all of them, widened by those that were accepted. */
export function withProjects(
  policy: Policy,
  projects: readonly ProjectSettings[],
  isAccepted: (hash: string) => boolean,
): Policy {
  const accepted = acceptedOf(projects, isAccepted);
  const doubt = projects.find((project) => project.doubt !== undefined)?.doubt;
  const widest = accepted.flatMap(({ mode }) => mode ?? []).reduce(wider, policy.mode);
  return {
    ...policy,
    mode: projects.flatMap(({ mode }) => mode ?? []).reduce(narrower, widest),
    allow: [...policy.allow, ...accepted.flatMap(({ allow }) => allow)],
    ask: [...policy.ask, ...projects.flatMap(({ ask }) => ask)],
    deny: [...policy.deny, ...projects.flatMap(({ deny }) => deny)],
    ...(doubt === undefined ? {} : { doubt }),
  };
}

/** The variables that accepted repositories set for commands. */
export function projectEnvironment(
  projects: readonly ProjectSettings[],
  isAccepted: (hash: string) => boolean,
): Record<string, string> {
  return Object.assign({}, ...acceptedOf(projects, isAccepted).map(({ env }) => env)) as Record<string, string>;
}

function acceptedOf(projects: readonly ProjectSettings[], isAccepted: (hash: string) => boolean): Widening[] {
  return projects.flatMap(({ widening }) => (widening && isAccepted(widening.hash) ? [widening] : []));
}

function wider(a: Mode, b: Mode): Mode {
  return MODES.indexOf(a) > MODES.indexOf(b) ? a : b;
}

function narrower(a: Mode, b: Mode): Mode {
  return MODES.indexOf(a) < MODES.indexOf(b) ? a : b;
}

function widens(mode: Mode): boolean {
  return MODES.indexOf(mode) > MODES.indexOf('ask');
}

function wideningOf(
  shown: string,
  { allow, hosts, env, mode }: { allow: Rule[]; hosts: Rule[]; env: Record<string, string>; mode?: Mode },
): Widening | undefined {
  const sections: [string, string[]][] = [
    ['Calls that would run without asking, by these rules:', allow.map(ruleText)],
    ['Hosts that pages would be fetched from without asking:', hosts.flatMap(({ pattern }) => pattern ?? [])],
    ['The permission mode it would run in:', mode ? [mode] : []],
    ['Variables that every command would be run with:', Object.entries(env).map(([name, value]) => `${name}=${value}`)],
  ];
  const asked = sections.filter(([, lines]) => lines.length > 0);
  if (asked.length === 0) return undefined;
  const text = [
    `${shown} asks for more than is allowed by itself. None of it counts unless you accept it.`,
    ...asked.map(([title, lines]) =>
      [title, ...lines.map((line) => `    ${JSON.stringify(visible(line)).slice(1, -1)}`)].join('\n'),
    ),
  ].join('\n\n');
  return { allow: [...allow, ...hosts], env, text, hash: hashOf(Buffer.from(text)), ...(mode ? { mode } : {}) };
}

function objectIn(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text.replace(/^\ufeff/u, ''));
    return isFields(value) ? value : undefined;
  } catch {
    return undefined; // What is wrong where is not told: the file may be a link to anything.
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isMode(value: unknown): value is Mode {
  return (MODES as readonly unknown[]).includes(value);
}

function textsIn(value: unknown): string[] | undefined {
  if (!Array.isArray(value) || value.length > MAX_ENTRIES) return undefined;
  return value.every((one) => typeof one === 'string') ? value : undefined;
}

/** `undefined` when one of them is no rule. */
function rulesIn(value: unknown, shown: string): Rule[] | undefined {
  const rules = textsIn(value ?? [])?.map(parseRule);
  return rules?.every((rule) => rule !== undefined) ? rules.map((rule) => ({ ...rule, from: shown })) : undefined;
}

function environmentIn(value: unknown, shown: string, problems: string[]): Record<string, string> {
  if (value === undefined) return {};
  const pairs = isFields(value) ? Object.entries(value) : [];
  const kept = pairs.filter(
    (pair): pair is [string, string] =>
      /^[A-Za-z_]\w*$/u.test(pair[0]) &&
      !NEVER_SET.test(pair[0]) &&
      typeof pair[1] === 'string' &&
      !pair[1].includes('\0'),
  );
  if (!isFields(value)) problems.push(`${shown}: "env" is not an object of texts, so it is left out.`);
  for (const [name] of pairs.filter(([one]) => !kept.some(([known]) => known === one)))
    problems.push(
      `${shown}: the variable ${visible(name)} in "env" is left out: no name or text that a repository may set.`,
    );
  return Object.fromEntries(kept);
}

/** A `!glob` would take a file out of the guard, which no repository may. */
function artefactsIn(value: unknown, shown: string, problems: string[]): string[] {
  const globs = textsIn(value ?? []);
  const kept = (globs ?? []).filter((glob) => glob.trim() !== '' && !glob.startsWith('!'));
  if (!globs) problems.push(`${shown}: "artefacts" is not a list of globs, so it is left out.`);
  for (const glob of (globs ?? []).filter((one) => !kept.includes(one)))
    problems.push(
      `${shown}: ${visible(glob) || 'an empty text'} in "artefacts" is left out, since a repository only adds.`,
    );
  return kept;
}

function hostsIn(value: unknown, shown: string, problems: string[]): Rule[] {
  const hosts = textsIn(value ?? []);
  if (!hosts?.every((host) => HOST.test(host))) {
    problems.push(`${shown}: "hosts" is not a list of host names, so it is left out.`);
    return [];
  }
  return hosts.map((pattern) => ({ tool: 'FetchUrl', pattern, from: shown }));
}

import { minimatch } from 'minimatch';
import type { DecisionSource } from './events';
import { dangerReason, type Danger } from './guard';
import { protectionOfPath } from './protected-paths';
import { isSaid, type Said } from './said';
import type { Action, CommandPart, ForeignAction, PathFact } from './tool';

export const MODES = ['plan', 'ask', 'acceptEdits', 'auto'] as const;
export type Mode = (typeof MODES)[number];

/** `Tool` or `Tool(pattern)`: minimatch on paths, prefix (with a final `*`) or the whole of a simple command, host of a URL, `source@definition` of another's tool. */
export interface Rule {
  tool: string;
  pattern?: string;
  /** The file of the repository that made it. */
  from?: string;
}

export interface Policy {
  mode: Mode;
  /** False: plan mode only, whatever `mode` says. */
  trusted: boolean;
  allow: readonly Rule[];
  ask: readonly Rule[];
  deny: readonly Rule[];
  /** What the person's own messages name: never what a model, a file or a page wrote. */
  said?: Said;
  /** Why it is not known what else is to be refused: then everything is asked for. */
  doubt?: string;
  /** Files of the session in a state that no person accepted; absent where that is not known. */
  unreviewed?: readonly string[];
}

export interface Judgement {
  decision: 'allow' | 'ask' | 'deny';
  by: DecisionSource;
  /** For people and for the model: which rule, mode or protection decided. */
  reason: string;
  /** Only a person's own answer counts: no automatic yes of the editor may stand in for it. */
  protected: boolean;
  /** A general rule that "always allow" would save; absent where no rule may. */
  offer?: Rule;
}

/** Parses `Tool` or `Tool(pattern)`; `undefined` when it is neither. */
export function parseRule(text: string): Rule | undefined {
  const match = /^\s*([A-Za-z_][\w.-]*)\s*(?:\((.*)\))?\s*$/su.exec(text);
  if (!match?.[1]) return undefined;
  return match[2] === undefined ? { tool: match[1] } : { tool: match[1], pattern: match[2] };
}

export function ruleText(rule: Rule): string {
  return rule.pattern === undefined ? rule.tool : `${rule.tool}(${rule.pattern})`;
}

/** A rule with where it comes from, when that is not the person. */
function sourced(rule: Rule): string {
  return rule.from === undefined ? ruleText(rule) : `${ruleText(rule)} of ${rule.from}`;
}

/**
 * Decides what may happen to a call from what its action is, and what it may lose where that was looked up. Order: block list, `.agentignore`, deny rules, plan mode and trust,
 * protected things, ask rules, allow rules, what the person's own messages name, mode.
 */
export function judge(tool: string, action: Action, policy: Policy, danger?: Danger): Judgement {
  const open = { protected: false };
  if (action.effect === 'none')
    return { decision: 'allow', by: 'mode', reason: 'changes nothing outside the session', ...open };

  const blocked = partsOf(action).find((part) => part.class === 'blocked');
  if (blocked)
    return { decision: 'deny', by: 'protection', reason: `runs in no mode: ${blocked.reason}`, protected: true };

  const ignored = ignoredOf(action);
  if (ignored) return { decision: 'deny', by: 'protection', reason: ignored, protected: true };

  const denied = policy.deny.find((rule) => someMatch(rule, tool, action));
  if (denied) return { decision: 'deny', by: 'rule', reason: `denied by the rule ${sourced(denied)}`, ...open };

  const mode = policy.trusted ? policy.mode : 'plan';
  if (mode === 'plan' && !isHarmlessInPlan(action)) {
    const why = policy.trusted
      ? 'plan mode changes nothing and runs nothing'
      : 'this workspace is not trusted, so only plan mode is available; trust it with "Workspaces: Manage Workspace Trust"';
    return { decision: 'deny', by: 'mode', reason: why, ...open };
  }

  const protection = protectionOf(action, danger, mode);
  if (protection) {
    const named = policy.allow.find((rule) => namesExactly(rule, tool, action));
    if (named)
      return { decision: 'allow', by: 'rule', reason: `allowed by the rule ${sourced(named)}`, protected: true };
    return { decision: 'ask', by: 'protection', reason: protection, protected: true };
  }

  const offer = offerFor(tool, action);
  const asks: Omit<Judgement, 'by' | 'reason'> = { decision: 'ask', protected: false, ...(offer ? { offer } : {}) };
  const asked = policy.ask.find((rule) => someMatch(rule, tool, action));
  if (asked) return { ...asks, by: 'rule', reason: `the rule ${sourced(asked)} says to ask` };
  if (policy.doubt !== undefined) return { decision: 'ask', by: 'rule', reason: policy.doubt, protected: false };

  const allowed = allowedBy(policy.allow, tool, action);
  if (allowed) return { decision: 'allow', by: 'rule', reason: `allowed by ${allowed}`, ...open };

  if (action.effect === 'network' && policy.said && isSaid(action, policy.said))
    return { decision: 'allow', by: 'user', reason: "the user's own message names it", ...open };

  if (allowedByMode(mode, action, policy.unreviewed))
    return { decision: 'allow', by: 'mode', reason: `${mode} mode allows it`, ...open };
  return { ...asks, by: 'mode', reason: reasonToAsk(mode, action, policy.unreviewed) };
}

function allowedByMode(mode: Mode, action: Action, unreviewed: Policy['unreviewed']): boolean {
  switch (action.effect) {
    case 'none':
    case 'read':
      return true;
    case 'edit':
      return mode === 'acceptEdits' || mode === 'auto';
    case 'execute':
      if (mode === 'auto')
        return action.parts.every((part) => part.class === 'read-only' || isReviewed(part, unreviewed));
      return mode === 'plan' && action.parts.every((part) => part.class === 'read-only');
    case 'network':
    case 'foreign':
      return false;
  }
}

/** It runs code, but only what lies in files, and a person has seen each file the session wrote. */
function isReviewed(part: CommandPart, unreviewed: Policy['unreviewed']): boolean {
  return part.class === 'runs-code' && part.onlyFiles === true && !part.opaque && unreviewed?.length === 0;
}

const MAX_NAMED = 5;

function listed(paths: readonly string[]): string {
  const more = paths.length - MAX_NAMED;
  return [paths.slice(0, MAX_NAMED).join(', '), ...(more > 0 ? [`${more} more`] : [])].join(' and ');
}

function isHarmlessInPlan(action: Action): boolean {
  if (action.effect === 'execute')
    return action.parts.length > 0 && action.parts.every((part) => part.class === 'read-only');
  return action.effect !== 'edit' && action.effect !== 'foreign';
}

function reasonToAsk(mode: Mode, action: Action, unreviewed: Policy['unreviewed'] = []): string {
  if (action.effect === 'execute') {
    const worst = action.parts.find((part) => part.class !== 'read-only') ?? action.parts[0];
    if (!worst) return 'the command could not be read';
    const kind = worst.class.replace('-', ' ');
    if (mode === 'auto' && worst.onlyFiles && unreviewed.length > 0)
      return `${worst.reason}, and you have not reviewed what this session wrote: ${listed(unreviewed)}`;
    return worst.reason.startsWith(kind) ? worst.reason : `${kind}: ${worst.reason}`;
  }
  if (action.effect === 'foreign') return `it is a tool of ${action.source}, and what it does is not known here`;
  return `${mode} mode asks before ${action.effect === 'network' ? 'anything leaves the machine' : 'a change'}`;
}

/** Why nobody may touch what the action would touch: the person said so in `.agentignore`. */
function ignoredOf(action: Action): string | undefined {
  const named = [...pathsOf(action), ...(action.effect === 'execute' ? [action.cwd] : [])].find((path) => path.ignored);
  const said = (what: string, by: string): string =>
    `${what} is named by ${by}: what is named there is not read, searched, edited or passed to commands, whatever the mode and rules`;
  if (named?.ignored) return said(named.shown, named.ignored);
  if (action.effect === 'foreign' && action.ignored) return said('something in its input', action.ignored);
  return action.effect === 'execute' && action.ignored ? said('a path in this command', action.ignored) : undefined;
}

function partsOf(action: Action): readonly CommandPart[] {
  return action.effect === 'execute' ? action.parts : [];
}

function pathsOf(action: Action): readonly PathFact[] {
  return 'paths' in action ? action.paths : [];
}

/** Why an action is protected in every mode, or `undefined`. */
function protectionOf(action: Action, danger: Danger | undefined, mode: Mode): string | undefined {
  const loss = dangerReason(danger, mode);
  if (action.effect === 'read' || action.effect === 'edit')
    return firstOf(action.paths, (path) => protectionOfPath(path, action.effect, danger)) ?? loss;
  // It may write what it is pointed at.
  if (action.effect === 'foreign') return firstOf(action.paths, (path) => protectionOfPath(path, 'edit'));
  if (action.effect !== 'execute') return undefined;
  if (!action.cwd.inside || action.cwd.readOnly) return `it would run in ${action.cwd.shown}, outside the workspace`;
  if (loss !== undefined) return loss;
  const destructive = action.parts.find((part) => part.class === 'destructive');
  if (destructive) return `may lose what nobody holds a copy of: ${destructive.reason}`;
  return action.asks;
}

const GLOB = { dot: true, nocase: true } as const;

function firstOf<Item, Found>(items: readonly Item[], find: (item: Item) => Found | undefined): Found | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isFor(rule: Rule, tool: string, action: Action): boolean {
  return rule.tool === tool || (action.effect === 'execute' && rule.tool === action.ruledAs);
}

/** True when the rule speaks of any part of the action: what deny and ask rules need. */
function someMatch(rule: Rule, tool: string, action: Action): boolean {
  if (!isFor(rule, tool, action)) return false;
  if (rule.pattern === undefined) return true;
  if (action.effect === 'execute') {
    return [action.command, ...action.parts.map((part) => part.text)].some((text) => matchesCommand(rule, text));
  }
  const named = pathsOf(action).map(({ given }) => (given === undefined ? [] : [given]));
  // Names that links were given by only narrow: by such a name anything could be allowed.
  return [...targetsOf(action), ...narrowedBy(action), ...named].some((target) => matchesTarget(rule, target));
}

/** The rules that together cover every part of the action, as text; allow rules must leave nothing out. */
function allowedBy(rules: readonly Rule[], tool: string, action: Action): string | undefined {
  const mine = rules.filter((rule) => isFor(rule, tool, action));
  const whole = mine.find((rule) => rule.pattern === undefined);
  if (whole) return `the rule ${sourced(whole)}`;
  // What a part runs cannot be read from its words, so the words of a rule do not cover it.
  if (action.effect === 'execute' && action.parts.some((part) => part.opaque)) return undefined;
  const covering =
    action.effect === 'execute'
      ? action.parts.map((part) => mine.find((rule) => matchesCommand(rule, part.text)))
      : targetsOf(action).map((target) => mine.find((rule) => matchesTarget(rule, target)));
  if (covering.length === 0 || covering.some((rule) => rule === undefined)) return undefined;
  return `the rule ${[...new Set(covering.map((rule) => sourced(rule as Rule)))].join(', ')}`;
}

/** A protected action is opened only by a rule that names that very path or command, never by `*`. */
function namesExactly(rule: Rule, tool: string, action: Action): boolean {
  if (!isFor(rule, tool, action) || rule.pattern === undefined || rule.pattern.includes('*')) return false;
  if (action.effect === 'execute') return rule.pattern.trim() === action.command.trim();
  const paths = pathsOf(action);
  return paths.length > 0 && paths.every(({ path, shown }) => rule.pattern === path || rule.pattern === shown);
}

function targetsOf(action: Action): string[][] {
  if (action.effect === 'network') return [[action.host]];
  if (action.effect === 'foreign') return [[definitionOf(action)]];
  return pathsOf(action).map(({ path, shown }) => [shown, path]);
}

function matchesTarget(rule: Rule, names: readonly string[]): boolean {
  return names.some((name) => minimatch(name, rule.pattern ?? '**', GLOB));
}

function matchesCommand(rule: Rule, text: string): boolean {
  const pattern = (rule.pattern ?? '*').trim();
  const command = text.trim();
  if (!pattern.endsWith('*')) return command === pattern;
  const prefix = pattern.slice(0, -1);
  return command === prefix.trim() || command.startsWith(prefix);
}

/** What else of another's tool a rule may refuse by: all of its source, and what it is pointed at. */
function narrowedBy(action: Action): string[][] {
  if (action.effect !== 'foreign') return [];
  return [[action.source], ...action.paths.map(({ path, shown }) => [shown, path])];
}

/** The tool as it is now, and whose: what a lasting yes is for. */
function definitionOf({ source, definition }: ForeignAction): string {
  return `${source}@${definition}`;
}

const NEVER_OFFERED = new Set(['destructive', 'blocked', 'unknown']);

/** The general rule behind "always allow": `Execute(python -m *)`, `Edit(**)`, `FetchUrl(host)`. */
function offerFor(tool: string, action: Action): Rule | undefined {
  if (action.effect === 'edit') return { tool, pattern: '**' };
  if (action.effect === 'network') return { tool, pattern: action.host };
  if (action.effect === 'foreign') return { tool, pattern: definitionOf(action) };
  if (action.effect !== 'execute') return undefined;
  const asking = action.parts.filter((part) => part.class !== 'read-only');
  const [first] = asking;
  // A rule on words needs a word: what begins with a sign, as a redirection does, is no program.
  if (!first || asking.length > 1 || NEVER_OFFERED.has(first.class) || !/^[\w./~]/u.test(first.text.trim()))
    return undefined;
  return { tool: action.ruledAs ?? tool, pattern: `${commandPrefix(first.text)} *` };
}

/** Program and, where the second word chooses what runs (`git push`, `python -m unittest`), the words up to it. */
function commandPrefix(text: string): string {
  const words = text.trim().split(/\s+/u);
  const count = words[1] === '-m' ? 3 : words[1] && /^[a-z][\w-]*$/u.test(words[1]) ? 2 : 1;
  return words.slice(0, count).join(' ');
}

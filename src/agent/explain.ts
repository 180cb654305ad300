import { judge, type Judgement, type Policy } from './approval';
import { badInput, unknownTool } from './calls';
import { dangerRows, type Danger, type Guard } from './guard';
import { ToolError, worstOf, type Action, type Tool, type ToolContext } from './tool';

/** Why a call would run, be asked for or be refused. */
export interface Explanation {
  effect: Action['effect'];
  /** Of a command the class of its worst part; of anything else its effect. */
  class: string;
  decision: Judgement['decision'];
  /** The rule, mode or protection that decides. */
  reason: string;
  /** Each simple command, path or host by itself. */
  parts: { text: string; class: string; decision: Judgement['decision']; reason: string }[];
  /** What it may lose, and the same as rows for people. */
  danger?: Danger & { rows: string[] };
}

/**
 * Judges a call as a run would, by the same code, and runs nothing. Throws ToolError for a tool that is not there and
 * for an input that does not fit.
 */
export async function explainCall<Host>(
  name: string,
  input: unknown,
  { tools, host, policy, guard }: { tools: readonly Tool<Host>[]; host: Host; policy: Policy; guard?: Guard },
): Promise<Explanation> {
  const tool = tools.find((one) => one.name === name);
  if (!tool) throw new ToolError(unknownTool(name, tools));
  const parsed = tool.input.safeParse(input);
  if (!parsed.success) throw new ToolError(badInput(tool, parsed.error));
  const action = await tool.action(parsed.data, lookingContext(host));
  const isRefused = judge(name, action, policy).decision === 'deny';
  const danger = isRefused ? undefined : await guard?.look(action, new Map(), new AbortController().signal);
  const { decision, reason } = judge(name, action, policy, danger);
  return {
    effect: action.effect,
    class: classOf(action),
    decision,
    reason,
    parts: partsOf(name, action, policy),
    ...(danger ? { danger: { ...danger, rows: dangerRows(danger) } } : {}),
  };
}

function classOf(action: Action): string {
  return action.effect === 'execute' ? worstOf(action.parts) : action.effect;
}

function partsOf(name: string, action: Action, policy: Policy): Explanation['parts'] {
  return piecesOf(action).map(({ text, piece, why }) => {
    const { decision, reason } = judge(name, piece, policy);
    return {
      text,
      class: classOf(piece),
      decision,
      reason: why && !reason.includes(why) ? `${reason} (${why})` : reason,
    };
  });
}

/** An action taken apart: each piece is one that could stand alone. */
function piecesOf(action: Action): { text: string; piece: Action; why?: string }[] {
  switch (action.effect) {
    case 'none':
      return [];
    case 'network':
      return [{ text: action.host, piece: action }];
    case 'foreign':
      return [{ text: action.source, piece: action }];
    case 'read':
    case 'edit':
      return action.paths.map((path) => ({ text: path.shown, piece: { ...action, paths: [path] } }));
    case 'execute':
      return action.parts.map((part) => ({
        text: part.text,
        piece: { ...action, command: part.text, parts: [part] },
        why: part.reason,
      }));
  }
}

/** What an action may use of a context: it looks, and changes nothing. */
function lookingContext<Host>(host: Host): ToolContext<Host> {
  const refuse = (): Promise<never> => Promise.reject(new Error('An explanation changes nothing.'));
  return {
    host,
    signal: new AbortController().signal,
    call: 'explain',
    session: '',
    progress: () => undefined,
    seen: () => undefined,
    todos: [],
    skill: '',
    spent: refuse,
    paid: refuse,
    change: refuse,
    keep: refuse,
    complete: refuse,
    inSubagent: false,
    delegate: refuse,
  };
}

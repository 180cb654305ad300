import * as vscode from 'vscode';
import { ToolError } from '../agent/tool';
import { otherTools, type ForeignPart, type OtherFacts, type OtherTool, type OtherWorld } from '../tools/other';
import { TOOL_NAMES } from '../tools/index';
import { isCancellation } from './confirm-tool';
import { neverOffered } from './editor-tools';
import type { CallerToken } from './outside-calls';
import { readSettings } from './settings';

/** What VS Code 1.139 also says of a tool, where no type does: `server/tool`, `publisher.extension/tool`. */
type Information = vscode.LanguageModelToolInformation & { fullReferenceName?: unknown };

const VSCODE = 'vscode';
const MCP_NAME = /^mcp_/u;
/** Sources are written into rules and settings. */
const NOT_IN_SOURCES = /[^\w.-]+/gu;

/**
 * The tools of other extensions and servers that the editor has. None is offered to the agent unless a person chose it, and
 * what they say of themselves decides nothing.
 */
export class OtherTools {
  /** `token`: of the chat request in which a call is made, so that the editor draws it there. */
  constructor(private readonly token: () => CallerToken) {}

  /** All that a person may choose from. */
  all(): OtherFacts[] {
    const owners = contributors();
    return vscode.lm.tools
      .filter(({ name }) => neverOffered(name) === undefined)
      .map((information) => factsOf(information, owners.get(information.name)));
  }

  /** Those that the settings name, as tools for the agent; and what is wrong with some of them. */
  chosen(): { tools: OtherTool[]; problems: string[] } {
    const wanted = readSettings().otherTools;
    if (wanted.length === 0) return { tools: [], problems: [] };
    return otherTools(
      this.all().filter((facts) => isChosen(facts, wanted)),
      this.#world,
      TOOL_NAMES,
    );
  }

  readonly #world: OtherWorld = {
    current: (name) => this.all().find((one) => one.name === name),
    limitMs: () => readSettings().otherToolSeconds * 1_000,
    invoke: async (name, input, signal) => {
      const cancel = new vscode.CancellationTokenSource();
      const stop = (): void => cancel.cancel();
      signal.addEventListener('abort', stop, { once: true });
      try {
        const result = await vscode.lm.invokeTool(name, { input, toolInvocationToken: this.token() }, cancel.token);
        return result.content.map(partOf);
      } catch (error) {
        if (!isCancellation(error)) throw error;
        throw new ToolError('The editor did not run this call: it was declined or cancelled there. Do not repeat it.');
      } finally {
        signal.removeEventListener('abort', stop);
        cancel.dispose();
      }
    },
  };
}

/** How the settings name a tool, and all tools of its source. */
export function entryOf({ source, name }: Pick<OtherFacts, 'source' | 'name'>): string {
  return `${source}/${name}`;
}

export function isChosen(facts: OtherFacts, wanted: readonly string[]): boolean {
  return wanted.includes(entryOf(facts)) || wanted.includes(`${facts.source}/*`);
}

/** Which extension contributes a tool of this name: VS Code takes a name but once. */
function contributors(): Map<string, vscode.Extension<unknown>> {
  const found = new Map<string, vscode.Extension<unknown>>();
  for (const extension of vscode.extensions.all) {
    const { contributes } = extension.packageJSON as { contributes?: { languageModelTools?: unknown } };
    const tools = contributes?.languageModelTools;
    if (!Array.isArray(tools)) continue;
    for (const tool of tools as { name?: unknown }[])
      if (typeof tool?.name === 'string') found.set(tool.name, extension);
  }
  return found;
}

function factsOf(information: Information, owner: vscode.Extension<unknown> | undefined): OtherFacts {
  const { name, description, inputSchema, tags } = information;
  const reference = typeof information.fullReferenceName === 'string' ? information.fullReferenceName : '';
  const slash = reference.lastIndexOf('/');
  const [before, last] = [reference.slice(0, Math.max(0, slash)), reference.slice(slash + 1)];
  const isServer = owner === undefined && MCP_NAME.test(name);
  // A server names itself; where VS Code does not tell by what name, the tool's own holds the beginning of it.
  const server = (before || name.slice(4).split('_')[0] || 'server').replaceAll(NOT_IN_SOURCES, '-');
  const source = owner?.id ?? (isServer ? `mcp:${server}` : VSCODE);
  const own = isServer ? last || name.slice(5 + server.length) : last;
  const names = [
    ...[reference, own],
    ...['mcp', `${source}/${name}`, `${source}/*`, ...(own === '' ? [] : [`${source}/${own}`])],
    ...(before === '' ? [] : [`${before}/*`]),
    ...(isServer ? [`mcp__${server}__${own}`, `mcp__${server}`, `mcp__${server}__*`, `${server}/*`] : []),
  ];
  return {
    ...{ name, source, description, inputSchema, tags },
    sourceLabel: owner ? labelOf(owner) : isServer ? vscode.l10n.t('the MCP server {0}', server) : 'VS Code',
    knownAs: [...new Set(names.filter((one) => one !== '').map((one) => one.toLowerCase()))],
  };
}

function labelOf({ id, packageJSON }: vscode.Extension<unknown>): string {
  const { displayName } = packageJSON as { displayName?: unknown };
  return typeof displayName === 'string' && displayName.trim() !== '' ? displayName : id;
}

function partOf(part: unknown): ForeignPart {
  if (part instanceof vscode.LanguageModelTextPart) return { kind: 'text', text: part.value };
  if (part instanceof vscode.LanguageModelDataPart) return { kind: 'data', mime: part.mimeType, bytes: part.data };
  if (part instanceof vscode.LanguageModelPromptTsxPart) return { kind: 'text', text: textsIn(part.value).join('') };
  return { kind: 'unknown' };
}

const MAX_DEPTH = 50;

/** The texts of a tree of @vscode/prompt-tsx, in order: nodes with `children`, texts with `text`. */
function textsIn(value: unknown, depth = 0): string[] {
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return [];
  const { node, children, text } = value as { node?: unknown; children?: unknown; text?: unknown };
  if (typeof text === 'string') return [text];
  return [node, ...(Array.isArray(children) ? (children as unknown[]) : [])].flatMap((one) => textsIn(one, depth + 1));
}

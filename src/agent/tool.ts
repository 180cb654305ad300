import type { ContentBlockParam } from '@anthropic-ai/sdk/resources/messages';
import * as z from 'zod';
import type { FileChange, SubagentEnd, Todo, Usage, View } from './events';

/** A tool as the model sees it. */
export interface ToolSchema {
  name: string;
  description: string;
  input_schema: { type: 'object'; [key: string]: unknown };
}

/** A path after `..` and symlinks were resolved: what approval judges and what is then opened. */
export interface PathFact {
  /** Resolved absolute path. */
  path: string;
  /** As people and the model read it: relative to the workspace where it lies inside. */
  shown: string;
  /** Inside a workspace folder, or (for reading) inside another folder that counts as one. */
  inside: boolean;
  /** It counts as inside for reading only. */
  readOnly?: true;
  /** As `shown`, before links were followed, where that is another. */
  given?: string;
  /** How many names (hard links) a file has, where it has more than one. */
  links?: number;
  /** A file with secrets that is this very file under another name. */
  linkedTo?: string;
  /** A line of our own making is added at its end, and nothing of it changes. */
  appends?: true;
  /** The line of `.agentignore` that names it: then nothing opens it, in no mode and by no rule. */
  ignored?: string;
}

/**
 * From harmless to worst:
 * - `read-only`: prints, changes nothing. - `changes-files`, `installs`, `network`: what the word says.
 * - `runs-code`: runs whatever code is in the repository. - `destructive`: may lose what nobody holds a copy of.
 * - `blocked`: runs in no mode. - `unknown`: we cannot tell, so never harmless.
 */
export const COMMAND_CLASSES = [
  'read-only',
  'changes-files',
  'runs-code',
  'installs',
  'network',
  'unknown',
  'destructive',
  'blocked',
] as const;
export type CommandClass = (typeof COMMAND_CLASSES)[number];

/** The class of the worst part: what a line is as a whole. */
export function worstOf(parts: readonly CommandPart[]): CommandClass {
  return COMMAND_CLASSES[Math.max(0, ...parts.map((part) => COMMAND_CLASSES.indexOf(part.class)))] ?? 'unknown';
}

/** The shells whose lines are read. */
export const DIALECTS = ['bash', 'powershell'] as const;
export type Dialect = (typeof DIALECTS)[number];

/** One simple command of a line, with our classification of it. */
export interface CommandPart {
  /** As it stands in the line. */
  text: string;
  class: CommandClass;
  reason: string;
  /** What it runs cannot be read from its words, so no rule on words may open it. */
  opaque?: true;
  /** Of `runs-code`: all it runs lies in files of the workspace, so a review of the files is one of the code. */
  onlyFiles?: true;
}

/** What a call would do, from our own reading of it: the only thing approval looks at. */
export type Action =
  | { effect: 'none' }
  | { effect: 'read'; paths: PathFact[] }
  | { effect: 'edit'; paths: PathFact[] }
  | ExecuteAction
  | { effect: 'network'; url: string; host: string }
  | ForeignAction;

export interface ExecuteAction {
  effect: 'execute';
  command: string;
  /** The shell's, bash where none is said. */
  dialect?: Dialect;
  cwd: PathFact;
  parts: CommandPart[];
  /** The line of `.agentignore` that names a path of the command. */
  ignored?: string;
  /** The tool whose rules hold for it as well as the tool's own: one yes to a command is for it however it is run. */
  ruledAs?: string;
  /** Why a person is asked although a rule or mode would let it run; a rule that names this very command still does. */
  asks?: string;
}

/** A call of a tool that is not ours: what it does is not known, only what it is handed. */
export interface ForeignAction {
  effect: 'foreign';
  /** Who brings the tool: an extension's id, a server. */
  source: string;
  /** A hash of what the tool says of itself: a lasting yes is for this tool as it was then. */
  definition: string;
  /** What its input names that lies on the disk. */
  paths: PathFact[];
  /** The line of `.agentignore` that names something in the input. */
  ignored?: string;
}

/** What a tool gives back. Thrown errors become error results, once, in the loop. */
export interface ToolOutput {
  /** For the model. */
  content: string | ContentBlockParam[];
  isError?: boolean;
  /** For people. */
  view?: View;
  todos?: Todo[];
  reads?: { path: string; hash: string }[];
  /**
   * The id of a job. The run ends with this step, without another turn of the model: what becomes of the job begins the
   * next run.
   */
  waitsFor?: string;
  /** Settles once what the call began is over: it goes on, and may change files until then. */
  goesOn?: Promise<unknown>;
}

/** What the loop hands a tool for one call. `Host` is the port to files, search and shell (src/host/host.ts). */
export interface ToolContext<Host> {
  readonly host: Host;
  /** Ends the call within 500 ms, leaving no process and no half-written file. */
  readonly signal: AbortSignal;
  readonly call: string;
  /** The id of the session that it is a call of. */
  readonly session: string;
  /** It is a call of a subagent, which has not all tools, and whose parent gets its last message alone. */
  readonly inSubagent: boolean;
  /** Output as it comes, for the person watching. */
  progress(text: string): void;
  /** Hash of what the model last saw of this resolved path in this session, if it saw it. */
  seen(path: string): string | undefined;
  /** The todo list as it stands. */
  readonly todos: readonly Todo[];
  /** The skill that the work at hand goes by; `''` for none. */
  readonly skill: string;
  /**
   * Changes one file: keeps both images, journals the change, then calls `write`.
   * A `write` that throws is journalled as failed and rethrown.
   */
  change(
    change: { path: string; before: Uint8Array | null; after: Uint8Array | null },
    write: () => Promise<void>,
  ): Promise<FileChange>;
  /** Counts what a model was paid for inside the call, with its price in US dollars (`null`: unknown): the budget of the run holds for it too. */
  spent(spent: { usage: Usage; model: string; costUsd: number | null }): Promise<void>;
  /** Does what asks a model outside the conversation, as soon as the budgets allow. Throws ToolError where they are used up. */
  paid<T>(ask: () => Promise<T>): Promise<T>;
  /** Keeps a large text in the session's folder and returns the path that Read opens. */
  keep(name: string, text: string): Promise<string>;
  /** Asks the session's model once, apart from the conversation; counted as `spent` is. Throws ToolError for no usable answer. */
  complete(request: { system: string; prompt: string }): Promise<string>;
  /** Has a subagent do something. Throws ToolError for a droid that is not there, and in a subagent. */
  delegate(errand: Errand): Promise<Delegated>;
}

/** What a subagent is to do. */
export interface Errand {
  droid: string;
  /** A few words, for people. */
  description: string;
  prompt: string;
  /** Goes on beside the run; the model is told when it ends. */
  background: boolean;
}

/** A subagent that was started, by the id of its session; with how it ended, where that was waited for. */
export interface Delegated {
  session: string;
  ended?: SubagentEnd;
}

/** What a person is shown before answering. Built by our code from the parsed input. */
export interface Preview {
  /** One line, plain text. */
  title: string;
  /** The whole thing that would happen: a command or a unified diff; plain text, drawn in a fence. */
  body: string;
  language: 'diff' | 'shellscript' | 'plaintext';
  /** The field of the input that `body` is word for word: a person may write it anew before the call runs. */
  editable?: string;
  /** What was found out for the question, a row a matter. Plain text. */
  facts?: readonly string[];
}

export interface Tool<Host, Input = unknown> {
  readonly name: string;
  readonly description: string;
  readonly input: z.ZodType<Input>;
  /** What the model is given in place of the schema of `input`: of a tool whose schema is another's. */
  readonly schema?: ToolSchema['input_schema'];
  /** Its calls only read: they run side by side, and need not be on the disk before they start. */
  readonly reads: boolean;
  /** Its calls run side by side although they do more than read. */
  readonly sideBySide?: true;
  /** No subagent has it, whatever its droid's list says. */
  readonly inSubagents?: false;
  /** One line for people, present participle: `Reading src/a.ts`. */
  title(input: Input): string;
  /** What the call would do. May look paths up through the host; must not change anything. */
  action(input: Input, context: ToolContext<Host>): Action | Promise<Action>;
  /** Shown when the call has to be asked for. Without it, title and input are shown. */
  preview?(input: Input, context: ToolContext<Host>): Preview | Promise<Preview>;
  run(input: Input, context: ToolContext<Host>): Promise<ToolOutput>;
}

/** A message for the model: it becomes an error result and the run goes on. */
export class ToolError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ToolError';
  }
}

/** A message for the user, shown as it is: what is wrong, with which value, and what to do next. */
export class UserError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UserError';
  }
}

/** Binds a tool's input type to its schema; the result is what a list of tools holds. */
export function defineTool<Host, Schema extends z.ZodObject>(
  tool: Omit<Tool<Host, z.infer<Schema>>, 'input'> & { input: Schema },
): Tool<Host> {
  return tool;
}

/** The JSON schema the model is given, from the zod schema that will parse its answer. */
export function toolSchema<Host>(tool: Tool<Host>): ToolSchema {
  if (tool.schema) return { name: tool.name, description: tool.description, input_schema: tool.schema };
  const { $schema: _, ...schema } = z.toJSONSchema(tool.input, { io: 'input', override: withoutWaste });
  return { name: tool.name, description: tool.description, input_schema: { ...schema, type: 'object' } };
}

/** Each request pays for each byte: what goes without saying is left to the parser. */
function withoutWaste({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (jsonSchema.minLength === 1) delete jsonSchema.minLength;
  if ((jsonSchema.maxLength ?? 0) > 1_000) delete jsonSchema.maxLength;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
}

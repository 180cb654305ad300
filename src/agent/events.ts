import type { ContentBlock, ContentBlockParam } from '@anthropic-ai/sdk/resources/messages';
import type { AnswerClaim } from './answer-claim';
import type { ToolSchema } from './tool';

/** Token counts of one model turn. Cache reads and writes are not part of `input`. */
export interface Usage {
  input: number;
  output: number;
  cacheRead: number;
  cacheWrite: number;
  /** Web searches that the server did for it, each paid for beside the tokens. */
  searches?: number;
}

export type TodoStatus = 'pending' | 'in_progress' | 'completed';

export interface Todo {
  id: string;
  content: string;
  status: TodoStatus;
  priority?: 'high' | 'medium' | 'low';
}

/** A file as it was and as it is: hashes are keys of the session's blobs, `null` is "no such file". */
export interface FileChange {
  /** Absolute, resolved path. */
  path: string;
  before: string | null;
  after: string | null;
}

/** What a person sees of a tool call; drawing switches on `kind`, never on a tool's name. */
export type View =
  /** `measured`: what of it runs measured, line by line; the other lines are empty. It bears what an answer says of them. */
  | { kind: 'text'; text: string; measured?: string }
  | { kind: 'files'; paths: string[]; note?: string }
  | { kind: 'diff'; path: string; diff: string; added: number; removed: number }
  | {
      kind: 'command';
      command: string;
      cwd: string;
      exitCode: number | null;
      output: string;
      durationMs: number;
      /** The id of the job that it became. */
      job?: string;
    }
  | { kind: 'todos'; todos: Todo[] }
  | { kind: 'skill'; name: string }
  | { kind: 'job'; job: JobView };

/** A job as it was when a call looked at it. Whoever draws it may look again by its id. */
export interface JobView {
  id: string;
  title: string;
  command: string;
  state: 'waiting' | 'starting' | 'running' | 'ok' | 'failed' | 'killed' | 'unknown' | 'lost';
  /** The state in words, with exit code and reason. */
  line: string;
  /** ms since the epoch */
  startedAt: number;
  endedAt?: number;
  /** Absolute. */
  log: string;
  /** The latest of each metric. What JSON has no number for is a word. */
  metrics: { name: string; value: number | 'NaN' | 'Infinity' | '-Infinity' }[];
  /** The end of its log. */
  tail: string;
}

/** Why a skill was offered or loaded: who chose it, or what made it fit. */
export const SKILL_REASONS = [
  ...(['model', 'person', 'pinned', 'start'] as const),
  ...(['words', 'files', 'imports', 'repeated-failure', 'no-progress'] as const),
] as const;

/** What happened to a skill in a session. */
export interface SkillMark {
  name: string;
  state: 'offered' | 'loaded';
  why: (typeof SKILL_REASONS)[number];
  /** The word, file, module or command of the reason; empty where there is none. */
  detail: string;
  /** What the model was given of it. */
  text?: string;
}

export type StopReason =
  | 'end_turn'
  | 'tool_use'
  | 'max_tokens'
  | 'stop_sequence'
  | 'pause_turn'
  | 'refusal'
  | 'model_context_window_exceeded'
  | 'unknown';

/** What a run may use up; src/agent/budget.ts has the table. */
export type BudgetName =
  'turns' | 'cost' | 'tokens' | 'minutes' | 'session-cost' | 'session-tokens' | 'day-cost' | 'day-tokens';

/** How a run goes round: calls that change nothing, edits that undo each other, a plan that stands still. */
export type CircleKind = 'same-call' | 'edits-undone' | 'still-plan';

/** A budget that is nearly used up, or was raised. `day` of one of a day. */
export interface BudgetMark {
  budget: BudgetName;
  limit: number;
  used: number;
  day?: string;
}

/**
 * Why a run ended. `limit` and `stopped` can be gone on from; `failed` carries a message for the user; `yielded` made way
 * for a message of the user that waits.
 */
export type RunEnd =
  | { reason: 'done' }
  | { reason: 'limit'; limit: BudgetName; value: number }
  /** It went on in a circle after it had been told so: `what` says in which, `value` how often. */
  | { reason: 'limit'; limit: 'circle'; circle: CircleKind; what: string; value: number }
  | { reason: 'stopped' }
  | { reason: 'yielded' }
  /** It goes on when one of these jobs ends or a watch over one fires: that begins a run of its own. */
  | { reason: 'waiting'; jobs: string[] }
  | { reason: 'failed'; message: string; code?: FailureCode };

/**
 * What a client can offer a remedy for. `no-access`: the key may not use the model. `busy`: the server had no room, also
 * later. `unfinished`: the answer is not whole, and going on may complete it.
 */
export type FailureCode =
  | 'no-key'
  | 'bad-key'
  | 'no-access'
  /** The person has not agreed to the use of this model. */
  | 'no-consent'
  /** Used up, or blocked for now: later, or with another model, it goes on. */
  | 'quota'
  | 'offline'
  | 'busy'
  | 'unfinished'
  | 'model-gone'
  | 'refused'
  | 'context-full'
  | 'bug';

/**
 * Written to the journal before anyone acts on it. The journal is the session: every other reading
 * (messages, todos, changes, usage) is a fold over these.
 */
export type DurableEvent =
  | {
      type: 'session-start';
      /** The form of the entries from here on; see journal.ts. */
      version: number;
      folders: string[];
      droid: string;
      model: string;
      /** Frozen, so that the prefix of every request stays the same. */
      system: string;
      tools: ToolSchema[];
      /** Of a subagent: the session and the call that started it. */
      parent?: { session: string; call: string };
      /** Hashes of the skills that the model is told of, by name. */
      known?: Record<string, string>;
      /** Of a fork: the session whose entries it begins with, and the last of them. What they cost was paid for there. */
      forkOf?: { session: string; event: string };
    }
  | {
      type: 'prompt';
      text: string;
      /** Where it was written, when not in a chat: a chat that did not see it goes on behind it. */
      from?: 'panel' | 'terminal';
      /** No person wrote it: this job ended, or a watch over it fired. */
      woken?: { job: string };
      attachments: ContentBlockParam[];
      notes: string[];
      /** The skills that it loads or offers. */
      skills?: SkillMark[];
      /** As of a tool's result: what the model has seen with it. */
      reads?: { path: string; hash: string }[];
      /** What changed among the known skills; `null` is gone. */
      known?: Record<string, string | null>;
    }
  /** Words of our own for the model between two of its turns. */
  /**
   * `subagents`: those whose end it tells of. `near`, `circle`: the budget, the circle that it warns of. `undone`: the
   * entries of what the user took back that it tells of.
   */
  | {
      type: 'note';
      text: string;
      skills?: SkillMark[];
      subagents?: string[];
      near?: BudgetMark;
      circle?: { kind: CircleKind; what: string };
      undone?: string[];
      /** It asks for what stands behind an answer. */
      evidence?: true;
    }
  /** The user was told that a budget is nearly used up. */
  | ({ type: 'budget-near' } & BudgetMark)
  /** A person let the session go on past a budget: up to `limit` from now on. */
  | ({ type: 'budget-raised' } & BudgetMark)
  /** The user was told that the model's price is not known. */
  | { type: 'budget-unpriced'; model: string }
  /** What the user said while the agent worked: taken between two steps. */
  | { type: 'steer'; text: string }
  | { type: 'block-end'; block: ContentBlock }
  /** `asked` is the id in the request, `model` the one that answered. */
  | { type: 'turn-end'; stopReason: StopReason; usage: Usage; asked: string; model: string; costUsd: number | null }
  /**
   * The turn ended before its end. What was shown of its text is a block before this; its calls are never run. Where it
   * was not `stopped`, the model is told to go on from there. `usage` is what is known of it.
   */
  | {
      type: 'turn-cut';
      why: string;
      stopped: boolean;
      usage: Usage;
      asked: string;
      model: string;
      costUsd: number | null;
    }
  /** The results of these calls are sent in short from now on. */
  | { type: 'thinned'; calls: string[] }
  /** All up to the entry `upTo` is sent as `text` from now on. `by` says who summed it up; a model is paid for that. */
  | {
      type: 'compacted';
      upTo: string;
      text: string;
      by: 'model' | 'rules';
      usage: Usage;
      model: string;
      costUsd: number | null;
    }
  /** What a model was paid for inside a call, apart from the conversation; `subagent` is the session that was paid for. */
  | { type: 'tool-usage'; call: string; usage: Usage; model: string; costUsd: number | null; subagent?: string }
  | ({ type: 'subagent-start' } & SubagentStart)
  | ({ type: 'subagent-end' } & SubagentEnd)
  /** Entries from here on have this form: a session of an earlier version is gone on with. */
  | { type: 'journal-version'; version: number }
  /** The call is known, and may still be asked for. `ran`: by a journal that does not say when its work began. */
  | { type: 'tool-start'; call: string; name: string; input: unknown; title: string; ran?: true }
  /** The work of a call that may change something begins: it was allowed. */
  | { type: 'tool-run'; call: string }
  | { type: 'tool-decision'; call: string; decision: 'allow' | 'deny'; by: DecisionSource; reason: string }
  | {
      type: 'change';
      call: string;
      change: FileChange;
      /** A subagent of this call made it. `allowed`: a person allowed the very call of the subagent's. */
      subagent?: { session: string; allowed: boolean };
    }
  | { type: 'change-failed'; call: string; path: string; message: string }
  /** `by`: a person changed the list, who is not the model. */
  | { type: 'todos'; todos: Todo[]; by?: 'user' }
  | {
      type: 'tool-end';
      call: string;
      content: string | ContentBlockParam[];
      isError: boolean;
      view?: View;
      /** Files whose text the model has now seen, with the hash of what it saw. */
      reads?: { path: string; hash: string }[];
      /** The job that the run waits for from here on. */
      waitsFor?: string;
      durationMs: number;
    }
  | { type: 'model-switch'; from: string; to: string; why: string }
  /** A person took changes back: whole ones, or the hunks in `rejected`. */
  | { type: 'undo'; changes: FileChange[]; rejected?: Rejected[] }
  /**
   * A person has looked at files in this state and keeps them: the state they compare later changes with. `current`: what
   * the file itself was then, their own edits among it. `hunks`: what of it they decided on.
   */
  | { type: 'review'; files: { path: string; hash: string | null; current?: string | null; hunks?: string[] }[] }
  /** The workspace's files were kept as they were after the entry `after`. `restored`: a person went back from here. */
  | {
      type: 'checkpoint';
      why: CheckpointReason;
      after: string | null;
      folders: CheckpointFolder[];
      restored?: Restoration;
    }
  /** What stands behind the numbers and successes of the answer before it. `asked`: the model is asked about them next. */
  | { type: 'claims'; claims: AnswerClaim[]; asked?: true }
  | BesideEvent
  | ({ type: 'run-end' } & RunEnd);

/** What the person is told beside the work. Journalled, so that it is there later, too; the model reads nothing of it. */
export type BesideEvent =
  /** The `attempt`th of at most `of` further tries starts at `until` (ms since the epoch), or when a person wants it. */
  | { type: 'retry'; attempt: number; of: number; delayMs: number; until: number; why: string }
  | { type: 'warning'; message: string };

/** `prompt`: before a message's work. `step`: after calls that changed something. `restore`: before files were put back. */
export type CheckpointReason = 'prompt' | 'step' | 'restore';

/** A folder, or a repository inside one, and the commit that holds it in the store of checkpoints. */
export interface CheckpointFolder {
  /** Absolute. */
  folder: string;
  commit: string;
}

export type RestoreWhat = 'files' | 'conversation' | 'both';

/** How a person went back, so that it can be taken back. */
export interface Restoration {
  what: RestoreWhat;
  /** The entry of the checkpoint, or of the message, that was gone back to. */
  to: string;
  /** Where the conversation stood. */
  from: string | null;
  /** Where there was no checkpoint of the files: the entry of the edits that were taken back instead. */
  edits?: string;
  /** The entry of the restore that it took back. */
  undoes?: string;
}

/** What a person took out of a file again, hunk by hunk. */
export interface Rejected {
  path: string;
  /** The rejected hunks as a diff shows them, in short. */
  diff: string;
  /** The calls that had made them. */
  calls: string[];
  /** The person's own words; empty where they gave none. */
  reason: string;
}

/** A subagent, as its parent's journal knows it. `session` is the id of its own journal. */
export interface SubagentStart {
  call: string;
  session: string;
  droid: string;
  description: string;
  model: string;
  background: boolean;
}

export interface SubagentEnd extends Omit<SubagentStart, 'model'> {
  /** `cut`: its process went away before it was done. */
  end: RunEnd | { reason: 'cut' };
  /** Its last message; empty where it had none. */
  text: string;
  turns: number;
  usage: Usage;
  costUsd: number | null;
  /** Absolute paths of the files it left changed. */
  files: string[];
  /** What it asked for and did not get. */
  denied: { tool: string; input: unknown; reason: string }[];
  /** Where the whole of a long `text` lies. */
  whole?: string;
  /** Ids of jobs that its commands became: nothing of it waits for them. */
  jobs?: string[];
  /** What is to be known of how it ran: another model, fewer tools. */
  remarks: string[];
}

export type DecisionSource = 'mode' | 'rule' | 'user' | 'headless' | 'protection' | 'input';

/** Shown while it happens, never stored. */
export type TransientEvent =
  | { type: 'turn-start'; turn: number }
  | { type: 'text-delta'; text: string }
  | { type: 'thinking-delta'; text: string }
  | { type: 'tool-input-delta'; call: string; name: string; json: string }
  | { type: 'tool-output'; call: string; text: string }
  | { type: 'ask-start'; call: string; title: string }
  /** What happens in a subagent: `event` is one of its own journal, or one that only shows. */
  | { type: 'subagent'; session: string; droid: string; call: string; event: AgentEvent };

export type AgentEvent = (DurableEvent & { id: string }) | TransientEvent;

/** One line of the journal. `parent` makes the journal a tree: a fork is a second child. */
export interface JournalEntry {
  id: string;
  parent: string | null;
  at: string;
  event: DurableEvent;
}

export function isBeside(event: AgentEvent | BesideEvent): event is BesideEvent {
  return event.type === 'retry' || event.type === 'warning';
}

/** True for the events that are written to the journal (the ones that carry an id). */
export function isDurable(event: AgentEvent): event is DurableEvent & { id: string } {
  return 'id' in event;
}

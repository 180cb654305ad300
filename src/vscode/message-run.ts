import type { AskPerson, Perform } from '../agent/calls';
import type { AgentEvent, JournalEntry } from '../agent/events';
import type { Policy } from '../agent/approval';
import type { DayLedger } from '../agent/budget';
import { lastRun, promptsOf, startOf } from '../agent/folds';
import { runAgent } from '../agent/loop';
import { saidIn } from '../agent/said';
import type { Model } from '../agent/model';
import type { Session } from '../agent/session';
import type { Engineer } from '../engineer';
import type { Host } from '../host/host';
import type { Checkpointing } from './checkpointing';
import type { ConfirmTool } from './confirm-tool';
import type { Crews } from './crews';
import type { Evidences } from './evidence';
import type { Guards } from './guards';
import type { Wakes, Woken } from './jobs';
import type { Log } from './log';
import type { Models } from './model-choice';
import type { Permissions } from './permissions';
import type { Questions } from './questions';
import { attach } from './references';
import type { Retries } from './retries';
import type { Reviewing } from './reviewing';
import type { RunControls } from './run-controls';
import type { Sessions } from './sessions';
import { readLimits, readSettings } from './settings';
import type { Asked } from './skill-prompt';
import type { ToolSteps } from './tool-steps';
import type { Turns } from './turns';

/** What runs need, built once by extension.ts. */
export interface Workshop {
  sessions: Sessions;
  turns: Turns;
  permissions: Permissions;
  guards: Guards;
  steps: ToolSteps;
  confirm: ConfirmTool;
  retries: Retries;
  questions: Questions;
  crews: Crews;
  controls: RunControls;
  /** What jobs have to say to sessions of the chat. */
  wakes: Wakes;
  models: Models;
  /** What all sessions of a day cost. */
  ledger: DayLedger;
  reviewing: Reviewing;
  checkpointing: Checkpointing;
  evidences: Evidences;
  log: Log;
  /** The keys of this window: masked wherever they stand. */
  keysInUse(): Promise<string[]>;
  /** Aborts when the window goes down. */
  closing: AbortSignal;
}

/** A message of a person, wherever it was written, with the way it is asked and shown there. */
export interface MessageRun {
  session: Session;
  engineer: Engineer;
  host: Host;
  model: Model;
  /** What the message asks, a skill that was picked among it. */
  asked: Asked;
  from?: 'panel';
  /** A job's news stand in place of what was asked: no person wrote them. */
  woken?: Woken;
  /** Views go on showing what they show. */
  quiet?: boolean;
  ask: AskPerson;
  perform?: Perform;
  /** True once another message waits for this one to end. */
  shouldYield?: () => boolean;
  signal: AbortSignal;
  show(event: AgentEvent): void;
  /** What was not attached, and why. */
  tell(problem: string): void;
}

/** Runs one message in its session. Gives the entries of the run, its end among them. */
export async function runMessage(workshop: Workshop, run: MessageRun): Promise<readonly JournalEntry[]> {
  const { session, from } = run;
  const { sessions, turns, controls } = workshop;
  const done = sessions.begin(session, !run.quiet);
  const { signal, end } = controls.begin(session.id);
  try {
    await turns.began({ session: session.id, prompt: run.asked.prompt, ...(from ? { from } : {}) });
    for await (const event of await startRun(workshop, { ...run, signal: AbortSignal.any([run.signal, signal]) })) {
      run.show(event);
      sessions.tell(session, event);
    }
  } finally {
    end();
    done();
    await turns.ended(session.id);
  }
  return lastRun(session.branch);
}

async function startRun(workshop: Workshop, run: MessageRun): Promise<ReturnType<typeof runAgent<Host>>> {
  const { session, engineer, host, model, ask, perform, shouldYield, from, signal, woken } = run;
  const { compactAt } = readSettings();
  const { tools, skills } = engineer;
  const { prompt, references } = run.asked;
  // Read for each call: what goes on in the background heeds a mode that was narrowed since, and what was said meanwhile counts.
  const policy = (): Policy => ({
    ...workshop.permissions.policy(readSettings().permissionMode, session.id),
    said: saidIn([...promptsOf(session.branch), ...(woken ? [] : [prompt])]),
  });
  const attached = await attach(references, { host, session, tools, skills, policy: policy(), signal });
  for (const problem of attached.problems) run.tell(problem);
  const checkpoints = workshop.checkpointing.port;
  const evidence = workshop.evidences.of(session, model);
  const asked = await engineer.prompt({
    // What a job printed calls no skill.
    text: woken ? '' : prompt,
    branch: session.branch,
    attachments: attached.blocks,
    notes: attached.problems,
    called: attached.skills,
  });
  const given = woken ? { ...asked, text: woken.text, woken: { job: woken.job } } : asked;
  return runAgent<Host>({
    session,
    head: engineer.head,
    prompt: from ? { ...given, from } : given,
    notesBetween: engineer.notesBetween,
    model,
    tools: toolsOf(session, engineer),
    host,
    policy,
    ask,
    subagents: workshop.crews.of(session),
    secrets: [...engineer.secrets, ...(await workshop.keysInUse())],
    guard: workshop.guards.guard,
    ...(checkpoints ? { checkpoints } : {}),
    ...(evidence ? { evidence } : {}),
    exclusive: workshop.reviewing.exclusive(session),
    compaction: {
      at: compactAt / 100,
      now: workshop.sessions.takeShortening(session.id),
      writer: () => workshop.models.forSummary(model),
    },
    ...(perform ? { perform } : {}),
    limits: readLimits(),
    ledger: workshop.ledger,
    goOn: workshop.sessions.takeGoOn(session.id),
    retrying: { retryNow: (ended) => workshop.retries.wait(ended) },
    steer: () => workshop.controls.take(session.id),
    ...(shouldYield ? { shouldYield } : {}),
    signal,
  });
}

/** A session keeps the tools it began with: the model knows no others. */
function toolsOf(session: Session, { tools }: Engineer): Engineer['tools'] {
  const known = startOf(session.branch)?.tools.map(({ name }) => name);
  return known ? tools.filter(({ name }) => known.includes(name)) : tools;
}

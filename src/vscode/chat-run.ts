import type * as vscode from 'vscode';
import type { JournalEntry } from '../agent/events';
import type { Policy } from '../agent/approval';
import { lastRun, promptsOf, startOf } from '../agent/folds';
import { runAgent } from '../agent/loop';
import { saidIn } from '../agent/said';
import type { Model } from '../agent/model';
import type { Session } from '../agent/session';
import type { Engineer } from '../engineer';
import type { Host } from '../host/host';
import { Answer } from './answer';
import { askInChat } from './ask';
import type { ConfirmTool } from './confirm-tool';
import type { Guards } from './guards';
import type { Crews } from './crews';
import type { Log } from './log';
import type { Models } from './model-choice';
import type { Permissions } from './permissions';
import type { Questions } from './questions';
import { attach } from './references';
import type { Retries } from './retries';
import type { Sessions } from './sessions';
import type { Asked } from './skill-prompt';
import { readSettings } from './settings';
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
  models: Models;
  log: Log;
  /** The keys of this window: masked wherever they stand. */
  keysInUse(): Promise<string[]>;
  /** Aborts when the window goes down. */
  closing: AbortSignal;
}

export interface ChatRun {
  session: Session;
  engineer: Engineer;
  host: Host;
  model: Model;
  request: vscode.ChatRequest;
  /** What the request asks, a skill that was picked among it. */
  asked: Asked;
  stream: vscode.ChatResponseStream;
  /** True once a message of the user waits for this one to end. */
  shouldYield: () => boolean;
  signal: AbortSignal;
}

/** Runs one chat message in its session and draws it as it goes. Gives the entries of the run, its end among them. */
export async function runInChat(workshop: Workshop, run: ChatRun): Promise<readonly JournalEntry[]> {
  const { session, stream } = run;
  const { sessions, turns } = workshop;
  const done = sessions.begin(session);
  try {
    await turns.began({ session: session.id, prompt: run.asked.prompt });
    const answer = new Answer(stream);
    try {
      for await (const event of await startRun(workshop, run)) {
        answer.show(event);
        sessions.tell(session, event);
      }
    } finally {
      answer.end();
    }
  } finally {
    done();
    await turns.ended(session.id);
  }
  return lastRun(session.branch);
}

async function startRun(workshop: Workshop, run: ChatRun): Promise<ReturnType<typeof runAgent<Host>>> {
  const { session, engineer, host, model, request, stream, shouldYield, signal } = run;
  const { maxTurns, maxCostUsd, compactAt } = readSettings();
  const { tools, skills } = engineer;
  const { prompt, references } = run.asked;
  const said = saidIn([...promptsOf(session.branch), prompt]);
  // Read for each call: what goes on in the background heeds a mode that was narrowed since.
  const policy = (): Policy => ({
    ...workshop.permissions.policy(readSettings().permissionMode, session.id),
    said,
  });
  const attached = await attach(references, { host, session, tools, skills, policy: policy(), signal });
  for (const problem of attached.problems) stream.progress(problem);
  return runAgent<Host>({
    session,
    head: engineer.head,
    prompt: await engineer.prompt({
      text: prompt,
      branch: session.branch,
      attachments: attached.blocks,
      notes: attached.problems,
      called: attached.skills,
    }),
    notesBetween: engineer.notesBetween,
    model,
    tools: toolsOf(session, engineer),
    host,
    policy,
    ask: workshop.questions.whileAsking(
      session.id,
      askInChat({ token: request.toolInvocationToken, session: session.id, ...workshop }),
    ),
    subagents: workshop.crews.of(session),
    secrets: [...engineer.secrets, ...(await workshop.keysInUse())],
    guard: workshop.guards.guard,
    compaction: {
      at: compactAt / 100,
      now: workshop.sessions.takeShortening(session.id),
      writer: () => workshop.models.forSummary(model),
    },
    perform: workshop.steps.performFor(request.toolInvocationToken),
    limits: { turns: maxTurns, costUsd: maxCostUsd },
    retrying: { retryNow: (ended) => workshop.retries.wait(ended) },
    shouldYield,
    signal,
  });
}

/** A session keeps the tools it began with: the model knows no others. */
function toolsOf(session: Session, { tools }: Engineer): Engineer['tools'] {
  const known = startOf(session.branch)?.tools.map(({ name }) => name);
  return known ? tools.filter(({ name }) => known.includes(name)) : tools;
}

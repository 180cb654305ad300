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
import type { Log } from './log';
import type { Permissions } from './permissions';
import { attach } from './references';
import type { Sessions } from './sessions';
import { readSettings } from './settings';
import type { ToolSteps } from './tool-steps';
import type { Turns } from './turns';

/** What runs need, built once by extension.ts. */
export interface Workshop {
  sessions: Sessions;
  turns: Turns;
  permissions: Permissions;
  steps: ToolSteps;
  confirm: ConfirmTool;
  log: Log;
  /** The keys of this window: masked wherever they stand. */
  keysInUse(): Promise<string[]>;
}

export interface ChatRun {
  session: Session;
  engineer: Engineer;
  host: Host;
  model: Model;
  request: vscode.ChatRequest;
  stream: vscode.ChatResponseStream;
  signal: AbortSignal;
}

/** Runs one chat message in its session and draws it as it goes. Gives the entries of the run, its end among them. */
export async function runInChat(workshop: Workshop, run: ChatRun): Promise<readonly JournalEntry[]> {
  const { session, request, stream } = run;
  const { sessions, turns } = workshop;
  const done = sessions.begin(session);
  try {
    await turns.began({ session: session.id, prompt: request.prompt });
    const answer = new Answer(stream);
    for await (const event of await startRun(workshop, run)) {
      answer.show(event);
      sessions.tell(session, event);
    }
    answer.endText();
  } finally {
    done();
    await turns.ended(session.id);
  }
  return lastRun(session.branch);
}

async function startRun(workshop: Workshop, run: ChatRun): Promise<ReturnType<typeof runAgent<Host>>> {
  const { session, engineer, host, model, request, stream, signal } = run;
  const { maxTurns, maxCostUsd, permissionMode } = readSettings();
  const said = saidIn([...promptsOf(session.branch), request.prompt]);
  const policy = (): Policy => ({ ...workshop.permissions.policy(permissionMode, session.id), said });
  const { tools, skills } = engineer;
  const attached = await attach(request.references, { host, session, tools, skills, policy: policy(), signal });
  for (const problem of attached.problems) stream.progress(problem);
  return runAgent<Host>({
    session,
    head: engineer.head,
    prompt: await engineer.prompt({
      text: request.prompt,
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
    ask: askInChat({ token: request.toolInvocationToken, session: session.id, ...workshop }),
    secrets: [...engineer.secrets, ...(await workshop.keysInUse())],
    perform: workshop.steps.performFor(request.toolInvocationToken),
    limits: { turns: maxTurns, costUsd: maxCostUsd },
    signal,
  });
}

/** A session keeps the tools it began with: the model knows no others. */
function toolsOf(session: Session, { tools }: Engineer): Engineer['tools'] {
  const known = startOf(session.branch)?.tools.map(({ name }) => name);
  return known ? tools.filter(({ name }) => known.includes(name)) : tools;
}

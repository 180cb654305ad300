import type * as vscode from 'vscode';
import type { JournalEntry } from '../agent/events';
import { Answer } from './answer';
import { askInChat } from './ask';
import { runMessage, type MessageRun, type Workshop } from './message-run';

export interface ChatRun extends Pick<
  MessageRun,
  'session' | 'engineer' | 'host' | 'model' | 'asked' | 'woken' | 'shouldYield' | 'signal'
> {
  request: vscode.ChatRequest;
  stream: vscode.ChatResponseStream;
}

/** Runs one chat message in its session and draws it as it goes. Gives the entries of the run, its end among them. */
export async function runInChat(workshop: Workshop, run: ChatRun): Promise<readonly JournalEntry[]> {
  const { session, stream, request } = run;
  const { toolInvocationToken: token } = request;
  const answer = new Answer(stream);
  const ask = askInChat({ token, session: session.id, ...workshop });
  try {
    return await runMessage(workshop, {
      ...run,
      ask: workshop.questions.whileAsking(session.id, ask),
      perform: workshop.steps.performFor(token),
      show: (event) => answer.show(event),
      tell: (problem) => stream.progress(problem),
    });
  } finally {
    answer.end();
  }
}

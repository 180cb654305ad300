import { setTimeout as delay } from 'node:timers/promises';
import { judge } from './approval';
import type { AskRequest, CallOptions } from './calls';
import { surpriseText, writtenIn, type Danger, type KeptFor, type Watched } from './guard';
import type { Telling } from './loop';
import type { Action, ToolOutput } from './tool';
import { countOf } from '../text/counting';
import { sizeOf } from '../text/sizes';

/** After a stop the files have so long to be compared before the run ends without that. */
const AFTER_STOP_MS = 50;

/** What a call lost that nobody was asked about, told to the person; after a stop that is not waited for. */
export async function surprisesOf(
  watched: Watched,
  what: KeptFor,
  signal: AbortSignal,
  telling: Telling,
): Promise<string | undefined> {
  const compared = watched.end(what).then(
    (surprises) => {
      const text = surpriseText(surprises);
      if (text !== undefined) telling.show({ type: 'warning', message: text });
      return text;
    },
    (error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      telling.show({ type: 'warning', message: `What this did to guarded files could not be looked at: ${why}` });
      return undefined;
    },
  );
  return signal.aborted ? Promise.race([compared, delay(AFTER_STOP_MS, undefined)]) : compared;
}

/** What came of a call, with the news behind it. */
export function withNews(output: ToolOutput, news: string): ToolOutput {
  const { content } = output;
  return {
    ...output,
    content: typeof content === 'string' ? `${content}\n\n${news}` : [...content, { type: 'text', text: news }],
  };
}

/** What a call may lose; not looked up for one that is refused anyway, since that may start git. */
export async function dangerOf<Host>(
  tool: string,
  action: Action,
  { guard, policy, session, signal }: Pick<CallOptions<Host>, 'guard' | 'policy' | 'session' | 'signal'>,
): Promise<Danger | undefined> {
  if (!guard || judge(tool, action, policy()).decision === 'deny') return undefined;
  return guard.look(action, writtenIn(session.entries), signal);
}

/** Keeps a copy of what an allowed call may lose, before it runs. Throws a ToolError when the call must not run. */
export async function keepCopy<Host>(
  { call, tool, action, judgement }: Pick<AskRequest, 'call' | 'tool' | 'action' | 'judgement'>,
  danger: Danger | undefined,
  title: string,
  { guard, session, signal }: CallOptions<Host>,
  telling: Telling,
): Promise<void> {
  if (!guard || !danger) return;
  const what = { session: session.id, call, tool, title };
  const { files, bytes, problems } = await guard.keep(action, danger, writtenIn(session.entries), what, signal);
  // A person who was asked has read what would be kept.
  if (files > 0 && danger.losses.length > 0 && judgement.decision === 'allow')
    telling.show({
      type: 'warning',
      message: `Kept a copy of ${countOf(files, 'file|files')} (${sizeOf(bytes)}) before: ${title}`,
    });
  for (const message of problems) telling.show({ type: 'warning', message });
}

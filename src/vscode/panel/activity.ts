import * as vscode from 'vscode';
import type { AgentEvent } from '../../agent/events';
import type { Session } from '../../agent/session';
import { subagentsOf } from '../../agent/subagent-report';
import { agentDetail, copiedText, detailOf } from '../../panel/folds/detail';
import { activityOf, hear, liveOf, type Live } from '../../panel/folds/live';
import { rowsSince, timelineOf, type Timeline } from '../../panel/folds/timeline';
import type { ToPage } from '../../panel/protocol';
import type { PanelActivity, RowsMessage } from '../../panel/sections/activity';
import { openEvidence } from '../evidence';
import { openTranscript } from '../transcripts';
import type { Actions, PanelWorld } from './world';

/** As many sessions as one window has at work at a time, and some. */
const MAX_SESSIONS = 10;

/** What this window heard of its sessions and no journal holds. Lives longer than the page, which may come and go. */
export class Heard {
  readonly #bySession = new Map<string, Live>();

  hear(session: Session, event: AgentEvent): void {
    const { id } = session;
    const live = this.#bySession.get(id) ?? liveOf(id);
    this.#bySession.delete(id);
    this.#bySession.set(id, live);
    const [oldest] = this.#bySession.keys();
    if (this.#bySession.size > MAX_SESSIONS && oldest !== undefined) this.#bySession.delete(oldest);
    hear(live, event);
  }

  of(session: Session | undefined): Live {
    return this.#bySession.get(session?.id ?? '') ?? liveOf(session?.id ?? '');
  }
}

/** The rows of the current session as one page has them. */
export class RowFeed {
  #timeline: Timeline | undefined;
  #taken: { epoch: number; revision: number } | undefined;
  /** Pages that were there before this one. */
  #pages = 0;

  constructor(private readonly world: PanelWorld) {}

  /** What the page does not have yet, and what to call once it took it. */
  news(): { message: RowsMessage; taken: () => void } | undefined {
    const { current } = this.world.sessions;
    const timeline = timelineOf(current?.id ?? '', current?.branch ?? [], this.#timeline);
    this.#timeline = timeline;
    const { epoch, revision } = timeline;
    if (this.#taken?.epoch === epoch && this.#taken.revision === revision) return undefined;
    const pages = this.#pages;
    const taken = (): void => {
      if (pages === this.#pages) this.#taken = { epoch, revision };
    };
    return { message: rowsSince(timeline, this.#taken), taken };
  }

  /** The page is a new one and has nothing. */
  reset(): void {
    this.#pages += 1;
    this.#taken = undefined;
  }
}

/** The small part of the activity, that changes with each word of the model. */
export function activityNow({ sessions, crews, heard }: PanelWorld): PanelActivity {
  const { current, running } = sessions;
  return activityOf(heard.of(current), running, current ? crews.live(current.id) : []);
}

/** Happens all the time and is in no journal: only `activityNow` changes by it. */
export function isPassing({ type }: AgentEvent): boolean {
  return type === 'text-delta' || type === 'thinking-delta' || type === 'tool-output' || type === 'ask-start';
}

export function activityActions(
  world: PanelWorld,
  reply: (message: ToPage) => unknown,
): Actions<'unfoldRow' | 'copyRow' | 'openEvidence' | 'showTranscript' | 'showLog'> {
  const { sessions } = world;
  return {
    unfoldRow: async ({ id, agent }) => {
      const session = await sessionOf(world, agent);
      const event = session?.branch.find((entry) => entry.id === id)?.event;
      if (session && agent === null && event?.type === 'subagent-start') {
        const child = await sessionOf(world, event.session);
        return reply(agentDetail(child?.branch ?? [], event.session, id));
      }
      return reply(detailOf(session?.branch ?? [], id, agent));
    },
    copyRow: async ({ id, agent }) => {
      const session = await sessionOf(world, agent);
      const text = copiedText(session?.branch ?? [], id);
      if (text !== '') await vscode.env.clipboard.writeText(text);
    },
    openEvidence: async ({ id, at }) => {
      const event = sessions.current?.branch.find((entry) => entry.id === id)?.event;
      const claim = event?.type === 'claims' ? event.claims[at] : undefined;
      if (sessions.current && claim) await openEvidence(sessions.current.id, claim);
    },
    showTranscript: async () => {
      if (sessions.current) await openTranscript(sessions, sessions.current.id, 'session');
    },
    showLog: () => world.log.show(),
  };
}

/** The current session, or the subagent of it that is named; `undefined` for any other. */
async function sessionOf({ sessions }: PanelWorld, agent: string | null): Promise<Session | undefined> {
  const { current } = sessions;
  if (agent === null || !current) return current;
  const isOurs = subagentsOf(current.branch).some(({ session }) => session === agent);
  return isOurs && (await sessions.exists(agent)) ? sessions.open(agent) : undefined;
}

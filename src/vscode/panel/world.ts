import type * as vscode from 'vscode';
import type { DayCostLedger } from '../../agent/budget';
import type { AgentEvent } from '../../agent/events';
import type { Session } from '../../agent/session';
import type { TodoEdit } from '../../agent/todo-edits';
import type { ToHost } from '../../panel/protocol';
import type { JobsPlace } from '../../jobs/jobs';
import type { Archive } from '../archive';
import type { Crews } from '../crews';
import type { Launching } from '../launcher';
import type { Log } from '../log';
import type { PanelRuns } from '../panel-run';
import type { OpenReviews } from '../open-reviews';
import type { Questions } from '../questions';
import type { Reviewing } from '../reviewing';
import type { Heard } from './activity';
import type { CheckpointsDesk } from './checkpoints';
import type { Composer } from './composer';
import type { PanelEffort } from './effort';
import type { JobSpendings } from './job-spending';
import type { JobDesk } from './jobs';
import type { PanelModel } from './picking';
import type { RunShelf } from './runs';

/** What the panel needs of the sessions of this window. `onDidChange` fires when `current`, its journal or `running` changes. */
export interface PanelSessions {
  readonly current: Session | undefined;
  readonly running: boolean;
  readonly retrying: Extract<AgentEvent, { type: 'retry' }> | undefined;
  readonly onDidChange: vscode.Event<{ session: Session | undefined; event?: AgentEvent }>;
  show(session: Session | undefined): void;
  /** The next message of the session has its budget anew. */
  goOn(id: string): void;
  openDiff(path: string): Promise<void>;
  /** Something of the current session changed that its events do not tell. */
  touch(): void;
  /** Changes the todo list of the current session; the model hears of it at its next step. */
  editTodos(edit: TodoEdit): Promise<void>;
  exists(id: string): Promise<boolean>;
  open(id: string): Promise<Session>;
}

export interface PanelWorld {
  sessions: PanelSessions;
  questions: Questions;
  crews: Crews;
  reviewing: Reviewing;
  openReviews: OpenReviews;
  checkpoints: CheckpointsDesk;
  heard: Heard;
  /** What all sessions of the day cost. */
  ledger: Pick<DayCostLedger, 'today' | 'costs'>;
  runs: PanelRuns;
  composer: Composer;
  archive: Archive;
  runShelf: RunShelf;
  jobDesk: JobDesk;
  jobSpendings: JobSpendings;
  jobsPlace: () => JobsPlace;
  /** What the panel's model picker holds. */
  model: PanelModel;
  effort: PanelEffort;
  launching: Launching;
  log: Log;
}

/** What is done for each message of a section. The page is not trusted: each looks whether what it names is shown. */
export type Actions<Type extends ToHost['type']> = {
  [T in Type]: (message: Extract<ToHost, { type: T }>) => unknown;
};

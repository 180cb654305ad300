import * as vscode from 'vscode';
import type { Labels, PanelState } from '../../panel/protocol';
import type { DiffCache } from '../../panel/folds/changes';
import type { OpenDiffCache } from '../../panel/folds/open-hunks';
import { panelState } from '../../panel/state';
import { limitWords, nearWords } from '../limit-words';
import { retryLine } from '../retry-notice';
import { skillReason } from '../skill-words';
import { meterSource } from './meter';
import type { PanelWorld } from './world';

/** What was worked out for the last drawing. */
export interface Drawn {
  diffs: DiffCache;
  openDiffs: OpenDiffCache;
}

/** How long a drawing waits for what is being looked at, and for diffs; what takes longer is drawn later. */
const PATIENCE_MS = 250;

/** All that the page shows, from what this window knows of its current session. */
export async function stateOf(world: PanelWorld, labels: Labels, { diffs, openDiffs }: Drawn): Promise<PanelState> {
  const { sessions, questions, crews, heard, ledger, openReviews } = world;
  const { current, running, retrying: retry } = sessions;
  const retrying = retry && retryLine(retry, Math.ceil(retry.delayMs / 1_000));
  const branch = current?.branch ?? [];
  await openReviews.settled(PATIENCE_MS);
  const source = {
    branch,
    blob: async (hash: string) => current?.store.getBlob(hash),
    shown: (path: string) => vscode.workspace.asRelativePath(path),
    reason: skillReason,
    openDiffs,
    open: [...openReviews.files.values()],
    isKnown: (path: string) => openReviews.knows(path),
    withinMs: PATIENCE_MS,
    limit: limitWords,
    near: nearWords,
    running,
    ...(retrying === undefined ? {} : { retrying }),
    live: current ? crews.live(current.id) : [],
    questions: questions.pending,
    waiting: current ? questions.inChat(current.id) : [],
    heard: heard.of(current),
    meter: await meterSource(current, ledger, world.jobSpendings),
    name: current ? world.archive.titleOf(current.id) : '',
    checkpoints: world.checkpoints.list,
    composer: world.composer.state,
    sessions: world.archive.list,
    runs: world.runShelf.list,
    jobs: world.jobDesk.list,
    labels,
  };
  return panelState(source, diffs);
}

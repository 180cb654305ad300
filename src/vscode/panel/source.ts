import * as vscode from 'vscode';
import type { Labels, PanelState } from '../../panel/protocol';
import type { DiffCache } from '../../panel/folds/changes';
import { panelState } from '../../panel/state';
import { limitWords, nearWords } from '../limit-words';
import { retryLine } from '../retry-notice';
import { skillReason } from '../skill-words';
import type { PanelWorld } from './world';

/** All that the page shows, from what this window knows of its current session. */
export function stateOf(world: PanelWorld, labels: Labels, diffs: DiffCache): Promise<PanelState> {
  const { sessions, questions, crews } = world;
  const { current, running, retrying: retry } = sessions;
  const retrying = retry && retryLine(retry, Math.ceil(retry.delayMs / 1_000));
  const source = {
    branch: current?.branch ?? [],
    blob: async (hash: string) => current?.store.getBlob(hash),
    shown: (path: string) => vscode.workspace.asRelativePath(path),
    reason: skillReason,
    limit: limitWords,
    near: nearWords,
    running,
    ...(retrying === undefined ? {} : { retrying }),
    live: current ? crews.live(current.id) : [],
    questions: questions.pending,
    waiting: current ? questions.inChat(current.id) : [],
    name: current ? world.archive.titleOf(current.id) : '',
    composer: world.composer.state,
    sessions: world.archive.list,
    labels,
  };
  return panelState(source, diffs);
}

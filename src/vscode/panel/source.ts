import * as vscode from 'vscode';
import type { Labels, PanelState } from '../../panel/protocol';
import type { DiffCache } from '../../panel/folds/changes';
import { panelState } from '../../panel/state';
import { limitWords, nearWords } from '../limit-words';
import { retryLine } from '../retry-notice';
import { skillReason } from '../skill-words';
import { meterSource } from './meter';
import type { PanelWorld } from './world';

/** Each is read for every drawing: the files of a session that changes more are reviewed in the diff editor. */
const MAX_REVIEWED = 300;

/** All that the page shows, from what this window knows of its current session. */
export async function stateOf(world: PanelWorld, labels: Labels, diffs: DiffCache): Promise<PanelState> {
  const { sessions, questions, crews, heard, ledger } = world;
  const { current, running, retrying: retry } = sessions;
  const retrying = retry && retryLine(retry, Math.ceil(retry.delayMs / 1_000));
  const branch = current?.branch ?? [];
  const source = {
    branch,
    blob: async (hash: string) => current?.store.getBlob(hash),
    shown: (path: string) => vscode.workspace.asRelativePath(path),
    reason: skillReason,
    ...(current ? { open: await world.reviewing.of(current).open(MAX_REVIEWED) } : {}),
    limit: limitWords,
    near: nearWords,
    running,
    ...(retrying === undefined ? {} : { retrying }),
    live: current ? crews.live(current.id) : [],
    questions: questions.pending,
    waiting: current ? questions.inChat(current.id) : [],
    heard: heard.of(current),
    meter: await meterSource(current, ledger),
    name: current ? world.archive.titleOf(current.id) : '',
    composer: world.composer.state,
    sessions: world.archive.list,
    runs: world.runShelf.list,
    labels,
  };
  return panelState(source, diffs);
}

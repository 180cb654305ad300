import * as vscode from 'vscode';
import { restorePoints, type RestorePoint } from '../../agent/restore-points';
import type { Session } from '../../agent/session';
import { UserError } from '../../agent/tool';
import { changedCounts, type KnownCounts } from '../../checkpoints/changed-counts';
import { placeOf } from '../../checkpoints/session-restore';
import { checkpointRows, NO_CHECKPOINTS, type KnownFiles } from '../../panel/folds/checkpoints';
import type { PanelCheckpoints } from '../../panel/sections/checkpoints';
import type { Archive } from '../archive';
import { comparePoints } from '../comparing';
import { goBack, undoGoingBack, type GoingBack } from '../going-back';
import { explain } from '../log';

/** Puts text back into the panel's box, to be written anew. */
type PutBack = (text: string) => void;

/** The checkpoints of the session that the panel shows, and what a person does with them there. */
export class CheckpointsDesk implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #counts: KnownCounts = new Map();
  /** By the entry of a point; of the session and the points that were looked up last. */
  #files: ReadonlyMap<string, KnownFiles> = new Map();
  #looked = '';
  #open = false;

  constructor(
    private readonly going: GoingBack,
    private readonly archive: Archive,
  ) {}

  /** What the panel shows; no rows while the section is folded. */
  get list(): PanelCheckpoints {
    const { sessions } = this.going;
    const { current } = sessions;
    if (!current) return NO_CHECKPOINTS;
    const when = new Intl.DateTimeFormat(vscode.env.language, { dateStyle: 'medium', timeStyle: 'short' });
    const { branch } = current;
    if (this.#open) this.#lookUp(current.id, restorePoints(branch));
    return checkpointRows({
      branch,
      open: this.#open,
      running: sessions.running,
      files: ({ id }) => this.#files.get(id),
      when: (at) => when.format(at),
    });
  }

  look(open: boolean): void {
    this.#open = open;
    this.#changed.fire();
  }

  async goBack(id: string, putBack: PutBack): Promise<void> {
    const { session, point } = this.#find(id);
    const done = await goBack(this.going, session, point);
    this.#looked = '';
    if (done !== undefined && done !== 'files' && point.why === 'prompt') putBack(point.prompt);
  }

  async undo(): Promise<void> {
    const { current } = this.going.sessions;
    if (current) await undoGoingBack(this.going, current);
    this.#looked = '';
  }

  /** A session of its own that begins with what stood there; the files stay as they are. */
  async fork(id: string, putBack: PutBack): Promise<void> {
    const { session, point } = this.#find(id);
    const last = placeOf(session, point);
    if (last === undefined) return;
    await this.archive.forkAfter(session.id, last);
    if (point.why === 'prompt') putBack(point.prompt);
  }

  async compare(ids: readonly string[]): Promise<void> {
    const [from, to] = ids.map((id) => this.#find(id)).sort((one, two) => one.at - two.at);
    if (from) await comparePoints(this.going.checkpointing, from.session, from.point, to?.point);
  }

  dispose(): void {
    this.#changed.dispose();
  }

  /** The page is not trusted: what it names counts where it is a point of the session that is shown. */
  #find(id: string): { session: Session; point: RestorePoint; at: number } {
    const { current } = this.going.sessions;
    const points = restorePoints(current?.branch ?? []);
    const at = points.findIndex((one) => one.id === id);
    const point = points[at];
    if (!current || !point) throw new UserError(vscode.l10n.t('This checkpoint is not there any more.'));
    return { session: current, point, at };
  }

  /** Asks git beside the drawing, once for the points there are. */
  #lookUp(session: string, points: readonly RestorePoint[]): void {
    const key = JSON.stringify([session, points.length, points.at(-1)?.id]);
    if (key === this.#looked) return;
    this.#looked = key;
    void changedCounts(this.going.checkpointing.store, points, this.#counts)
      .then((files) => {
        if (key !== this.#looked) return;
        this.#files = new Map(points.flatMap(({ id }, at) => (files[at] ? [[id, files[at]] as const] : [])));
        this.#changed.fire();
      })
      .catch((error: unknown) => explain(this.going.log, 'looking up checkpoints', error));
  }
}

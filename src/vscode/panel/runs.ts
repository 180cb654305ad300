import { access } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { UserError } from '../../agent/tool';
import type { Host } from '../../host/host';
import { findJob, isDamaged, type JobsPlace } from '../../jobs/jobs';
import { FILES } from '../../jobs/supervisor';
import type { Book } from '../../ledger/book';
import { addNote, MAX_NOTE_CHARACTERS } from '../../ledger/note';
import type { Run } from '../../ledger/parse';
import { NO_RUNS, runsOfPanel, type EndedText } from '../../panel/folds/runs';
import { MAX_TICKED, type PanelRunList, type RunLook } from '../../panel/sections/runs';
import { label } from '../../text/label';
import type { MlflowServer } from '../../trackers/mlflow-server';
import { RunTable } from '../../trackers/table';

export interface RunShelfWorld {
  host: () => Host;
  /** The ledger's path below a workspace folder; `undefined` where it is turned off. */
  path: () => string | undefined;
  /** The MLflow server that the user named. */
  mlflow: () => MlflowServer | undefined;
  place: () => JobsPlace;
  secrets: () => Promise<readonly string[]>;
  /** Fires when a run was written. */
  onDidKeep: vscode.Event<void>;
}

/** A table or settings as text; a database or a log of numbers is shown where it lies. */
async function openTracked(path: string): Promise<void> {
  const uri = vscode.Uri.file(path);
  if (/\.(?:csv|json|ya?ml)$/u.test(path)) await vscode.window.showTextDocument(uri);
  else await vscode.commands.executeCommand('revealInExplorer', uri);
}

type What = 'log' | 'diff' | 'line' | 'verdict';

/** Of today the time, of other days the date: the column is narrow. What is no date stays as it was written. */
function endedText(now: number): (at: string) => EndedText {
  const format = (style: Intl.DateTimeFormatOptions): ((at: number) => string) => {
    const words = new Intl.DateTimeFormat(vscode.env.language, style);
    return (at) => words.format(at);
  };
  const [date, time] = [format({ dateStyle: 'short' }), format({ timeStyle: 'short' })];
  const full = format({ dateStyle: 'short', timeStyle: 'short' });
  return (text) => {
    const at = Date.parse(text);
    if (Number.isNaN(at)) return [text, text];
    return [date(at) === date(now) ? time(at) : date(at), full(at)];
  };
}

/** The ledger as the panel shows it. It is read only while somebody looks at it. */
export class RunShelf implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #kept: vscode.Disposable;
  readonly #table = new RunTable();
  readonly #closed = new AbortController();
  #look: RunLook | null = null;
  #book: Book = { runs: [], problems: [] };
  #ticked: string[] = [];
  #list: PanelRunList | undefined;
  #picked: { id: string; folder: string | undefined } | undefined;

  constructor(private readonly world: RunShelfWorld) {
    this.#kept = world.onDidKeep(() => void (this.#look && this.refresh()));
  }

  /** Drawn from more often than it changes. */
  get list(): PanelRunList {
    this.#list ??= this.#drawn();
    return this.#list;
  }

  #drawn(): PanelRunList {
    if (!this.#look) return NO_RUNS;
    return runsOfPanel({
      book: this.#book,
      look: this.#look,
      ticked: this.#ticked,
      picked: this.#picked?.id,
      hasLog: this.#picked?.folder !== undefined,
      ended: endedText(Date.now()),
    });
  }

  async look(look: RunLook | null): Promise<void> {
    const opens = this.#look === null && look !== null;
    this.#look = look;
    if (opens) await this.refresh();
    else this.#redraw();
  }

  async refresh(): Promise<void> {
    const host = this.world.host();
    const ignores = (paths: readonly string[], cwd: string): Promise<string | undefined> => host.ignores(paths, cwd);
    const { signal } = this.#closed;
    this.#book = await this.#table.read({
      folders: host.folders,
      path: this.world.path(),
      ignores,
      mlflow: this.world.mlflow,
      signal,
    });
    this.#redraw();
  }

  tick(id: string): void {
    this.#find(id);
    const without = this.#ticked.filter((one) => one !== id);
    this.#ticked = without.length < this.#ticked.length ? without : [...without, id].slice(-MAX_TICKED);
    this.#redraw();
  }

  async pick(id: string): Promise<void> {
    this.#find(id);
    this.#picked = this.#picked?.id === id ? undefined : { id, folder: await this.#folderOf(id) };
    this.#redraw();
  }

  async open(id: string, what: What): Promise<void> {
    const run = this.#find(id);
    if (/^https?:/u.test(run.file)) return void (await vscode.env.openExternal(vscode.Uri.parse(run.file)));
    if (run.tracker !== undefined) return openTracked(this.#placed(run));
    if (what === 'verdict') return this.#say(run);
    if (what === 'line') {
      const at = new vscode.Position(run.line - 1, 0);
      await vscode.window.showTextDocument(this.#ledgerOf(run), { selection: new vscode.Range(at, at) });
      return;
    }
    const folder = await this.#folderOf(id);
    if (folder === undefined) throw new UserError(vscode.l10n.t('The folder of this job is not on this machine.'));
    await vscode.window.showTextDocument(vscode.Uri.file(join(folder, what === 'log' ? FILES.log : FILES.diff)));
  }

  /** Opens the ledger at the line of a run, whether somebody looks at the table or not. */
  async showLine(id: string): Promise<void> {
    await this.refresh();
    await this.open(id, 'line');
  }

  #redraw(): void {
    this.#list = undefined;
    this.#changed.fire();
  }

  dispose(): void {
    this.#closed.abort();
    this.#kept.dispose();
    this.#changed.dispose();
  }

  async #say({ record, verdict = '', file }: Run): Promise<void> {
    const said = await vscode.window.showInputBox({
      title: vscode.l10n.t('Verdict: {0}', label(record.title, 80)),
      prompt: vscode.l10n.t('What the run showed. It is added to the ledger.'),
      value: verdict.slice(0, MAX_NOTE_CHARACTERS),
      ignoreFocusOut: true,
    });
    if (!said?.trim() || said === verdict) return;
    const path = this.world.path() ?? '';
    await addNote(
      this.#folderIn(file).path,
      path,
      { of: record.id, by: 'person', verdict: said },
      await this.world.secrets(),
    );
    await this.refresh();
  }

  #folderIn(file: string): { path: string } {
    const { folders } = this.world.host();
    const path = this.world.path() ?? '';
    const folder = folders.length > 1 ? folders.find(({ name }) => file === `${name}/${path}`) : folders[0];
    if (!folder) throw new UserError(vscode.l10n.t('This run is not in the ledger any more.'));
    return folder;
  }

  #ledgerOf({ file }: Run): vscode.Uri {
    return vscode.Uri.file(join(this.#folderIn(file).path, this.world.path() ?? ''));
  }

  /** Where the file of a tracker's run lies. */
  #placed({ file }: Run): string {
    const { folders } = this.world.host();
    const [name = '', ...rest] = file.split('/');
    const folder = folders.length > 1 ? folders.find((one) => one.name === name) : folders[0];
    if (!folder) throw new UserError(vscode.l10n.t('This run is not in the ledger any more.'));
    return join(folder.path, ...(folders.length > 1 ? rest : [name, ...rest]));
  }

  /** One that is in the ledger: the page names no other. */
  #find(id: string): Run {
    const found = this.#book.runs.find(({ record }) => record.id === id);
    if (!found) throw new UserError(vscode.l10n.t('This run is not in the ledger any more.'));
    return found;
  }

  async #folderOf(id: string): Promise<string | undefined> {
    const job = await findJob(this.world.place(), id);
    if (!job || isDamaged(job)) return undefined;
    return access(job.found.record.log).then(
      () => job.folder,
      () => undefined,
    );
  }
}

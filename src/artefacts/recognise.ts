import { minimatch } from 'minimatch';

export type ArtefactKind = 'data set' | 'checkpoint' | 'model' | 'run';

/** What git says of a file; `none` is outside any repository. */
export type GitState = 'clean' | 'changed' | 'untracked' | 'ignored' | 'none';

export interface FileFacts {
  /** As people read it: from the workspace folder, or absolute; `/` between its parts. */
  shown: string;
  /** Bytes. */
  size: number;
  git: GitState;
}

export interface Recognised {
  kind: ArtefactKind;
  /** For people: which sign gave it away. */
  why: string;
}

const MEGABYTE = 1e6;
/** Tables of text are source until they are this large or lie among data. */
const MIN_TABLE_BYTES = MEGABYTE;
/** What is this large and not in git was made or fetched, and is slow to make or fetch again. */
const MIN_LARGE_BYTES = 20 * MEGABYTE;

const EXTENSIONS: ReadonlyMap<string, ArtefactKind> = new Map([
  ...all('checkpoint', 'pt pth ckpt h5 hdf5 distcp'),
  ...all('model', 'safetensors keras onnx gguf ggml pkl pickle joblib tflite pb mlmodel cbm ubj engine torchscript'),
  ...all('data set', 'npz npy parquet feather arrow tfrecord tfrecords avro orc mat zarr lmdb mdb beton mds sas7bdat'),
]);
const TABLE = /\.(?:csv|tsv|jsonl|ndjson|json|txt|xml|xlsx|sqlite3?|db|duckdb)(?:\.(?:gz|bz2|xz|zst))?$/iu;
const RUN_FILE = /^(?:events\.out\.tfevents\..*|mlflow\.db)$/iu;

const FOLDERS: ReadonlyMap<string, ArtefactKind> = new Map([
  ...all('data set', 'data dataset datasets corpus corpora'),
  ...all('checkpoint', 'checkpoints checkpoint ckpt ckpts snapshots'),
  ...all('model', 'models weights artifacts artefacts saved_model saved_models pretrained'),
  ...all('run', 'runs mlruns mlartifacts wandb lightning_logs tb_logs outputs multirun experiments'),
]);
/** What a command makes again from the source: neither folder nor size makes an artefact of what lies there. */
const REBUILT =
  /(?:^|\/)(?:\.git|node_modules|\.?venv|env|site-packages|__pycache__|\.tox|\.nox|\.[a-z]+_cache|target|dist|build|\.ipynb_checkpoints|\.eggs|[^/]+\.egg-info)\//iu;
const INSTALLED = /(?:^|\/)(?:\.git|node_modules|\.?venv|site-packages|__pycache__|\.tox|\.nox)\//iu;

/** A folder that is never looked into: what lies there is installed, or git's own. */
export function isInstalledFolder(name: string): boolean {
  return INSTALLED.test(`${name}/`);
}

/** What a command makes again, or installs: its loss is none. */
export function isMadeAgain(shown: string): boolean {
  return INSTALLED.test(shown) || REBUILT.test(shown);
}

const SOURCE =
  /(?:\.(?:pyi?|ipynb|tsx?|jsx?|mjs|cjs|md|rst|sh|ya?ml|toml|cfg|ini|r|rmd|jl|go|rs|c|cc|cpp|cu|cuh|h|hpp|java|scala|sql|proto|dockerfile|mk|css|html|lock|dvc)|(?:^|\/)(?:dockerfile|makefile|license|readme|\.gitignore|\.gitattributes|\.gitkeep|\.dvcignore))$/iu;

function all(kind: ArtefactKind, names: string): [string, ArtefactKind][] {
  return names.split(' ').map((name) => [name, kind]);
}

/**
 * Whether a file is what training made or needs, and which sign says so; `undefined` when nothing does. The user's
 * globs decide before any sign, the last that fits first: `!glob` says that it is none. Pure.
 */
export function recognise(file: FileFacts, globs: readonly string[] = []): Recognised | undefined {
  const path = file.shown.replaceAll('\\', '/').replace(/^\.?\//u, '');
  const own = globs.findLast((glob) => fits(path, glob.replace(/^!/u, '')));
  if (own?.startsWith('!')) return undefined;
  if (own !== undefined) return { kind: kindOf(path) ?? 'data set', why: `your setting names ${own}` };
  if (INSTALLED.test(path)) return undefined;
  return byExtension(path) ?? (REBUILT.test(path) ? undefined : (byFolder(path, file) ?? bySize(path, file)));
}

/** Whether a file of any size may be an artefact, told by its name alone: the others need no look. Pure. */
export function mayBeArtefact(shown: string, globs: readonly string[] = []): boolean {
  if (globs.length === 0 && SOURCE.test(shown) && folderOf(shown) === undefined) return false;
  return recognise({ shown, size: Number.MAX_SAFE_INTEGER, git: 'none' }, globs) !== undefined;
}

function fits(path: string, glob: string): boolean {
  const options = { dot: true, nocase: true, matchBase: !glob.includes('/') };
  const whole = glob.replace(/^\//u, '').replace(/\/$/u, '');
  return minimatch(path, whole, options) || minimatch(path, `${whole.includes('/') ? '' : '**/'}${whole}/**`, options);
}

function extensionOf(path: string): string {
  return /\.([^./]+)$/u.exec(path)?.[1]?.toLowerCase() ?? '';
}

function byExtension(path: string): Recognised | undefined {
  const extension = extensionOf(path);
  if (RUN_FILE.test(nameOf(path))) return { kind: 'run', why: `${nameOf(path)} records a run` };
  const kind = EXTENSIONS.get(extension);
  return kind && { kind, why: `a .${extension} file` };
}

function byFolder(path: string, { git }: FileFacts): Recognised | undefined {
  const folder = folderOf(path);
  const kind = folder === undefined ? undefined : FOLDERS.get(folder.toLowerCase());
  if (!kind) return undefined;
  // A run keeps its own settings and code, but `src/runs/x.py` under git is a program.
  if (SOURCE.test(path) && (kind !== 'run' || git === 'clean' || git === 'changed')) return undefined;
  return { kind, why: `it lies in ${folder}/` };
}

function bySize(path: string, { size, git }: FileFacts): Recognised | undefined {
  if (TABLE.test(path) && size >= MIN_TABLE_BYTES) return { kind: 'data set', why: 'a large table' };
  const isLoose = git !== 'clean' && git !== 'changed';
  return isLoose && size >= MIN_LARGE_BYTES ? { kind: 'data set', why: 'large, and not in git' } : undefined;
}

function kindOf(path: string): ArtefactKind | undefined {
  const folder = folderOf(path);
  return EXTENSIONS.get(extensionOf(path)) ?? (folder === undefined ? undefined : FOLDERS.get(folder.toLowerCase()));
}

/** The nearest folder whose name says what it holds. */
function folderOf(path: string): string | undefined {
  return path
    .split('/')
    .slice(0, -1)
    .findLast((part) => FOLDERS.has(part.toLowerCase()));
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

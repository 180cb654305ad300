import { minimatch } from 'minimatch';
import type { PathFact } from './tool';

/** Files that may hold secrets: reading one asks, and a search leaves them out. */
export const SECRET_PATHS: readonly string[] = [
  '**/.env*',
  '**/*.{pem,key,p12,pfx,jks,keystore,kdbx,ppk}',
  '**/id_{rsa,dsa,ecdsa,ed25519}*',
  '**/{.netrc,_netrc,.npmrc,.pypirc,.pgpass,.git-credentials}',
  '**/credentials*.json',
  '**/service[-_]account*.json',
  '**/kaggle.json',
  '**/.{aws,ssh,gnupg,azure,kaggle}/**',
  '**/{.kube/config,.docker/config.json,.huggingface/token}',
  '**/.config/{gcloud,gh,rclone}/**',
  '**/.cache/huggingface/{token,stored_tokens}',
  '**/.streamlit/secrets.toml',
  '**/.{bash,zsh,python,psql,mysql,node_repl}_history',
  '**/proc/*/{environ,mem,fd,fd/**}',
  '**/proc/*/task/*/{environ,mem,fd,fd/**}',
];

/** What is run or believed by something else: git, the editor, a shell, the agent itself. */
const CONTROL_PATHS: readonly string[] = [
  '**/.git',
  '**/.git/**',
  '**/{.gitconfig,.gitmodules,.husky,.husky/**}',
  '**/.{vscode,devcontainer,factory,agents,claude}',
  '**/.{vscode,devcontainer,factory,agents,claude}/**',
  '**/*.code-workspace',
  '**/.{bashrc,bash_profile,bash_login,bash_logout,bash_aliases,profile,inputrc,xprofile}',
  '**/.{zshrc,zshenv,zprofile,zlogin,zlogout}',
  '**/.config/{fish,git,systemd,autostart}/**',
  '**/.agentignore',
  // What agents are told before each session, and what they and the editor start by themselves.
  '**/{AGENTS,CLAUDE,GEMINI}{,.local}.md',
  '**/{.mcp.json,.cursorrules,.windsurfrules,.cursor,.cursor/**,.gemini,.gemini/**}',
  '**/.github/{copilot-instructions.md,instructions/**,prompts/**,agents/**}',
  // Started with the interpreter, by the editor and by the agent.
  '**/{.venv,venv,site-packages}/**',
];

/** What is said of runs rests on them: nobody writes them anew unasked. */
const LEDGERS: readonly string[] = ['**/ledger.jsonl'];

const ARTEFACT_PATHS: readonly string[] = [
  '**/*.{ckpt,pt,pth,safetensors,onnx,h5,keras,gguf,pkl,pickle,joblib,npy,npz,parquet,arrow,feather,tfrecord,csv,tsv}',
  '**/{data,datasets,checkpoints,runs,mlruns,wandb,models,artifacts}/**',
];
const DATA_CODE = '**/*.{py,ts,js,md,sh,yaml,yml,toml,cfg,ini,gitignore,R,jl,go,rs,c,cpp,h,java,scala,sql}';

const GLOB = { dot: true, nocase: true } as const;

/**
 * Why a path is protected in every mode from being read or edited, or `undefined`. Judged by the path as it was given
 * and as it really is, and by every name that some file system takes for the same. With `ownOnly` what looks like data
 * is the session's own.
 */
export function protectionOfPath(
  fact: PathFact,
  effect: 'read' | 'edit',
  { ownOnly = false }: { ownOnly?: boolean } = {},
): string | undefined {
  const { path, given, shown, inside, links, linkedTo, appends } = fact;
  const names = [path, ...(given === undefined ? [] : [given])].flatMap(namesOf);
  const isSecret = names.some((name) => matches(name, SECRET_PATHS));
  if (!inside || (fact.readOnly && effect === 'edit'))
    return `${shown} lies outside the workspace${isSecret ? ' and may hold secrets' : ''}`;
  if (isSecret) return `${shown} may hold secrets`;
  if (linkedTo !== undefined) return `${shown} is a hard link to ${linkedTo}, which may hold secrets`;
  if (names.some((name) => SHORT_NAME.test(name)))
    return `${shown} may be the short name that Windows gives another file`;
  if (effect === 'read') return undefined;
  if (names.some((name) => matches(name, CONTROL_PATHS)))
    return `${shown} steers git, the editor, the shell or the agent`;
  if (!appends && names.some((name) => matches(name, LEDGERS)))
    return `${shown} is the ledger of experiments, which is only added to`;
  if (links !== undefined)
    return `${shown} is one file under ${links} names (hard links), and the others were not seen`;
  if (ownOnly) return undefined;
  const isData = namesOf(shown).some((name) => matches(name, ARTEFACT_PATHS) && !minimatch(name, DATA_CODE, GLOB));
  return isData ? `${shown} looks like data, a checkpoint or a model` : undefined;
}

/** True when one of the patterns names the path, in any case of letters. */
export function matches(path: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => minimatch(path, pattern, GLOB));
}

/** `GIT~1` is `.git` to Windows. */
const SHORT_NAME = /(?:^|\/)[^/.\s~]{1,6}~\d(?:\.[^/.]{1,3})?(?:\/|$)/u;
/** Characters that HFS+ leaves out of names, and that nobody sees. */
const INVISIBLE = /[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]/gu;

/**
 * What a path may be called: itself, and what a file system takes it for that drops final dots and blanks and the name
 * of a stream (Windows), or invisible characters and other forms of letters (macOS).
 */
function namesOf(path: string): string[] {
  const posix = path.replaceAll('\\', '/').replace(/^\/+/u, '');
  const folded = posix
    .normalize('NFKC')
    .replaceAll(INVISIBLE, '')
    .split('/')
    .map((part, index) => (index === 0 && /^[a-z]:$/iu.test(part) ? part : part.replace(/:.*$/u, '')))
    .map((part) => (/^\.+$/u.test(part) ? part : part.replace(/[. ]+$/u, '')))
    .join('/');
  return folded === posix ? [posix] : [posix, folded];
}

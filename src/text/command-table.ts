import type { CommandClass } from './command-class';

/** Programs by what running them means. A program that is not here is unknown, and unknown is never harmless. */
export const PROGRAMS: Readonly<Record<string, CommandClass>> = {
  ...all(
    'read-only',
    'ls pwd cd echo true false wc head tail cat nl stat file du df date whoami uname which type basename dirname realpath cut tr uniq diff cmp sha256sum md5sum nproc free uptime nvidia-smi tree jq',
  ),
  ...all('changes-files', 'mkdir touch cp ln chmod tar unzip zip gzip gunzip tee patch'),
  ...all(
    'runs-code',
    'python python3 pytest tox nox node npx deno bun make cmake ninja cargo go java mvn gradle ruby perl php Rscript julia jupyter papermill dvc mlflow torchrun accelerate deepspeed snakemake ipython uv poetry pipenv conda-run bash sh zsh awk sed xargs',
  ),
  ...all('installs', 'pip pip3 conda mamba npm pnpm yarn apt apt-get brew dnf yum gem'),
  ...all(
    'network',
    'curl wget ssh scp rsync ftp nc aws gcloud gsutil az kubectl docker huggingface-cli hf wandb kaggle gh',
  ),
  ...all('destructive', 'rm rmdir mv dd truncate shred unlink sudo su doas kill pkill killall chown crontab systemctl'),
  ...all('blocked', 'mkfs mkfs.ext4 mkfs.xfs fdisk parted wipefs shutdown reboot halt poweroff'),
};

function all(kind: CommandClass, names: string): Record<string, CommandClass> {
  return Object.fromEntries(names.split(' ').map((name) => [name, kind]));
}

/** The first rule whose words open the command decides before the table above. Words are matched whole. */
export const PREFIXES: readonly { words: string; class: CommandClass; reason: string }[] = [
  ...prefixes(
    'read-only',
    'reads the repository',
    'git status|git log|git diff|git show|git rev-parse|git ls-files|git blame|git describe|pip list|pip show|pip freeze|pip3 list|conda list|npm ls|python --version|python3 --version|node --version|docker ps',
  ),
  ...prefixes(
    'changes-files',
    'changes the repository in a way that can be undone',
    'git add|git commit|git switch|git branch|git stash|git worktree add|git tag|git init',
  ),
  ...prefixes('network', 'sends or fetches over the network', 'git fetch|git pull|git clone|git ls-remote'),
  ...prefixes(
    'destructive',
    'pushes or publishes what cannot be taken back',
    'git push|npm publish|twine|cargo publish|docker push',
  ),
  ...prefixes(
    'destructive',
    'discards work that git does not hold',
    'git clean|git reset|git checkout|git restore|git rebase|git filter-branch|git gc|git reflog|git update-ref|git stash drop|git stash clear|git branch -D|git worktree remove',
  ),
  ...prefixes(
    'runs-code',
    'runs whatever code is in the repository',
    'npm test|npm run|npm start|npm exec|uv run|poetry run|conda run|docker run|docker compose',
  ),
];

function prefixes(
  kind: CommandClass,
  reason: string,
  words: string,
): { words: string; class: CommandClass; reason: string }[] {
  return words.split('|').map((one) => ({ words: one, class: kind, reason }));
}

export const REASONS: Readonly<Record<CommandClass, string>> = {
  'read-only': 'only reads',
  'changes-files': 'changes files',
  'runs-code': 'runs whatever code is in the repository',
  installs: 'installs software',
  network: 'sends or fetches over the network',
  destructive: 'may delete or overwrite',
  blocked: 'may destroy the machine',
  unknown: 'it is not known what this does',
};

/** Arguments that turn a reading program into another one: program, pattern of an argument, what it then is. */
export const TURNING_ARGUMENTS: readonly { program: string; argument: RegExp; class: CommandClass; reason: string }[] =
  [
    { program: 'sort', argument: /^(?:-o|--output)/u, class: 'changes-files', reason: 'writes its output to a file' },
    { program: 'tree', argument: /^-o/u, class: 'changes-files', reason: 'writes its output to a file' },
    { program: 'tee', argument: /^[^-]/u, class: 'destructive', reason: 'overwrites a file' },
    { program: 'cp', argument: /^[^-]/u, class: 'destructive', reason: 'may overwrite a file' },
    {
      program: 'git',
      argument: /^(?:-c|--exec-path|--output|--ext-diff|--textconv|-O|--open-files-in-pager)/u,
      class: 'unknown',
      reason: 'an option that runs a program or writes a file',
    },
    { program: 'date', argument: /^(?:-s|--set)/u, class: 'destructive', reason: 'sets the clock' },
    { program: 'file', argument: /^(?:-C|--compile)/u, class: 'changes-files', reason: 'writes a file' },
    { program: 'uniq', argument: /^[^-].*$/u, class: 'unknown', reason: 'a second file would be written' },
  ];

/** Paths whose content is a secret: reading them is not harmless. */
export const SECRET_PATH =
  /(?:^|\/)(?:\.env(?:\..*)?|\.netrc|\.npmrc|\.pypirc|id_(?:rsa|ed25519|ecdsa).*|.*\.pem|.*\.key|credentials.*|kaggle\.json|\.git-credentials)$|(?:^|\/)\.(?:aws|ssh|gnupg|kube)(?:\/|$)|^\/proc\/.*environ/u;

/** Lines that run in no mode, as a person may write them. */
export const BLOCKED_LINES: readonly { pattern: RegExp; reason: string }[] = [
  {
    pattern:
      /\brm\s+(?:-\S+\s+)*(?:--no-preserve-root\s+)?(?:-\S+\s+)*["']?(?:\/|\/\*|~|~\/|~\/\*|\$HOME|\$\{HOME\})["']?\/?(?:\s|$|[;&|])/u,
    reason: 'it deletes the whole file system or the home folder',
  },
  { pattern: /:\s*\(\s*\)\s*\{\s*:\s*\|\s*:\s*&\s*\}\s*;\s*:/u, reason: 'it is a fork bomb' },
  { pattern: /(?:>|\bof=)\s*\/dev\/(?:sd|nvme|hd|vd|xvd|mmcblk|disk)/u, reason: 'it writes to a raw disk' },
];

import type { CommandClass } from '../agent/tool';

// What running a program means, as data: extend these tables and test/fixtures/commands.json.

export const REASONS: Readonly<Record<CommandClass, string>> = {
  'read-only': 'only reads',
  'changes-files': 'changes files',
  'runs-code': 'runs whatever code is in the repository',
  installs: 'installs software, which runs its code',
  network: 'sends or fetches over the network',
  destructive: 'may delete or overwrite',
  blocked: 'may destroy the machine',
  unknown: 'it is not known what this does',
};

/** Programs that are not here are unknown, and unknown is never harmless. */
export const PROGRAMS: Readonly<Record<string, CommandClass>> = {
  ...all(
    'read-only',
    'ls pwd cd echo printf true false : test [ wc head tail cat tac nl stat file du df date cal whoami id groups uname hostname which type basename dirname realpath readlink cut tr diff cmp comm join paste column fold fmt rev seq expr sha1sum sha256sum sha512sum md5sum cksum b2sum nproc free uptime lscpu lsblk lsof ps pgrep top nvidia-smi rocm-smi tree jq grep egrep fgrep rg ag sort uniq shuf od xxd hexdump strings sleep wait exit return break continue shift local readonly declare typeset export unset read let less more man help history jobs dirs pushd popd umask ulimit getopts locale tty arch vmstat iostat numfmt yes zcat bzcat xzcat zgrep find awk gawk mawk sed git',
  ),
  ...all(
    'changes-files',
    'mkdir touch cp ln chmod tee patch tar unzip zip gzip gunzip bzip2 xz zstd split csplit install mktemp rsync-local',
  ),
  ...all(
    'runs-code',
    'python python2 python3 pypy pytest py.test unittest tox nox node npx deno bun bunx tsx ts-node make gmake cmake ninja bazel cargo go java javac mvn gradle ruby bundle rake perl php Rscript R julia jupyter jupyter-nbconvert papermill dvc mlflow torchrun accelerate deepspeed snakemake ipython uv poetry pipenv pdm hatch conda-run streamlit gradio uvicorn gunicorn flask django-admin pre-commit black ruff isort mypy pyright pylint flake8 eslint prettier tsc lightning ray sbatch srun salloc mpirun horovodrun nohup-run gcc g++ clang cc c++ ld ant scons meson gdb lldb valgrind strace ltrace perf screen tmux script expect parallel m4 bc dc vim vi nano emacs ed ex bash sh zsh dash ksh fish csh tcsh busybox-run',
  ),
  ...all(
    'installs',
    'pip pip3 pipx conda mamba micromamba npm pnpm yarn apt apt-get aptitude dpkg brew dnf yum rpm pacman apk snap flatpak gem luarocks opam',
  ),
  ...all(
    'network',
    'curl wget ssh scp sftp rsync ftp nc ncat netcat telnet socat dig nslookup host ping traceroute aws gcloud gsutil az kubectl helm docker podman huggingface-cli hf wandb kaggle gh glab terraform ansible ansible-playbook psql mysql mongosh redis-cli sqlite3 mail sendmail openssl gpg aria2c http https xh rclone',
  ),
  ...all(
    'destructive',
    'rm rmdir mv dd truncate shred unlink su doas kill pkill killall chown chgrp chattr setfacl crontab at systemctl service mount umount losetup swapoff iptables nft ufw useradd userdel usermod passwd visudo srm wipe scancel',
  ),
  ...all(
    'blocked',
    'mkfs mkfs.ext2 mkfs.ext3 mkfs.ext4 mkfs.xfs mkfs.btrfs mkfs.vfat mke2fs fdisk sfdisk gdisk parted wipefs blkdiscard shutdown reboot halt poweroff init telinit hdparm',
  ),
  ...all('unknown', 'env printenv set compgen eval source . exec alias trap enable bind complete fc'),
};

function all(kind: CommandClass, names: string): Record<string, CommandClass> {
  return Object.fromEntries(names.split(' ').map((name) => [name, kind]));
}

/**
 * Programs that run the command they are given. `options` are their own options that take a value, `skip` the number of
 * their own plain arguments before the command.
 */
export const WRAPPERS: Readonly<
  Record<string, { options: string; skip?: number; own?: CommandClass; reason?: string }>
> = {
  sudo: {
    options: '-u -g -h -p -C -r -t -T -U',
    own: 'destructive',
    reason: 'it runs as another user, with all rights',
  },
  env: { options: '-u -C -S --unset --chdir' },
  nohup: { options: '' },
  time: { options: '-f -o' },
  timeout: { options: '-s -k --signal --kill-after', skip: 1 },
  command: { options: '' },
  builtin: { options: '' },
  exec: { options: '-a' },
  nice: { options: '-n' },
  ionice: { options: '-c -n -p' },
  setsid: { options: '' },
  stdbuf: { options: '-i -o -e' },
  chronic: { options: '' },
  xargs: { options: '-I -i -n -L -P -d -E -s -a --max-args --max-procs --delimiter --arg-file' },
  busybox: { options: '' },
  watch: { options: '-n -d --interval' },
  caffeinate: { options: '-t' },
  taskset: { options: '', skip: 1 },
  numactl: { options: '-C -m -N -i --cpunodebind --membind' },
  unbuffer: { options: '' },
  doas: { options: '-u', own: 'destructive', reason: 'it runs as another user, with all rights' },
};

/** Interpreters of shell text: `-c` runs its argument, a file or standard input runs as a script. */
export const SHELLS: ReadonlySet<string> = new Set(['bash', 'sh', 'zsh', 'dash', 'ksh']);

/** Interpreters that run what is piped into them when they are given no file. */
export const INTERPRETERS: ReadonlySet<string> = new Set([
  ...SHELLS,
  'fish',
  'csh',
  'tcsh',
  'python',
  'python2',
  'python3',
  'node',
  'perl',
  'ruby',
  'php',
  'Rscript',
  'julia',
  'deno',
  'bun',
]);

/** Variables that make a later or the same command run a program, load a library or look elsewhere for programs. */
export const STEERING_VARIABLES =
  /^(?:PATH|LD_\w+|DYLD_\w+|BASH_ENV|ENV|IFS|PS4|PROMPT_COMMAND|SHELLOPTS|BASHOPTS|PAGER|EDITOR|VISUAL|BROWSER|MANPAGER|LESSOPEN|LESSCLOSE|LESS|CDPATH|GREP_OPTIONS|RIPGREP_CONFIG_PATH|GIT_\w+|SSH_ASKPASS|PYTHON(?!UNBUFFERED$|HASHSEED$|DONTWRITEBYTECODE$|WARNINGS$|IOENCODING$|UTF8$)\w+|NODE_OPTIONS|NODE_PATH|PERL5\w+|PERLLIB|RUBYOPT|RUBYLIB|JAVA_TOOL_OPTIONS|_JAVA_OPTIONS|CLASSPATH|GCONV_PATH|NPM_CONFIG_\w+|PIP_\w+|UV_\w+|HOME|SHELL|TMPDIR|R_PROFILE\w*|JULIA_\w+|WGETRC|CURL_HOME|MAKEFLAGS|CC|CXX|PSMODULEPATH|PATHEXT|COMSPEC)$/u;

export interface Subcommand {
  words: string;
  class: CommandClass;
  reason?: string;
}

/** Two- and three-word openings that say more than the program; the longest that fits decides. */
export const SUBCOMMANDS: readonly Subcommand[] = [
  ...rows(
    'read-only',
    'git status|git log|git diff|git show|git rev-parse|git ls-files|git ls-tree|git blame|git describe|git shortlog|git cat-file|git rev-list|git merge-base|git name-rev|git grep|git remote|git remote -v|git config --get|git config --list|git branch|git branch --list|git branch -a|git tag|git tag -l|git tag --list|git stash list|git stash show|git worktree list|git reflog show|git count-objects|git check-ignore|git version|git var',
  ),
  ...rows(
    'read-only',
    'pip list|pip show|pip freeze|pip check|pip3 list|pip3 show|pip3 freeze|conda list|conda info|conda env list|npm ls|npm list|uv pip list|uv pip show|uv pip freeze|poetry show|cargo --version|go version|node --version|node -v|python --version|python -V|python3 --version|python3 -V|pip --version|npm --version|docker ps|docker images|docker logs|systemctl status|dpkg -l|apt list|crontab -l|dvc status|dvc diff|squeue|sinfo|scontrol show|sacct|java -version',
  ),
  ...rows(
    'changes-files',
    'git add|git commit|git switch|git branch|git tag|git stash|git stash push|git worktree add|git init|git mv|git apply|git am|git cherry-pick|git merge|git revert|git notes|git config|git remote add|git remote set-url|git sparse-checkout|git submodule init|git lfs track',
    'changes the repository',
  ),
  ...rows(
    'network',
    'git remote show|git remote prune|git remote set-head|npm view|npm outdated|git fetch|git pull|git clone|git ls-remote|git submodule update|git lfs pull|git remote update|dvc pull|dvc fetch',
  ),
  ...rows(
    'destructive',
    'git push|git lfs push|dvc push|npm publish|npm unpublish|pnpm publish|yarn publish|twine upload|cargo publish|uv publish|poetry publish|docker push|gh release create|gh repo delete|huggingface-cli upload|hf upload',
    'publishes what cannot be taken back',
  ),
  ...rows(
    'destructive',
    'git clean|git reset|git checkout|git restore|git rm|git rebase|git filter-branch|git filter-repo|git gc|git prune|git reflog expire|git reflog delete|git update-ref|git replace|git stash drop|git stash clear|git stash pop|git branch -d|git branch -D|git branch --delete|git branch -f|git branch --force|git tag -d|git tag -f|git tag --delete|git worktree remove|git worktree prune|git switch -f|git switch --force|git switch -C|git switch --discard-changes|git commit --amend|git submodule deinit|dvc gc|dvc remove|conda env remove|conda remove|docker rm|docker rmi|docker system prune|docker volume rm|kubectl delete|aws s3 rm|aws s3 rb|gsutil rm|terraform destroy|terraform apply|helm uninstall|ray stop|mlflow gc|wandb artifact',
    'discards what may be held nowhere else',
  ),
  ...rows(
    'runs-code',
    'npm test|npm run|npm start|npm exec|npm t|npm x|pnpm run|pnpm test|yarn run|yarn test|uv run|poetry run|conda run|docker run|docker exec|docker compose|docker build|git bisect|git submodule foreach|git difftool|git mergetool|git hook',
  ),
  ...rows(
    'installs',
    'uv pip|uv add|uv sync|uv tool|poetry add|poetry install|cargo install|go install|go get|bundle install',
  ),
];

function rows(kind: CommandClass, words: string, reason?: string): Subcommand[] {
  return words.split('|').map((one) => ({ words: one, class: kind, ...(reason ? { reason } : {}) }));
}

export interface ArgumentRule {
  /** Programs by name, separated by blanks. */
  programs: string;
  /** Matched against each word after the program. */
  argument: RegExp;
  class: CommandClass;
  reason: string;
  /** Counts only before the first plain word: `git -c` is not `git switch -c`. */
  leading?: true;
}

/** Arguments that make more of a program than its name says; the worst that fits decides. */
export const ARGUMENT_RULES: readonly ArgumentRule[] = [
  { programs: 'find', argument: /^-(?:delete)$/u, class: 'destructive', reason: 'find deletes what it finds' },
  {
    programs: 'find',
    argument: /^-f(?:print|print0|printf|ls)$/u,
    class: 'changes-files',
    reason: 'find writes its result over a file',
  },
  {
    programs: 'sort',
    argument: /^(?:-[a-zA-Z]*o|--o)/u,
    class: 'changes-files',
    reason: 'sort writes over a file',
  },
  { programs: 'sort', argument: /^--co/u, class: 'unknown', reason: 'sort runs the program it is given' },
  { programs: 'tree', argument: /^-[a-zA-Z]*[oR]/u, class: 'changes-files', reason: 'tree writes over a file' },
  {
    programs: 'sed',
    argument: /^(?:-[a-zA-Z]*i|--in-place)/u,
    class: 'changes-files',
    reason: 'sed edits files in place',
  },
  {
    programs: 'sed',
    argument: /(?:^|[;}\d/$\n])\s*[wW]\s*\S|\/[gpiI\d]*w\s+\S/u,
    class: 'changes-files',
    reason: 'a sed script that writes files',
  },
  {
    programs: 'sed',
    argument: /(?:^|[;}\d/$\n])\s*e(?:\s|$)|\/[gpiI\d]*e(?:\s|;|$)/u,
    class: 'runs-code',
    reason: 'a sed script that runs commands',
  },
  {
    programs: 'sed',
    argument: /^(?:-[a-zA-Z]*f|--fi)/u,
    class: 'runs-code',
    reason: 'a sed script from a file, which may run commands',
  },
  {
    programs: 'awk gawk mawk',
    argument: /\bsystem\s*\(|\|\s*getline|\|\s*"|\|&/u,
    class: 'runs-code',
    reason: 'an awk program that runs commands',
  },
  {
    programs: 'awk gawk mawk',
    argument: /\bprintf?\b[^;}\n]*>/u,
    class: 'changes-files',
    reason: 'an awk program that writes files',
  },
  {
    programs: 'awk gawk mawk',
    argument: /^(?:-f|--file|-i|--include|-l|--load|-E|--exec)|@(?:include|load)\b/u,
    class: 'runs-code',
    reason: 'an awk program from a file',
  },
  { programs: 'gawk', argument: /^(?:-i|--include)$/u, class: 'changes-files', reason: 'gawk edits files in place' },
  {
    programs: 'rg',
    argument: /^--(?:pre|hostname-bin)(?:=|$)/u,
    class: 'unknown',
    reason: 'ripgrep runs the program it is given',
  },
  { programs: 'ag', argument: /^--pa/u, class: 'unknown', reason: 'ag runs the program it is given' },
  {
    programs: 'history',
    argument: /^-[a-zA-Z]*[wanrsp]/u,
    class: 'unknown',
    reason: 'it reads or writes the file of past commands, or another',
  },
  {
    programs: 'pip pip3 uv poetry',
    argument: /^(?:-o|--out|-u|--upt|-l$|--latest|-i$|--index|--default-index|--extra|--proxy|--find)/u,
    class: 'network',
    reason: 'it asks a package index',
  },
  { programs: 'dvc', argument: /^(?:-c|--cloud|-r|--remote)/u, class: 'network', reason: 'it asks the remote storage' },
  {
    programs: 'docker',
    argument: /^(?:-H|--host|-c|--context)/u,
    leading: true,
    class: 'network',
    reason: 'it talks to another machine',
  },
  {
    programs: 'git',
    argument: /^(?:--show-sig|--filters)|%G/u,
    class: 'unknown',
    reason: 'git runs the program that its configuration names',
  },
  {
    programs: 'git',
    argument: /^-c$/u,
    leading: true,
    class: 'unknown',
    reason: 'a git setting that may run a program',
  },
  {
    programs: 'git',
    argument: /^(?:--config-e|--exec|--ext|--textc|--open-f|-O|--upload|--receive)/u,
    class: 'unknown',
    reason: 'a git option that may run a program',
  },
  {
    programs: 'git',
    argument: /^--o(?:u|ut|utp|utpu|utput)?(?:=|$)/u,
    class: 'changes-files',
    reason: 'git writes over a file',
  },
  {
    programs: 'git',
    argument: /^(?:-f|--force|--force-with-lease|--hard|--delete)$/u,
    class: 'destructive',
    reason: 'a git option that overrides what protects work',
  },
  { programs: 'date', argument: /^(?:-[a-zA-Z]*s|--s|\d{8,})/u, class: 'destructive', reason: 'it sets the clock' },
  { programs: 'hostname', argument: /^(?:[^-]|-F|--file|-b)/u, class: 'destructive', reason: 'it renames the machine' },
  { programs: 'file', argument: /^(?:-C|--compile)/u, class: 'changes-files', reason: 'it writes a file' },
  {
    programs: 'less more man',
    argument: /^(?:-o|-O|--log-file|-P|--pager|-H|--html|\+)/u,
    class: 'unknown',
    reason: 'a pager that writes or runs something',
  },
  {
    programs: 'tar',
    argument: /^--(?:to-command|checkpoint-action|use-compress-program|rsh-command|info-script)|^-I/u,
    class: 'unknown',
    reason: 'tar runs the program it is given',
  },
  {
    programs: 'tar',
    argument: /^--(?:remove-files|overwrite|delete|unlink-first|recursive-unlink)/u,
    class: 'destructive',
    reason: 'tar removes or overwrites files',
  },
  {
    programs: 'zip',
    argument: /^(?:-m|--move|-T|-TT|--unzip-command)/u,
    class: 'destructive',
    reason: 'zip removes files or runs a program',
  },
  {
    programs: 'unzip',
    argument: /^-[a-zA-Z]*o/u,
    class: 'destructive',
    reason: 'unzip overwrites files without asking',
  },
  {
    programs: 'rsync',
    argument: /^--(?:delete|remove-source-files|inplace)/u,
    class: 'destructive',
    reason: 'rsync deletes or overwrites files',
  },
  {
    programs: 'rsync',
    argument: /^(?:-e|--rsh|--rsync-path)/u,
    class: 'unknown',
    reason: 'rsync runs the program it is given',
  },
  {
    programs: 'curl',
    argument: /^(?:-[a-zA-Z]*[oO]|--output|--remote-name|-K|--config|--create-dirs)/u,
    class: 'network',
    reason: 'it fetches over the network into a file',
  },
  { programs: 'ln', argument: /^-[a-zA-Z]*f|^--force$/u, class: 'destructive', reason: 'ln replaces a file' },
  {
    programs: 'cp install',
    argument: /^(?:--remove-destination|-[a-zA-Z]*f|--force)$/u,
    class: 'destructive',
    reason: 'it replaces files',
  },
  {
    programs: 'chmod',
    argument: /^(?:-R|--recursive)$/u,
    class: 'destructive',
    reason: 'it changes the rights of a whole tree',
  },
  {
    programs: 'gzip bzip2 xz zstd',
    argument: /^(?:--rm|-[a-zA-Z]*f|--force)$/u,
    class: 'destructive',
    reason: 'it replaces files',
  },
  { programs: 'ps', argument: /^-?[a-zA-Z]*e[a-zA-Z]*$/u, class: 'read-only', reason: 'only reads' },
  {
    programs: 'sqlite3 psql mysql',
    argument: /\b(?:drop|delete|truncate|update|alter)\b/iu,
    class: 'destructive',
    reason: 'a statement that removes or changes rows',
  },
];

/** Paths whose content is a secret: reading them is not harmless. */
export const SECRET_PATH =
  /(?:^|[/=@])(?:\.env(?:\..*)?|\.netrc|\.npmrc|\.pypirc|id_(?:rsa|dsa|ed25519|ecdsa)(?:\..*)?|[^/]*\.pem|[^/]*\.key|credentials(?:\..*)?|kaggle\.json|\.git-credentials|\.bash_history|\.zsh_history|\.python_history|shadow|gshadow)$|(?:^|\/)\.(?:aws|ssh|gnupg|kube|azure|docker|kaggle|huggingface)(?:\/|$)|^\/proc\/[^/]*\/environ/iu;

/** What nothing may delete or overwrite, in no mode. */
export const ROOT_TARGET =
  /^(?:\/|\/\*|\/\.|\/\.\.\/?.*|~|~\/|~\/\*|~root.*|\/(?:home|root|usr|etc|var|bin|sbin|lib|lib64|boot|dev|proc|sys|opt|Users|System|Library|Applications)(?:\/\*?)?|\/(?:home|Users)\/[^/]+\/?\*?)$/u;
export const RAW_DISK = /^\/dev\/(?:sd|nvme|hd|vd|xvd|mmcblk|disk|mapper\/|md\d)/u;
/** Variables that name the home or the root, unquoted or quoted; PowerShell's among them. */
export const HOME_VARIABLE =
  /^["']?\$\{?(?:HOME|[Ee][Nn][Vv]:(?:USERPROFILE|SystemDrive|SystemRoot|windir|HOMEDRIVE|HOMEPATH|ProgramFiles|ProgramData|PUBLIC))\}?["']?[\\/]?\*?["']?$/u;
export const WINDOWS_ROOT_TARGET =
  /^[A-Za-z]:(?:\/(?:\*|(?:Windows|Users|Program Files(?: \(x86\))?|ProgramData)(?:\/\*?)?|Users\/[^/]+\/?\*?|Windows\/System32.*)?)?$/iu;

/** Read-only programs that read no file their words name. */
export const FILELESS: ReadonlySet<string> = new Set(
  'pwd echo printf true false : cal whoami id groups uname hostname which type basename dirname seq expr nproc free uptime lscpu lsblk pgrep nvidia-smi rocm-smi sleep wait exit return break continue shift local let help history jobs dirs popd umask ulimit getopts locale tty arch vmstat iostat numfmt yes date test [ export declare typeset readonly unset ps top tr'.split(
    ' ',
  ),
);

/** Programs that show names, sizes and times, but nothing of what files hold. */
export const METADATA_ONLY: ReadonlySet<string> = new Set(
  'ls stat file du df wc realpath readlink tree find sha1sum sha256sum sha512sum md5sum cksum b2sum lsof'.split(' '),
);

/** Variables whose value is likely a secret. */
export const ENVIRONMENT_NAMES = /\$\{?!|\$\{?\w*(?:KEY|TOKEN|SECRET|PASS(?:WORD|WD)?|CREDENTIALS?|AUTH)\w*/iu;

import type { JobBudget } from './job';

/** Files of a job's folder that its supervisor writes and others read. */
export const FILES = {
  record: 'job.json',
  process: 'process.json',
  queue: 'queue.json',
  exit: 'exit.json',
  events: 'events.jsonl',
  log: 'output.log',
  diff: 'changes.diff',
  packages: 'packages.txt',
  /** How data, checkpoints and models were when it began. */
  guarded: 'guarded.jsonl',
  /** The command as it was run: by hand it runs the same. */
  script: { bash: 'command.sh', powershell: 'command.ps1' },
} as const;

/** Of the script of a queue: sysexits' code for a configuration that does not fit. */
export const NO_FOLDER_CODE = 78;

/** Room for the exit is taken while the job starts, so that a disk that is full by then still takes it. */
export const RESERVED_BYTES = 256;

/**
 * Records the exit of what ran before it: `code` and `folder` are set. What is in the file already is written over, not
 * replaced, so that no new block of the disk is needed; blanks after JSON do no harm. What the command left running in
 * its group is ended then: it would hold the GPU, and nobody would see it.
 */
const RECORD = `
signal=null
if [ "$code" -gt 128 ] 2>/dev/null; then
  name=$(kill -l "$code" 2>/dev/null)
  case $name in ''|*[!A-Z0-9]*) ;; *) signal="\\"$name\\"" ;; esac
fi
printf '{"code":%s,"signal":%s,"at":"%s"}' "$code" "$signal" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" 1<>"$folder/exit.part" &&
  mv -f "$folder/exit.part" "$folder/${FILES.exit}"
trap '' TERM
kill -s TERM 0
exit "$code"
`;

/**
 * Ends the job when its time is up, also where nobody watches: asks it to, then is less gentle. In steps, so that it does not
 * outlive the supervisor. What heeds nothing takes the supervisor along, so the exit is written first.
 */
const CAP = `
watch=
if [ -n "$cap" ]; then
  (
    trap : TERM HUP
    while [ "$cap" -gt 0 ]; do
      step=5
      [ "$cap" -ge 5 ] || step=$cap
      sleep "$step"
      kill -0 $$ 2>/dev/null || exit 0
      cap=$((cap - step))
    done
    printf '{"type":"stop","at":"%s","by":"%s","after":"now"}\\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$by" >>"$folder/${FILES.events}"
    kill -s INT 0
    sleep "$grace"
    kill -s TERM 0
    sleep "$grace"
    printf '{"code":137,"signal":"KILL","at":"%s"}' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" 1<>"$folder/exit.part" &&
      mv -f "$folder/exit.part" "$folder/${FILES.exit}"
    kill -s KILL 0
  ) &
  watch=$!
fi
`;

/**
 * Runs a job's command and records its exit, in a session of its own where no hang-up reaches it. Arguments: the job's
 * folder, the shell, and where it is limited the seconds it may run, those between two ways of ending it, and by what. The
 * command runs in the foreground: what a shell starts in the background ignores interrupts. Traps
 * that do something, and so are not inherited, keep this shell alive when the whole group is asked to end.
 */
export const SUPERVISOR = `
folder=$1 cap=$3 grace=$4 by=$5
exec </dev/null >>"$folder/${FILES.log}" 2>&1
trap : HUP INT TERM
started=
if [ -r /proc/$$/stat ]; then
  read -r line </proc/$$/stat
  line=\${line##*) }
  set -- "$1" "$2" $line
  started=\${22}
else
  started=$(LC_ALL=C TZ=UTC ps -o lstart= -p $$)
  started=\${started#"\${started%%[! ]*}"}
  started=\${started%"\${started##*[! ]}"}
fi
printf '{"pid":%s,"started":"%s","host":"%s","at":"%s"}' "$$" "$started" "$(uname -n)" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" >"$folder/process.part" &&
  mv -f "$folder/process.part" "$folder/${FILES.process}"
${CAP}
"$2" "$folder/${FILES.script.bash}"
code=$?
[ -z "$watch" ] || kill -s KILL "$watch"
${RECORD}`;

/**
 * What a queue runs on one of its nodes. Arguments: the job's folder, the shell, the folder to run in, then as above. Without the job's
 * folder nothing could be recorded there, so it does not begin.
 */
export const QUEUED = `#!/bin/sh
if [ ! -w "$1" ]; then
  echo "$(uname -n) cannot write into $1: the job's folder must lie where its nodes see it." >&2
  exit ${NO_FOLDER_CODE}
fi
if ! cd "$3"; then
  echo "$(uname -n) does not see $3, where the command is to run." >&2
  exit ${NO_FOLDER_CODE}
fi
folder=$1 shell=$2
shift 3
set -- "$folder" "$shell" "$@"
${SUPERVISOR}`;

/** What a supervisor is told of how long its job may run: its last arguments. */
export function heldArguments({ cap }: JobBudget, graceSeconds: number): string[] {
  return cap ? [String(Math.ceil(cap.minutes * 60)), String(graceSeconds), cap.by] : [];
}

/**
 * Around a command of Execute's, which a job may take over while it runs: the exit is recorded where the folder of that
 * job is by then. Arguments: that folder, the shell, the command. Its own complaints about a killed command go nowhere,
 * and are the inner shell's to make.
 */
export const WRAPPER = `
folder=$1
exec 2>/dev/null
trap : INT TERM HUP
"$2" -c "$3" 2>&1
code=$?
[ -d "$folder" ] || exit "$code"
${RECORD}`;

/** The same for Windows, where nothing is handed over. Both streams go into one file by cmd, byte for byte. */
export const WINDOWS_SUPERVISOR = `
param([string]$Folder)
$ErrorActionPreference = 'Stop'
$started = (Get-Process -Id $PID).StartTime.ToUniversalTime().Ticks
function Put($name, $value) {
  $part = Join-Path $Folder ($name + '.part')
  [IO.File]::WriteAllText($part, (ConvertTo-Json -Compress $value))
  Move-Item -Force -LiteralPath $part -Destination (Join-Path $Folder $name)
}
Put '${FILES.process}' @{ pid = $PID; started = [string]$started }
$script = Join-Path $Folder '${FILES.script.powershell}'
$log = Join-Path $Folder '${FILES.log}'
$line = 'powershell.exe -NoProfile -NonInteractive -ExecutionPolicy Bypass -File "{0}" < NUL >> "{1}" 2>&1' -f $script, $log
$code = $null
try {
  & cmd.exe /d /s /c ('"' + $line + '"')
  $code = $LASTEXITCODE
} finally {
  Put '${FILES.exit}' @{ code = $code; signal = $null; at = [DateTime]::UtcNow.ToString('yyyy-MM-ddTHH:mm:ssZ') }
}
`;

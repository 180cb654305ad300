import { execFile } from 'node:child_process';
import { devNull } from 'node:os';
import { promisify } from 'node:util';

const run = promisify(execFile);
const GIT_MS = 20_000;
const MAX_BYTES = 64e6;

/** Looks only: no monitor, no hook, no index written. */
const LOOKS_ONLY = ['-c', 'core.fsmonitor=false', '-c', `core.hooksPath=${devNull}`, '-c', 'core.quotePath=false'];

/**
 * What git prints, asked about a folder that is trusted: it writes nothing, runs no hook or monitor of the repository and
 * asks nobody. Throws where it fails, is not there, takes too long or prints more than `maxBytes`.
 */
export async function gitOutput(
  cwd: string,
  args: readonly string[],
  { signal, maxBytes = MAX_BYTES, ms = GIT_MS }: { signal?: AbortSignal; maxBytes?: number; ms?: number } = {},
): Promise<string> {
  const { stdout } = await run('git', [...LOOKS_ONLY, ...args], {
    cwd,
    env: { ...known(), GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' },
    timeout: ms,
    maxBuffer: maxBytes,
    windowsHide: true,
    ...(signal ? { signal } : {}),
  });
  return stdout;
}

/** No GIT_* of the user's own, which may point elsewhere. */
function known(): NodeJS.ProcessEnv {
  const names = ['PATH', 'Path', 'HOME', 'USERPROFILE', 'SystemRoot', 'TEMP', 'TMP', 'TMPDIR', 'XDG_CONFIG_HOME'];
  return Object.fromEntries(
    names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}

import { spawn, type ChildProcess } from 'node:child_process';
import { platform } from 'node:os';

/**
 * Reads which process groups run, from a pipe that only this process writes to. When that ends, whatever ended it, what
 * still runs is asked to end and then killed.
 */
const SCRIPT = `
groups=
while read -r sign group; do
  rest=
  for one in $groups; do [ "$one" = "$group" ] || rest="$rest $one"; done
  case $sign in +) groups="$rest $group" ;; *) groups=$rest ;; esac
done
[ -n "$groups" ] || exit 0
for one in $groups; do kill -s TERM -- "-$one"; done
sleep 0.25 || sleep 1
for one in $groups; do kill -s KILL -- "-$one"; done
`;

/**
 * Sees to it that no command outlives this process, also where this process is killed and can do nothing any more. One
 * shell that waits on a pipe, started with the first command. Windows has none: there the editor's own end counts alone.
 */
export class Warden {
  readonly #groups = new Set<number>();
  #shell: ChildProcess | undefined;

  /** Watches over a process group until what it gives is called. */
  watch(group: number | undefined): () => void {
    if (group === undefined || platform() === 'win32') return () => undefined;
    this.#groups.add(group);
    if (this.#shell) this.#tell('+', group);
    else this.#start();
    return () => {
      if (this.#groups.delete(group)) this.#tell('-', group);
    };
  }

  #start(): void {
    // A session of its own: what is sent to this process's whole group must not reach it.
    const shell = spawn('/bin/sh', ['-c', SCRIPT], {
      ...{ cwd: '/', env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin' } },
      ...{ detached: true, stdio: ['pipe', 'ignore', 'ignore'] },
    });
    const gone = (): void => {
      // The next command starts another, which is told of all that run.
      if (this.#shell === shell) this.#shell = undefined;
    };
    shell.once('error', gone).once('exit', gone);
    shell.stdin?.on('error', gone);
    shell.unref();
    // The pipe of a child keeps a process alive like a socket, which it is.
    (shell.stdin as { unref?: () => void } | null)?.unref?.();
    this.#shell = shell;
    for (const group of this.#groups) this.#tell('+', group);
  }

  #tell(sign: '+' | '-', group: number): void {
    this.#shell?.stdin?.write(`${sign} ${group}\n`);
  }
}

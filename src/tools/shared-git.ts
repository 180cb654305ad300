import { posix, resolve } from 'node:path';
import type { CommandPart } from '../agent/tool';
import type { Host } from '../host/host';

/** Keys of a repository's own configuration by which git starts a program, or reads further, while it only looks. */
const STARTS_A_PROGRAM =
  /^\s*(?:external|command|textconv|clean|smudge|process|program|showsignature|worktree)\s*=|^\s*\[\s*include(?:if)?\b|\]\s*(?:external|command|textconv|clean|smudge|process|program|showsignature|worktree)\s*=/imu;
const GIT = /(?:^|[\s/(`])git(?:\s|$)/u;
/** Where a line may go before git starts, beside the folder it runs in. */
const ELSEWHERE = /(?:\b(?:cd|pushd)|\s-C)\s+(?:--\s+)?(["']?)([^\s"';&|]+)\1/gu;

/**
 * Commands of git that only read need asking for where the repository's configuration names programs: `git diff` starts
 * what `.git/config` says. That file comes with no clone, but with a copied folder.
 */
export async function judgedByGit(
  parts: readonly CommandPart[],
  command: string,
  cwd: string,
  host: Host,
): Promise<CommandPart[]> {
  const looks = parts.filter((part) => part.class === 'read-only' && GIT.test(part.text));
  if (looks.length === 0) return [...parts];
  const places = [cwd, ...[...command.matchAll(ELSEWHERE)].map(([, , path = '.']) => resolve(cwd, path))];
  const reasons = await Promise.all(places.map((place) => programsOf(place, host)));
  const reason = reasons.find((one) => one !== undefined);
  if (reason === undefined) return [...parts];
  return parts.map((part) => (looks.includes(part) ? { ...part, class: 'unknown', reason, opaque: true } : part));
}

/** Why git may start a program in this folder: its own repository, or one further up, says so. */
async function programsOf(folder: string, host: Host): Promise<string | undefined> {
  for (let at = folder; ; at = resolve(at, '..')) {
    const git = posix.join(at, '.git');
    const stat = await host.stat(git);
    if (stat !== undefined) return (await configured(git, host)) ?? (await hooked(git, host));
    if (at === resolve(at, '..')) return undefined;
  }
}

async function configured(git: string, host: Host): Promise<string | undefined> {
  for (const path of [posix.join(git, 'config'), posix.join(git, 'config.worktree')]) {
    const file = await host.read(path).catch(() => undefined);
    const line = file && STARTS_A_PROGRAM.exec(Buffer.from(file.bytes).toString())?.[0];
    if (line) return `git would start what ${path} names (${line.trim()})`;
  }
  return undefined;
}

async function hooked(git: string, host: Host): Promise<string | undefined> {
  const hook = posix.join(git, 'hooks', 'post-index-change');
  return (await host.stat(hook)) ? `git may start ${hook}` : undefined;
}

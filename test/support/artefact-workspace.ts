import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Action, Dialect } from '../../src/agent/tool';
import { classifyLine } from '../../src/shell/classify';
import { grammarOf } from '../../src/shell/grammar';

/** A folder of its own with real files and a real repository. */
export class ArtefactWorkspace {
  readonly path = realpathSync(mkdtempSync(join(tmpdir(), 'artefacts-')));

  /** Writes files: what is given as a number is that many bytes. */
  put(files: Record<string, string | number>): this {
    for (const [name, content] of Object.entries(files)) {
      const path = join(this.path, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, typeof content === 'number' ? Buffer.alloc(content, 7) : content);
    }
    return this;
  }

  git(...args: string[]): string {
    const who = ['-c', 'user.name=a', '-c', 'user.email=a@example.org', '-c', 'commit.gpgsign=false'];
    return execFileSync('git', ['-C', this.path, ...who, ...args], { encoding: 'utf8', stdio: 'pipe' });
  }

  /** Makes it a repository whose first commit holds the named files. */
  commit(...names: string[]): this {
    this.git('init', '-q');
    this.git('add', '-f', ...names);
    this.git('commit', '-q', '-m', 'start');
    return this;
  }

  /** What an Execute call with this command is, read by the real grammar. */
  async command(command: string, cwd = '.', dialect: Dialect = 'bash'): Promise<Action> {
    const path = join(this.path, cwd);
    return {
      effect: 'execute',
      command,
      dialect,
      cwd: { path, shown: cwd, inside: true },
      parts: classifyLine(command, await grammarOf(dialect)),
    };
  }

  edit(name: string): Action {
    return { effect: 'edit', paths: [{ path: join(this.path, name), shown: name, inside: true }] };
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}

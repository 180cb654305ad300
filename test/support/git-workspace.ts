import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const SKILLS = resolve(__dirname, '..', '..', 'skills');
// Nobody's own git settings, hooks or signing may decide a test.
const ENVIRONMENT = {
  ...process.env,
  GIT_CONFIG_GLOBAL: join(tmpdir(), 'no-such-git-settings'),
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.org',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.org',
  PYTHONDONTWRITEBYTECODE: '1',
};

export interface ScriptEnd {
  code: number | null;
  out: string;
  err: string;
}

/** A repository of its own with a real git, in a folder whose name has a space, and the scripts of our skills run in it. */
export class GitWorkspace {
  private readonly parent = realpathSync(mkdtempSync(join(tmpdir(), 'skills of ')));
  readonly folder = join(this.parent, 'repo');

  constructor() {
    mkdirSync(this.folder);
    this.git('init', '--quiet', '--initial-branch=main');
  }

  git(...words: string[]): string {
    return execFileSync('git', words, { cwd: this.folder, encoding: 'utf8', env: ENVIRONMENT, stdio: 'pipe' }).trim();
  }

  put(files: Readonly<Record<string, string | Buffer>>, folder = this.folder): void {
    for (const [name, content] of Object.entries(files)) {
      const path = join(folder, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content);
    }
  }

  commit(message: string, files: Readonly<Record<string, string | Buffer>>): string {
    this.put(files);
    this.git('add', '--force', '--', ...Object.keys(files));
    this.git('commit', '--quiet', '--message', message);
    return this.git('rev-parse', 'HEAD');
  }

  /** Runs a script by its path below skills/; `folder` is where it runs. */
  run(script: string, words: readonly string[], folder = this.folder, environment: NodeJS.ProcessEnv = {}): ScriptEnd {
    const { status, stdout, stderr, error } = spawnSync('python3', [join(SKILLS, script), ...words], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...ENVIRONMENT, ...environment },
    });
    if (error) throw error;
    assert.doesNotMatch(stderr, /Traceback/u);
    return { code: status, out: stdout, err: stderr.trim() };
  }

  remove(): void {
    rmSync(this.parent, { recursive: true, force: true });
  }
}

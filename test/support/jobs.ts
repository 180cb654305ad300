import { execFileSync } from 'node:child_process';
import { mkdtempSync, realpathSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Makers, makersFile } from '../../src/artefacts/makers';
import { Trash } from '../../src/artefacts/trash';
import type { Host } from '../../src/host/host';
import { createNodeHost } from '../../src/host/node';
import { isOver, type JobState } from '../../src/jobs/job';
import { findJob, isDamaged, type JobStatus } from '../../src/jobs/jobs';
import { startJob, type JobsHome, type Started, type Wanted } from '../../src/jobs/start';

/** A workspace and a place for its jobs, on the disk; what runs in it is ended with it. */
export class JobsWorld {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), 'ml-jobs-')));
  readonly workspace = join(this.root, 'work');
  readonly trash = new Trash(join(this.root, 'trash'));
  readonly makers = new Makers(makersFile(this.trash.folder));
  readonly home: JobsHome = {
    state: join(this.root, 'state'),
    secrets: [],
    waitSeconds: () => 600,
    stopSeconds: () => 10,
    noting: () => ({ trash: this.trash, makers: this.makers }),
  };
  readonly host: Host;
  readonly #started: Started[] = [];

  constructor() {
    execFileSync('mkdir', ['-p', this.workspace]);
    this.host = createNodeHost({ folders: [this.workspace] });
  }

  async start(command: string, more: Partial<Wanted> = {}): Promise<Started> {
    const started = await startJob(this.home, this.host, {
      ...{ command, cwd: this.workspace, title: 'a test', words: [], watches: [], session: 's', call: 'c' },
      ...more,
    });
    this.#started.push(started);
    return started;
  }

  async look(id: string): Promise<JobStatus> {
    const found = await findJob({ state: this.home.state, folders: [this.workspace] }, id);
    if (!found || isDamaged(found)) throw new Error(`job ${id}: ${found?.damaged ?? 'is not there'}`);
    return found;
  }

  /** The job once it is over; fails after a while that no slow machine needs. */
  async over(id: string): Promise<JobStatus & { state: Extract<JobState, { state: 'ended' }> }> {
    const found = await until(async () => {
      const now = await this.look(id);
      return isOver(now.state) ? now : undefined;
    }, `job ${id} to be over`);
    return found as JobStatus & { state: Extract<JobState, { state: 'ended' }> };
  }

  async remove(): Promise<void> {
    for (const { id } of this.#started) {
      const pid = (await this.look(id).catch(() => undefined))?.found.process?.pid;
      if (pid !== undefined) killGroup(pid);
    }
    // What was killed may still be writing its end.
    await rm(this.root, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }
}

/** What `look` gives once it gives something. */
export async function until<T>(look: () => Promise<T | undefined>, what: string): Promise<T> {
  for (const end = Date.now() + 60_000; Date.now() < end; await delay(20)) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
  }
  throw new Error(`waited a minute for ${what}`);
}

export function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}
